/**
 * The ICMP echoes of one round: one socket for each family, shared by all addresses that are asked. One lost echo says nothing, so
 * several are sent, a little apart; the first reply that carries our nonce and comes from the address itself settles it.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '../coordinator/ports.ts';
import { type Family, familyOf } from './address.ts';
import { echoRequest, NONCE_BYTES, nonceOfReply } from './echo.ts';
import type { EchoSocket, EchoSockets } from './icmp-socket.ts';
import { calledOff, type Deadline, heard, type Probe, type Result, silent, unable } from './probe.ts';

const ECHOES = 3;
const APART_MS = 300;

interface Asked {
  readonly from: Buffer;
  settle(): void;
}

/** Why no echo can be sent at all, so that the next way is to be tried. */
export type Unusable = { readonly unusable: string };

export class Echoes {
  readonly #sockets: EchoSockets;
  readonly #clock: Clock;
  readonly #open = new Map<Family, EchoSocket | string>();
  /** By nonce, in hexadecimal. */
  readonly #asked = new Map<string, Asked>();
  readonly #identifier = randomInt(0x10000);

  constructor(sockets: EchoSockets, clock: Clock) {
    this.#sockets = sockets;
    this.#clock = clock;
  }

  /** The probe of one address, or why this machine can send no echoes of its family. */
  probe(address: string): Probe | Unusable {
    const family = familyOf(address);
    const socket = this.#socketOf(family);
    if (typeof socket === 'string') return { unusable: socket };
    const from = this.#sockets.bytesOf(address);
    if (from === undefined) return { unusable: `${address} is no IP address` };
    return (deadline) => this.#ask(socket, family, address, from, deadline);
  }

  /** The round is over: nothing stays open. */
  close(): void {
    for (const socket of this.#open.values()) if (typeof socket !== 'string') socket.close();
    this.#open.clear();
    this.#asked.clear();
  }

  #socketOf(family: Family): EchoSocket | string {
    const before = this.#open.get(family);
    if (before !== undefined) return before;
    const made = this.#sockets.open(family, (message, from) => {
      const nonce = nonceOfReply(family, message);
      const asked = nonce === undefined ? undefined : this.#asked.get(nonce.toString('hex'));
      if (asked?.from.equals(from) === true) asked.settle();
    });
    this.#open.set(family, made);
    return made;
  }

  #ask(socket: EchoSocket, family: Family, address: string, from: Buffer, { ms, signal }: Deadline): Promise<Result> {
    const via = `icmp (${socket.kind} socket)`;
    // No echo that would have less time than the gap between two for its answer.
    const echoes = Math.max(1, Math.min(ECHOES, Math.floor(ms / APART_MS)));
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(calledOff);
      const nonce = randomBytes(NONCE_BYTES);
      const timers: (() => void)[] = [];
      let tried = 0;
      let sent = 0;
      let fault: string | undefined;
      const settle = (result: Result): void => {
        for (const cancel of timers) cancel();
        signal.removeEventListener('abort', abort);
        this.#asked.delete(nonce.toString('hex'));
        resolve(result);
      };
      const abort = (): void => settle(calledOff);
      const send = (): void => {
        const failed = socket.send(echoRequest(family, this.#identifier, tried, nonce), address);
        tried += 1;
        if (failed === undefined) sent += 1;
        else fault = failed;
        if (tried === echoes && sent === 0) settle(unable(`our own kernel sends no echo there (${fault ?? 'unknown'})`, via));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#asked.set(nonce.toString('hex'), { from, settle: () => settle(heard(via)) });
      const words = (): string => `no answer to ${sent === 1 ? '1 echo' : `${sent} echoes`} within ${Math.round(ms)} ms`;
      timers.push(this.#clock.after(ms, () => settle(silent(via, words()))));
      for (let i = 1; i < echoes; i += 1) timers.push(this.#clock.after(i * APART_MS, send));
      send();
    });
  }
}
