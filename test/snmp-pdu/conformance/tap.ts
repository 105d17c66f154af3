/** A mock PDU's socket with a hand on it: what passes can be recorded, dropped, kept back, bent, or preceded by a false answer. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { MockPdu } from '../../../hardware-mocks/pdu/index.ts';
import { type Impostor, isDiscovery } from './forged.ts';

/** Sends a false answer before each true one: from a stranger's address, or from the PDU's own. */
export interface Disguise {
  readonly from: 'pdu' | 'stranger';
  readonly says: Impostor;
}

export class Tap {
  readonly transcript: string[] = [];
  silent = false;
  /** Answers engine discovery (version 3), and nothing after it. */
  halfOpen = false;
  repliesLost = false;
  disguise: Disguise | undefined;
  readonly #pdu: MockPdu;
  readonly #socket: Socket;
  readonly #stranger: Socket;
  #keeping = false;
  #kept: Uint8Array[] = [];

  private constructor(pdu: MockPdu, socket: Socket, stranger: Socket) {
    this.#pdu = pdu;
    this.#socket = socket;
    this.#stranger = stranger;
    socket.on('message', (datagram, { port }) => this.#pass(datagram, port));
    for (const each of [socket, stranger]) each.on('error', () => undefined);
  }

  static async start(pdu: MockPdu): Promise<Tap> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new Tap(pdu, ...sockets);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  keepBack(): () => void {
    this.#keeping = true;
    return () => {
      this.#keeping = false;
    };
  }

  heal(): void {
    this.silent = false;
    this.halfOpen = false;
    this.repliesLost = false;
    this.disguise = undefined;
  }

  async stop(): Promise<void> {
    for (const socket of [this.#socket, this.#stranger]) {
      const gone = once(socket, 'close');
      socket.close();
      await gone;
    }
  }

  #pass(datagram: Uint8Array, port: number): void {
    const discovery = isDiscovery(datagram);
    this.#record('>', datagram);
    if (this.silent || (this.halfOpen && !discovery)) return;
    for (const { bytes } of this.#pdu.hear(datagram)) {
      if (this.repliesLost && !discovery) continue;
      if (this.#keeping && !discovery) {
        this.#kept.push(bytes);
        continue;
      }
      for (const late of this.#kept.splice(0)) this.#send(this.#socket, late, port);
      const falseAnswer = this.disguise?.says(datagram, bytes);
      if (falseAnswer !== undefined) this.#send(this.disguise?.from === 'stranger' ? this.#stranger : this.#socket, falseAnswer, port);
      this.#record('<', bytes);
      this.#send(this.#socket, bytes, port);
    }
  }

  #send(socket: Socket, bytes: Uint8Array, port: number): void {
    socket.send(bytes, port, '127.0.0.1', () => {});
  }

  /** A retransmission is the same line again, and left out. */
  #record(way: '<' | '>', datagram: Uint8Array): void {
    const line = `${way} ${Buffer.from(datagram).toString('hex')}`;
    if (way === '>' && this.transcript.findLast((each) => each.startsWith('>')) === line) return;
    this.transcript.push(line);
  }
}
