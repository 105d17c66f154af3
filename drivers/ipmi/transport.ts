/** UDP to one BMC: a connected socket, so that datagrams from any other address or port never arrive and ICMP errors do. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';

export interface WireEvents {
  /** A datagram from the BMC's own address and port. */
  datagram(bytes: Uint8Array): void;
  /** ICMP port unreachable: nothing listens there at the moment. */
  refused(): void;
  /** The network does not take the datagram: no route, no such name. */
  failed(reason: string): void;
}

export interface Wire {
  /** `mayLeave` is asked again where the datagram had to wait for the name to be looked up; without it, it may leave whenever it can. */
  send(datagram: Uint8Array, mayLeave?: () => boolean): void;
  /** What was given to `send` still goes out; no event comes any more. Idempotent. */
  close(): void;
}

export type OpenWire = (host: string, port: number, events: WireEvents) => Wire;

/** Datagrams held while the name is looked up; the machine repeats itself, so more are of no use. */
const MAX_HELD = 8;

class UdpWire implements Wire {
  readonly #events: WireEvents;
  readonly #port: number;
  #socket: Socket | undefined;
  #connected = false;
  #held: { readonly datagram: Uint8Array; readonly mayLeave: () => boolean }[] = [];
  #sending = 0;
  #closing = false;

  constructor(host: string, port: number, events: WireEvents) {
    this.#events = events;
    this.#port = port;
    const family = isIP(host);
    if (family !== 0) this.#connect(host, family);
    else {
      lookup(host, (error, address, found) => {
        if (this.#closing) return;
        if (error === null) this.#connect(address, found);
        else this.#events.failed(error.code ?? 'the name is not known');
      });
    }
  }

  send(datagram: Uint8Array, mayLeave: () => boolean = () => true): void {
    if (this.#closing) return;
    const socket = this.#socket;
    if (socket === undefined || !this.#connected) {
      if (this.#held.length < MAX_HELD) this.#held.push({ datagram, mayLeave });
      return;
    }
    this.#sending += 1;
    socket.send(datagram, (error) => {
      this.#sending -= 1;
      if (error !== null) this.#trouble(error);
      if (this.#closing && this.#sending === 0) this.#release();
    });
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#held = [];
    if (this.#sending === 0) this.#release();
  }

  #connect(address: string, family: number): void {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    this.#socket = socket;
    socket.on('error', (error) => this.#trouble(error));
    socket.on('message', (bytes) => {
      if (!this.#closing) this.#events.datagram(bytes);
    });
    // Not as the callback of `connect`: that one is called on failure too (no route), and the failure then is no `error` event.
    socket.on('connect', () => {
      this.#connected = true;
      const held = this.#held;
      this.#held = [];
      for (const { datagram, mayLeave } of held) if (mayLeave()) this.send(datagram);
    });
    socket.connect(this.#port, address);
  }

  #trouble(error: NodeJS.ErrnoException): void {
    if (this.#closing) return;
    if (error.code === 'ECONNREFUSED') this.#events.refused();
    else this.#events.failed(error.code ?? 'unknown network error');
  }

  #release(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

export const openUdp: OpenWire = (host, port, events) => new UdpWire(host, port, events);
