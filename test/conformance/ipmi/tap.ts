/**
 * A BMC's socket with a hand on it: every datagram between the driver and a mock BMC passes here, and can be recorded, dropped, kept back
 * or accompanied by others.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { MockBmc } from '../../../hardware-mocks/index.ts';
import { unauthenticatedOff } from './forged.ts';

type Datagram = Uint8Array;

/** RMCP+ header: authentication type 06h at 4, payload type at 5 (bits 0-5; 0 is an IPMI message), session id at 6 to 9. */
const AUTHENTICATION_TYPE = 4;
const RMCP_PLUS = 0x06;
const PAYLOAD_TYPE = 5;
const SESSION_ID = 6;

/** An IPMI message within a session: what follows the login, and so everything that tells or switches power. */
export function withinSession(datagram: Datagram): boolean {
  return (
    datagram[AUTHENTICATION_TYPE] === RMCP_PLUS &&
    ((datagram[PAYLOAD_TYPE] ?? 0) & 0x3f) === 0 &&
    sessionId(datagram).some((byte) => byte !== 0)
  );
}

export const sessionId = (datagram: Datagram): Uint8Array => datagram.subarray(SESSION_ID, SESSION_ID + 4);

/** What leaves instead of one reply: in this order, from the BMC's own address or from a stranger's. */
export interface Leaving {
  readonly datagram: Datagram;
  readonly from: 'bmc' | 'stranger';
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
  readonly #bmc: MockBmc;
  readonly #twin: MockBmc;
  readonly #socket: Socket;
  readonly #stranger: Socket;
  #keeping = false;
  #kept: Datagram[] = [];
  /** The twin's answer to what the driver asked before. */
  #earlierFalse: Datagram | undefined;

  private constructor(bmc: MockBmc, twin: MockBmc, socket: Socket, stranger: Socket) {
    this.#bmc = bmc;
    this.#twin = twin;
    this.#socket = socket;
    this.#stranger = stranger;
    socket.on('message', (datagram, { port }) => this.#pass(datagram, port));
    for (const each of [socket, stranger]) each.on('error', () => undefined);
  }

  /**
   * `twin` hears all that `bmc` hears and draws the same random bytes: it has the same keys, so that its answers are right in every byte,
   * only that its machine is off.
   */
  static async start(bmc: MockBmc, twin: MockBmc): Promise<Tap> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new Tap(bmc, twin, ...sockets);
  }

  get port(): number {
    return (this.#socket.address() as AddressInfo).port;
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
  }

  get earlierFalse(): Datagram | undefined {
    return this.#earlierFalse;
  }

  #pass(datagram: Datagram, port: number): void {
    this.#record('>', datagram);
    if (this.silent || (this.halfOpen && withinSession(datagram))) return;
    const falseReply = this.#twin.hear(datagram)[0]?.bytes;
    for (const { bytes } of this.#bmc.hear(datagram)) this.#leave(bytes, falseReply, port);
    if (falseReply !== undefined && withinSession(falseReply)) this.#earlierFalse = falseReply;
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
  #record(direction: '<' | '>', datagram: Datagram): void {
    const line = `${direction} ${Buffer.from(datagram).toString('hex')}`;
    if (this.transcript.at(-1) !== line) this.transcript.push(line);
  }
}

/** Impostors: each says that the power is off, right before the true answer. */
export function impostors(tap: Tap): Readonly<Record<string, () => void>> {
  const before = (forge: (reply: Datagram, falseReply: Datagram | undefined) => readonly Leaving[]) => () => {
    tap.bend = (reply, falseReply) => {
      const truth: Leaving = { datagram: reply, from: 'bmc' };
      return withinSession(reply) ? [...forge(reply, falseReply), truth] : [truth];
    };
  };
  const own = (datagram: Datagram): Leaving => ({ datagram, from: 'bmc' });
  return {
    'an answer with the right keys from another address': before((_reply, twin) =>
      twin === undefined ? [] : [{ datagram: twin, from: 'stranger' }],
    ),
    'an answer to an earlier request, with the right keys': before(() => (tap.earlierFalse === undefined ? [] : [own(tap.earlierFalse)])),
    'an answer of another session': before((_reply, twin) => (twin === undefined ? [] : [own(ofAnotherSession(twin))])),
    'answers without session and authentication': before(() => unauthenticatedOff(undefined).map(own)),
    'answers within the session, neither authenticated nor encrypted': before((reply) => unauthenticatedOff(sessionId(reply)).map(own)),
  };
}

function ofAnotherSession(datagram: Datagram): Datagram {
  const other = Uint8Array.from(datagram);
  other[SESSION_ID] = (other[SESSION_ID] ?? 0) ^ 0xff;
  return other;
}
