/**
 * A BMC's socket with a hand on it: every datagram between the driver and a BMC passes here, and can be recorded, dropped, kept back or
 * accompanied by others.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

type Datagram = Uint8Array;

/** RMCP+ header: authentication type 06h at 4, payload type at 5 (bits 0-5; 0 is an IPMI message), session id at 6 to 9. */
const AUTHENTICATION_TYPE = 4;
const RMCP_PLUS = 0x06;
const PAYLOAD_TYPE = 5;
const SESSION_ID = 6;
const OPEN_SESSION_REQUEST = 0x10;

/** An IPMI message within a session: what follows the login, and so everything that tells or switches power. */
export function withinSession(datagram: Datagram): boolean {
  return (
    datagram[AUTHENTICATION_TYPE] === RMCP_PLUS &&
    ((datagram[PAYLOAD_TYPE] ?? 0) & 0x3f) === 0 &&
    sessionId(datagram).some((byte) => byte !== 0)
  );
}

export const sessionId = (datagram: Datagram): Uint8Array => datagram.subarray(SESSION_ID, SESSION_ID + 4);

export async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** What leaves instead of one reply: in this order, from the BMC's own address or from a stranger's. */
export interface Leaving {
  readonly datagram: Datagram;
  readonly from: 'bmc' | 'stranger';
}

/** Where datagrams go. Each answer comes with the false one, where there is one: right in every byte, only that the power is off. */
export interface Behind {
  hear(datagram: Datagram, answer: (reply: Datagram, falseReply?: Datagram) => void): void;
  stop(): Promise<void>;
}

export type Bend = (reply: Datagram, falseReply: Datagram | undefined) => readonly Leaving[];

export class Tap {
  readonly transcript: string[] = [];
  silent = false;
  /** Opens sessions and then says nothing within them. */
  halfOpen = false;
  /** Hears what comes within a session; what it answers there is lost. */
  repliesLost = false;
  bend: Bend | undefined;
  logins = 0;
  readonly #behind: Behind;
  readonly #socket: Socket;
  readonly #stranger: Socket;
  #keeping = false;
  #kept: Datagram[] = [];
  /** The twin's answer to what the driver asked before. */
  #earlierFalse: Datagram | undefined;

  private constructor(behind: Behind, socket: Socket, stranger: Socket) {
    this.#behind = behind;
    this.#socket = socket;
    this.#stranger = stranger;
    socket.on('message', (datagram, { port }) => this.#pass(datagram, port));
    for (const each of [socket, stranger]) each.on('error', () => undefined);
  }

  static async start(behind: Behind): Promise<Tap> {
    return new Tap(behind, await boundSocket(), await boundSocket());
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** From now on answers within a session are kept back, until the returned function is called; they leave before the next one. */
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
    this.bend = undefined;
  }

  async stop(): Promise<void> {
    for (const socket of [this.#socket, this.#stranger]) {
      const gone = once(socket, 'close');
      socket.close();
      await gone;
    }
    await this.#behind.stop();
  }

  get earlierFalse(): Datagram | undefined {
    return this.#earlierFalse;
  }

  #pass(datagram: Datagram, port: number): void {
    const news = this.#record('>', datagram);
    if (news && datagram[PAYLOAD_TYPE] === OPEN_SESSION_REQUEST) this.logins += 1;
    if (this.silent || (this.halfOpen && withinSession(datagram))) return;
    this.#behind.hear(datagram, (reply, falseReply) => {
      if (this.silent) return;
      this.#leave(reply, falseReply, port);
      if (falseReply !== undefined && withinSession(falseReply)) this.#earlierFalse = falseReply;
    });
  }

  #leave(reply: Datagram, falseReply: Datagram | undefined, port: number): void {
    const within = withinSession(reply);
    if (within && this.repliesLost) return;
    if (within && this.#keeping) {
      this.#kept.push(reply);
      return;
    }
    if (within) for (const late of this.#kept.splice(0)) this.#send(late, port);
    const leaving = this.bend?.(reply, falseReply) ?? [{ datagram: reply, from: 'bmc' }];
    for (const each of leaving) {
      if (each.from === 'stranger') this.#stranger.send(each.datagram, port, '127.0.0.1', () => undefined);
      else this.#send(each.datagram, port);
    }
  }

  #send(datagram: Datagram, port: number): void {
    this.#record('<', datagram);
    this.#socket.send(datagram, port, '127.0.0.1', () => undefined);
  }

  /** A retransmission is the same bytes again: it says nothing new, and whether there is one depends on the machine's load. */
  #record(direction: '<' | '>', datagram: Datagram): boolean {
    const line = `${direction} ${Buffer.from(datagram).toString('hex')}`;
    const news = this.transcript.at(-1) !== line;
    if (news) this.transcript.push(line);
    return news;
  }
}
