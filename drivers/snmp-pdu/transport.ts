/**
 * The UDP socket that net-snmp is given instead of its own: connected, so that the kernel drops datagrams from every other address; filtered
 * once more by form (datagram.ts); and released from the event loop while nothing is asked.
 */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { type Expected, mayAnswer } from './datagram.ts';

/** The part of dgram.Socket that net-snmp uses. */
export class GuardedSocket {
  readonly #socket: Socket;
  readonly #expected: Expected;
  /** Datagrams that were dropped for their form, for the debug log. */
  dropped = 0;
  #closed = false;

  constructor(socket: Socket, expected: Expected) {
    this.#socket = socket;
    this.#expected = expected;
  }

  on(event: string, run: (...args: unknown[]) => void): this {
    if (event !== 'message') {
      this.#socket.on(event, run);
      return this;
    }
    this.#socket.on('message', (bytes) => {
      if (mayAnswer(bytes, this.#expected)) run(bytes);
      else this.dropped += 1;
    });
    return this;
  }

  /** Host and port are those of the connection, whatever net-snmp passes. */
  send(bytes: Buffer, offset: number, length: number, _port: number, _address: string, sent: (error: Error | null) => void): void {
    if (this.#closed) return sent(new Error('the socket is closed'));
    this.#socket.send(bytes, offset, length, sent);
  }

  bind(): void {}

  ref(): void {
    if (!this.#closed) this.#socket.ref();
  }

  unref(): void {
    if (!this.#closed) this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

/** A socket that talks to one address only. Rejects where the name does not resolve or no route exists. */
export async function connectTo(host: string, port: number, expected: Expected): Promise<GuardedSocket> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      // Not as the callback of `connect`: that one is called on failure too (no route), and the failure then is no `error` event.
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve();
      });
      socket.connect(port, address);
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.unref();
  return new GuardedSocket(socket, expected);
}

/** The kernel's words for "nobody listens there": ICMP port, host or network unreachable. */
export function isRefusal(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code;
  return code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH';
}
