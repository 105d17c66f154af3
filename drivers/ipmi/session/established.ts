/** A session after RAKP 4: seals requests, opens and matches responses. */
import {
  admit,
  COMMAND,
  type Command,
  decodeResponse,
  encodeCloseSession,
  encodeRequest,
  freshWindow,
  nextSequence,
  openPlus,
  PAYLOAD,
  type ReceiveWindow,
  type SessionKeys,
  sealPlus,
} from '../codec/index.ts';
import type { Quirks } from '../quirks.ts';
import type { Chance, Time } from './terms.ts';

export interface Request {
  readonly command: Command;
  readonly data: Uint8Array;
  readonly rqSeq: number;
}

export interface Response {
  readonly completionCode: number;
  readonly data: Uint8Array;
}

export class Established {
  readonly keys: SessionKeys;
  readonly #consoleSessionId: number;
  readonly #bmcSessionId: number;
  readonly #quirks: Quirks;
  readonly #chance: Chance;
  #sequence = 0;
  #rqSeq = 0;
  #window: ReceiveWindow = freshWindow;
  /** When the BMC was last heard in this session. */
  heardAt: Time = Number.NEGATIVE_INFINITY;

  constructor(keys: SessionKeys, consoleSessionId: number, bmcSessionId: number, quirks: Quirks, chance: Chance) {
    this.keys = keys;
    this.#consoleSessionId = consoleSessionId;
    this.#bmcSessionId = bmcSessionId;
    this.#quirks = quirks;
    this.#chance = chance;
  }

  /** A request with a number of its own: no answer to an earlier one fits it. */
  request(command: Command, data: Uint8Array): Request {
    this.#rqSeq = (this.#rqSeq + 1) % 64;
    return { command, data, rqSeq: this.#rqSeq };
  }

  /** Each copy gets a new session sequence number, as the specification wants for repetitions too. */
  seal({ command, data, rqSeq }: Request): Uint8Array {
    this.#sequence = nextSequence(this.#sequence);
    const payload = encodeRequest({ netFn: command.netFn, cmd: command.cmd, data, rqSeq });
    const plain = { payloadType: PAYLOAD.ipmi, sessionId: this.#bmcSessionId, sequence: this.#sequence, payload };
    return sealPlus(plain, this.keys, this.#chance.bytes(this.keys.suite.confidentiality.ivLength));
  }

  /** The response to exactly this request; `surplus`: one more to the request before; undefined for everything else that may arrive. */
  receive(datagram: Uint8Array, request: Request | undefined, now: Time): Response | 'surplus' | undefined {
    const packet = openPlus(datagram, this.keys);
    if (!packet.ok || packet.value.sessionId !== this.#consoleSessionId || packet.value.payloadType !== PAYLOAD.ipmi) return undefined;
    const window = admit(this.#window, packet.value.sequence);
    if (window === undefined) return undefined;
    this.#window = window;
    this.heardAt = now;
    const response = decodeResponse(packet.value.payload, this.#quirks.ignoreChecksums ? 'ignore' : 'check');
    if (!response.ok) return undefined;
    const { netFn, cmd, rqSeq, completionCode, data } = response.value;
    if (request === undefined) return rqSeq === this.#rqSeq ? 'surplus' : undefined;
    const { command } = request;
    if (rqSeq === (request.rqSeq + 63) % 64) return 'surplus';
    return netFn === (command.netFn | 1) && cmd === command.cmd && rqSeq === request.rqSeq ? { completionCode, data } : undefined;
  }

  /** Request data of Close Session. */
  get closeData(): Uint8Array {
    return encodeCloseSession(this.#bmcSessionId);
  }

  /** Close Session, sealed. */
  close(): Uint8Array {
    return this.seal(this.request(COMMAND.closeSession, this.closeData));
  }
}
