/**
 * The only file that knows net-snmp. Its Session is used for what it does well (BER, user security, engine discovery) and replaced where it
 * does not fit a fence: numbers of requests come from strong bytes instead of Math.random, nothing is retransmitted by its own timers,
 * a request is known before its datagram leaves, reports name their cause, and its error texts (which can carry a community or a key)
 * never leave this file.
 */
import { randomBytes } from 'node:crypto';
import * as snmp from 'net-snmp';
import type { Credentials } from './credentials.ts';
import { decryptDes, encryptDes } from './des.ts';
import type { Answer, Left, Question, Reply, Stage } from './question.ts';
import { type GuardedSocket, isRefusal } from './transport.ts';

type NetRequest = Parameters<snmp.Session['send']>[0];
type NetMessage = Parameters<snmp.Session['onSimpleGetResponse']>[1];

interface Message {
  readonly version: number;
  readonly pdu: { id: number; readonly type?: number; readonly errorStatus?: number; readonly errorIndex?: number };
  readonly buffer?: Buffer;
  readonly msgGlobalData?: { msgID: number };
  readonly msgSecurityParameters?: { readonly msgAuthoritativeEngineID: Buffer };
  toBuffer(): Buffer;
}

interface Request {
  readonly message: Message;
  readonly responseCb: (error: Error | null) => void;
  readonly feedCb: (request: Request, message: Message) => void;
  getId(): number;
}

/** Names of snmp's own parts that its typings leave out. */
interface Inside {
  reqs: Record<number, Request | undefined>;
  readonly dgram: GuardedSocket;
}

class DeviceError extends Error {
  readonly status: number;
  readonly index: number;

  constructor(status: number, index: number) {
    super('the agent answered with an error');
    this.status = status;
    this.index = index;
  }
}

class SecurityReport extends Error {
  readonly stage: Stage | undefined;

  constructor(stage: Stage | undefined) {
    super('the agent sent a report');
    this.stage = stage;
  }
}

/** usmStats counters, 1.3.6.1.6.3.15.1.1.x.0, RFC 3414 section 5. */
const REPORTS: Readonly<Record<string, Stage>> = {
  1: 'security level',
  2: 'clock',
  3: 'user',
  4: 'engine discovery',
  5: 'authentication',
  6: 'privacy',
};

/** net-snmp's ResponseInvalidCode; its typings lack the newer ones. */
const INVALID = { notDecrypted: 4, notAuthentic: 5, otherObject: 6, report: 11, outsideWindow: 14, other: 15 } as const;

type AuthNumber = Parameters<typeof snmp.Authentication.passwordToKey>[0];
type Engine = { readonly engineID: Buffer };

/** The parts of net-snmp's Encryption that are replaced here. */
interface DesSlot {
  encryptPdu: (plain: Buffer, privacy: number, password: string, auth: AuthNumber, engine: Engine) => unknown;
  decryptPdu: (secret: Buffer, privacy: number, salt: Buffer, password: string, auth: AuthNumber, engine: Engine) => Buffer;
}

/** net-snmp asks OpenSSL for single DES, which OpenSSL 3 refuses, and fills it up by one block too many: both mended here. */
function mendDes(): void {
  const slot = (snmp.Encryption.algorithms as unknown as Record<number, DesSlot | undefined>)[snmp.PrivProtocols.des];
  if (slot === undefined) return;
  const { passwordToKey } = snmp.Authentication;
  slot.encryptPdu = (plain, _privacy, password, auth, { engineID }) => {
    const salt = randomBytes(8);
    return { encryptedPdu: encryptDes(passwordToKey(auth, password, engineID), salt, plain), msgPrivacyParameters: salt };
  };
  slot.decryptPdu = (secret, _privacy, salt, password, auth, { engineID }) =>
    decryptDes(passwordToKey(auth, password, engineID), salt, secret);
}

mendDes();

/** Answers of one session at most: an agent that sends more rows than asked for is not followed. */
const MAX_ANSWERS = 256;

export class PduSession extends snmp.Session {
  readonly #bytes: (length: number) => Uint8Array;
  /** Set while a version 3 session still looks for the agent's engine id. */
  discovering = false;
  #mayAct: () => boolean = () => true;
  #tooLate: () => void = () => {};
  #left: Left = { acted: false };

  constructor(host: string, port: number, credentials: Credentials, socket: GuardedSocket, bytes: (length: number) => Uint8Array) {
    const common = {
      port,
      retries: 0,
      timeout: 60_000,
      reportOidMismatchErrors: true,
      backwardsGetNexts: false,
      strictIntRangeChecks: true,
      dgramModule: { createSocket: () => socket },
    };
    if (credentials.version === '3') super(host, userOf(credentials), { ...common, version: snmp.Version3 });
    else
      super(host, credentials.community, {
        ...common,
        version: credentials.version === '1' ? snmp.Version1 : snmp.Version2c,
      });
    this.#bytes = bytes;
    // A datagram that cannot be parsed is announced as an error; unheard it would end the process. The question waits on for its answer.
    this.on('error', () => {});
  }

  get #inside(): Inside {
    return this as unknown as Inside;
  }

  /** For the next question, where it is a SET: may it leave now, and what to do where it may not. */
  actsIn(mayAct: () => boolean, left: Left, tooLate: () => void): void {
    this.#mayAct = mayAct;
    this.#left = left;
    this.#tooLate = tooLate;
  }

  /** Puts one question; `done` is called at most once, and never after `forget`. */
  put(question: Question, done: (reply: Reply) => void): void {
    let open = true;
    const heard = (error: unknown, varbinds?: unknown): void => {
      if (!open) return;
      open = false;
      this.forget();
      done(error === null || error === undefined ? answersOf(varbinds) : replyOf(error));
    };
    if (question.ask === 'get') this.get([...question.oids], heard);
    else if (question.ask === 'next') this.getNext([...question.oids], heard);
    else if (question.ask === 'bulk') this.getBulk([question.oid], 0, question.rows, heard);
    else if (question.ask === 'set')
      this.set(
        question.values.map(({ oid, kind, value }) => ({
          oid,
          type: kind === 'integer' ? snmp.ObjectType.Integer : snmp.ObjectType.Gauge,
          value,
        })),
        heard,
      );
  }

  /** Sends the waiting datagram once more, byte for byte. */
  repeat(failed: (error: Error) => void): void {
    for (const request of Object.values(this.#inside.reqs)) if (request !== undefined) this.#transmit(request, failed);
  }

  /** Nothing is waited for any more; a late answer finds no question. */
  forget(): void {
    this.#inside.reqs = {};
    this.#inside.dgram.unref();
  }

  override send(request: NetRequest): this {
    const mine = request as unknown as Request;
    this.discovering = mine.message.version === 3 && mine.message.msgSecurityParameters?.msgAuthoritativeEngineID.length === 0;
    if (mine.message.buffer === undefined) {
      const id = this.#freshId();
      mine.message.pdu.id = id;
      if (mine.message.msgGlobalData !== undefined) mine.message.msgGlobalData.msgID = id;
    }
    this.registerRequest(request);
    this.#transmit(mine, (error) => {
      if (isRefusal(error)) this.emitRefused(error, true);
      else mine.responseCb(error);
    });
    return this;
  }

  /** Without net-snmp's timer: the client owns deadlines and repetition. */
  override registerRequest(request: NetRequest): void {
    this.#inside.reqs[Number(request.getId())] = request as unknown as Request;
    this.#inside.dgram.ref();
  }

  override unregisterRequest(id: number): NetRequest | null {
    const request = this.#inside.reqs[id];
    delete this.#inside.reqs[id];
    return (request as unknown as NetRequest | undefined) ?? null;
  }

  override onMsg(bytes: Buffer): void {
    const waiting = Object.values(this.#inside.reqs);
    try {
      super.onMsg(bytes);
    } catch {
      for (const request of waiting) request?.responseCb(new snmp.ResponseInvalidError('the answer could not be read', INVALID.other, {}));
    }
  }

  /** The socket's own errors (port closed: ECONNREFUSED) go to whoever listens. net-snmp would emit the error under its own text as name. */
  override onError(error: Error): void {
    this.emitRefused(error, false);
  }

  /** Replaced by the client. `unsent`: the refusal is of an earlier datagram, and this one never left. */
  emitRefused: (error: Error, unsent: boolean) => void = () => {};

  override onSimpleGetResponse(request: NetRequest, message: NetMessage): void {
    const { message: asked, feedCb, responseCb } = request as unknown as Request;
    const told = message as unknown as Message;
    if (told.pdu.id !== asked.pdu.id) return responseCb(new snmp.ResponseInvalidError('another request id', INVALID.other, {}));
    if ((told.pdu.errorStatus ?? 0) !== 0) return responseCb(new DeviceError(told.pdu.errorStatus ?? 5, told.pdu.errorIndex ?? 0));
    feedCb(request as unknown as Request, told);
  }

  override userSecurityModelError(request: NetRequest, oid: string): void {
    (request as unknown as Request).responseCb(new SecurityReport(REPORTS[oid.split('.').at(-2) ?? '']));
  }

  #transmit(request: Request, failed: (error: Error) => void): void {
    // A SET of version 3 may have waited for the agent's engine; whatever it waited for, it leaves in its time or not at all.
    const acts = request.message.pdu.type === snmp.PduType.SetRequest;
    if (acts && !this.#mayAct()) {
      this.#tooLate();
      return;
    }
    this.#left.acted ||= acts;
    try {
      const bytes = request.message.toBuffer();
      this.#inside.dgram.send(bytes, 0, bytes.length, 0, '', (error) => {
        if (error !== null) failed(error);
      });
    } catch (error) {
      failed(error instanceof Error ? error : new Error('the request could not be encoded'));
    }
  }

  /** 31 bits, not 0: some agents read the request id as a signed number. */
  #freshId(): number {
    const four = this.#bytes(4);
    return (((four[0] ?? 0) & 0x7f) << 24) | ((four[1] ?? 0) << 16) | ((four[2] ?? 0) << 8) | (four[3] ?? 0) || 1;
  }
}

function userOf(credentials: Extract<Credentials, { version: '3' }>): snmp.User {
  const { user, auth, priv } = credentials;
  if (auth === undefined) return { name: user, level: snmp.SecurityLevel.noAuthNoPriv };
  const named = { name: user, authProtocol: snmp.AuthProtocols[auth.protocol], authKey: auth.key };
  if (priv === undefined) return { ...named, level: snmp.SecurityLevel.authNoPriv };
  return { ...named, level: snmp.SecurityLevel.authPriv, privProtocol: snmp.PrivProtocols[priv.protocol], privKey: priv.key };
}

function answersOf(varbinds: unknown): Reply {
  const flat = (Array.isArray(varbinds) ? varbinds : []).flat() as readonly snmp.Varbind[];
  if (flat.length > MAX_ANSWERS) return { reply: 'malformed', says: `${flat.length} objects in one answer` };
  return { reply: 'answers', answers: flat.map(answerOf) };
}

function answerOf(varbind: snmp.Varbind): Answer {
  const { oid, type, value } = varbind;
  if (snmp.isVarbindError(varbind)) return { oid, kind: 'absent' };
  if (type === snmp.ObjectType.Integer && typeof value === 'number') return { oid, kind: 'integer', number: value };
  if (type === snmp.ObjectType.Gauge && typeof value === 'number') return { oid, kind: 'unsigned', number: value };
  if (type === snmp.ObjectType.OctetString && Buffer.isBuffer(value)) return { oid, kind: 'text', text: value.toString('utf8') };
  if (type === snmp.ObjectType.OID && typeof value === 'string') return { oid, kind: 'oid', text: value };
  return { oid, kind: 'other' };
}

/** net-snmp's errors by their code, never by their text: the text can repeat the community or carry the user's keys. */
function replyOf(error: unknown): Reply {
  if (error instanceof DeviceError) return { reply: 'error', error: error.status, index: error.index };
  if (error instanceof SecurityReport)
    return error.stage === undefined
      ? { reply: 'malformed', says: 'a report without a known cause' }
      : { reply: 'security', stage: error.stage };
  if (error instanceof snmp.ResponseInvalidError) {
    switch ((error as unknown as { readonly code: number }).code) {
      case INVALID.notDecrypted:
        return { reply: 'security', stage: 'privacy' };
      case INVALID.notAuthentic:
        return { reply: 'security', stage: 'authentication' };
      case INVALID.outsideWindow:
        return { reply: 'security', stage: 'clock' };
      case INVALID.otherObject:
        return { reply: 'malformed', says: 'the answer speaks of another object' };
      case INVALID.report:
        return { reply: 'malformed', says: 'a report that nothing asked for' };
      default:
        return { reply: 'malformed', says: 'the answer does not fit the question' };
    }
  }
  const code = (error as { readonly code?: unknown }).code;
  return { reply: 'unsent', says: typeof code === 'string' ? code : 'the request could not be encoded' };
}
