/**
 * A device's UDP socket with a hand on it: every datagram between a driver and the device passes here, and can be recorded, dropped, kept
 * back, bent, or accompanied by others.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Stand } from '../../drivers/conformance/index.ts';

export type Datagram = Uint8Array;

/** Where datagrams go. */
export interface Behind {
  hear(datagram: Datagram, answer: (reply: Datagram) => void): void;
  stop(): Promise<void>;
}

/** What leaves instead of one reply: in this order, from the device's own address or from a stranger's. */
export interface Leaving {
  readonly datagram: Datagram;
  readonly from: 'device' | 'stranger';
}

export type Bend = (reply: Datagram, asked: Datagram) => readonly Leaving[];

export async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

export class Tap {
  readonly transcript: string[] = [];
  bend: Bend | undefined;
  readonly #behind: Behind;
  readonly #opens: (asked: Datagram) => boolean;
  readonly #socket: Socket;
  readonly #stranger: Socket;
  #silent = false;
  #halfOpen = false;
  #repliesLost = false;
  #keeping = false;
  #kept: Datagram[] = [];

  private constructor(behind: Behind, opens: (asked: Datagram) => boolean, socket: Socket, stranger: Socket) {
    this.#behind = behind;
    this.#opens = opens;
    this.#socket = socket;
    this.#stranger = stranger;
    socket.on('message', (datagram, { port }) => this.#pass(datagram, port));
    for (const each of [socket, stranger]) each.on('error', () => undefined);
  }

  /** `opens`: this request is part of a login or discovery, so that neither it nor its answer tells or switches power. */
  static async start(behind: Behind, opens: (asked: Datagram) => boolean): Promise<Tap> {
    return new Tap(behind, opens, await boundSocket(), await boundSocket());
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** What a tap can do to any device behind it; all but silence spares the opening. */
  readonly controls = {
    silence: () => {
      this.#silent = true;
    },
    /** Answers the opening, and hears nothing after it. */
    halfOpen: () => {
      this.#halfOpen = true;
    },
    /** What is asked is heard; the answer is lost. */
    loseReplies: () => {
      this.#repliesLost = true;
    },
    /** From now on answers are kept back, until the returned function is called; they leave before the next one. */
    keepBackReplies: () => {
      this.#keeping = true;
      return () => {
        this.#keeping = false;
      };
    },
    heal: () => {
      this.#silent = false;
      this.#halfOpen = false;
      this.#repliesLost = false;
      this.bend = undefined;
    },
  } satisfies Partial<Stand>;

  async stop(): Promise<void> {
    for (const socket of [this.#socket, this.#stranger]) {
      const gone = once(socket, 'close');
      socket.close();
      await gone;
    }
    await this.#behind.stop();
  }

  #pass(asked: Datagram, port: number): void {
    this.#record('>', asked);
    if (this.#silent || (this.#halfOpen && !this.#opens(asked))) return;
    this.#behind.hear(asked, (reply) => {
      if (!this.#silent) this.#leave(reply, asked, port);
    });
  }

  #leave(reply: Datagram, asked: Datagram, port: number): void {
    const opens = this.#opens(asked);
    if (!opens && this.#repliesLost) return;
    if (!opens && this.#keeping) {
      this.#kept.push(reply);
      return;
    }
    if (!opens) for (const late of this.#kept.splice(0)) this.#send(late, port);
    for (const { datagram, from } of this.bend?.(reply, asked) ?? [{ datagram: reply, from: 'device' }]) {
      if (from === 'stranger') this.#stranger.send(datagram, port, '127.0.0.1', () => undefined);
      else this.#send(datagram, port);
    }
  }

  #send(datagram: Datagram, port: number): void {
    this.#record('<', datagram);
    this.#socket.send(datagram, port, '127.0.0.1', () => undefined);
  }

  /** A retransmission, and the answer to it, are the same bytes again: whether there is one depends on the machine's load. */
  #record(direction: '<' | '>', datagram: Datagram): void {
    const line = `${direction} ${Buffer.from(datagram).toString('hex')}`;
    if (this.transcript.findLast((each) => each.startsWith(direction)) !== line) this.transcript.push(line);
  }
}
