/**
 * ssh2 asks for a channel and sends the command when the device has granted it. In between the caller may have given up, or the time of an
 * order may be over: this stands in front of the command itself. A part of ssh2 that its typings leave out; the tests know that it is there.
 */
import type { Client } from 'ssh2';

interface Protocol {
  exec(channel: number, command: string | Buffer, wantReply: boolean): void;
}

export class ExecGate {
  readonly #mayLeave = new WeakMap<Buffer, () => boolean>();

  /** `client` is logged in. */
  constructor(client: Client) {
    const { _protocol: protocol } = client as unknown as { readonly _protocol: Protocol };
    const send = protocol.exec.bind(protocol);
    protocol.exec = (channel, command, wantReply) => {
      // What is held back leaves its channel open: its line is retired by whoever gave up.
      if (typeof command === 'string' || this.#mayLeave.get(command)?.() !== false) send(channel, command, wantReply);
    };
  }

  /** The command as it is given to `exec`: bytes of its own, by which it is known again. */
  behind(mayLeave: () => boolean, command: string): string {
    const bytes = Buffer.from(command, 'utf8');
    this.#mayLeave.set(bytes, mayLeave);
    // ssh2 takes bytes as well; its typings do not.
    return bytes as unknown as string;
  }
}
