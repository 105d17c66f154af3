/** The SNMPv3 engine of a mock PDU: who may come in, with which keys, and what strangers are told (RFC 3412, RFC 3414). */
import type { ByteSource } from '../random.ts';
import type { Faulty } from '../faulty.ts';
import { BadBytes, element, elements, expectTag, integer, octets, readInteger, TAG } from './ber.ts';
import { writeResponse } from './request.ts';
import { type Cipher, cipherKey, type Digest, DIGESTS, decrypt, digestOf, encrypt, localKey, sameDigest } from './usm.ts';

export interface PduUser {
  readonly name: string;
  readonly auth?: { readonly digest: Digest; readonly password: string };
  readonly priv?: { readonly cipher: Cipher; readonly password: string };
  /** May set; default true. */
  readonly write?: boolean;
}

/** A message that was let in, and how its answer has to be dressed. */
interface Admitted {
  readonly pdu: Uint8Array;
  readonly write: boolean;
  dress(pdu: Uint8Array): Uint8Array;
}

interface EngineOptions {
  readonly id: Uint8Array;
  readonly users: readonly PduUser[];
  readonly bytes: ByteSource;
  readonly faults: Faulty;
  /** A request that cannot be decrypted: dropped (net-snmp, most cards), or answered with a report. */
  readonly wrongPrivacy: 'silent' | 'report';
  now(): number;
}

const REPORT = { unsupportedLevel: 1, notInWindow: 2, unknownUser: 3, unknownEngine: 4, wrongDigest: 5, decryption: 6 } as const;
const USM_STATS = '1.3.6.1.6.3.15.1.1';
const WINDOW_S = 150;

interface Header {
  readonly messageId: number;
  readonly auth: boolean;
  readonly priv: boolean;
  readonly reportable: boolean;
}

interface Keys {
  readonly auth: Buffer | undefined;
  readonly priv: Buffer | undefined;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #keys = new Map<string, Keys>();
  boots = 1;
  #bootedAt: number;
  /** Messages with an unknown user or a wrong digest, and discoveries: what a bench counts as logins. */
  readonly count = { discoveries: 0, refused: 0, admitted: 0 };

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#bootedAt = options.now();
  }

  /** Seconds since the last start. */
  get time(): number {
    return Math.floor((this.#options.now() - this.#bootedAt) / 1000);
  }

  rebooted(): void {
    this.boots += 1;
    this.#bootedAt = this.#options.now();
  }

  /** What to do with one message: an admitted request, or a report to send, or nothing. */
  admit(bytes: Uint8Array): Admitted | { readonly report: Uint8Array } | undefined {
    const [, header, security, data] = elements(expectTag(elements(bytes)[0], TAG.sequence).content, elements(bytes)[0]?.offset);
    const head = readHeader(expectTag(header, TAG.sequence).content);
    const frame = expectTag(security, TAG.octets);
    const inner = expectTag(elements(frame.content, frame.offset)[0], TAG.sequence);
    const [engineId, boots, time, user, digest, salt] = elements(inner.content, inner.offset);
    if (data === undefined || digest === undefined || salt === undefined || engineId === undefined || user === undefined)
      throw new BadBytes('security parameters are missing');
    const report = (kind: number, known?: PduUser): { readonly report: Uint8Array } | undefined => this.#report(head, kind, known);
    if (Buffer.compare(engineId.content, this.#options.id) !== 0) {
      this.count.discoveries += 1;
      return report(REPORT.unknownEngine);
    }
    const known = this.#options.users.find((each) => each.name === new TextDecoder().decode(user.content));
    if (known === undefined) return this.#refuse(report(REPORT.unknownUser));
    if (head.auth !== (known.auth !== undefined) || head.priv !== (known.priv !== undefined))
      return this.#refuse(report(REPORT.unsupportedLevel));
    const keys = this.#keysOf(known);
    if (known.auth !== undefined && keys.auth !== undefined) {
      const copy = Buffer.from(bytes);
      copy.fill(0, digest.offset, digest.offset + digest.content.length);
      if (!sameDigest(digestOf(known.auth.digest, keys.auth, copy), digest.content)) return this.#refuse(report(REPORT.wrongDigest));
      if (readInteger(boots) !== this.boots || Math.abs(readInteger(time) - this.time) > WINDOW_S) return report(REPORT.notInWindow, known);
    }
    const scoped = this.#open(known, keys, data.content, salt.content, { boots: readInteger(boots), time: readInteger(time) });
    if (scoped === undefined) return this.#options.wrongPrivacy === 'report' ? this.#refuse(report(REPORT.decryption)) : undefined;
    this.count.admitted += 1;
    return { pdu: scoped.pdu, write: known.write ?? true, dress: (pdu) => this.#dress(head.messageId, known, scoped.context, pdu) };
  }

  #refuse<T>(answer: T): T {
    this.count.refused += 1;
    this.#options.faults.badPassword();
    return answer;
  }

  #open(
    user: PduUser,
    keys: Keys,
    data: Uint8Array,
    salt: Uint8Array,
    clock: { readonly boots: number; readonly time: number },
  ): { readonly pdu: Uint8Array; readonly context: Uint8Array } | undefined {
    try {
      let plain = data;
      if (user.priv !== undefined && keys.priv !== undefined) {
        const opened = decrypt(user.priv.cipher, keys.priv, clock, salt, data);
        plain = expectTag(firstElement(opened), TAG.sequence).content;
      }
      const [engineId, context, pdu] = elements(plain);
      expectTag(engineId, TAG.octets);
      if (pdu === undefined || context === undefined) return undefined;
      return { pdu: element(pdu.tag, pdu.content), context: expectTag(context, TAG.octets).content };
    } catch {
      return undefined;
    }
  }

  #keysOf(user: PduUser): Keys {
    const found = this.#keys.get(user.name);
    if (found !== undefined) return found;
    const { auth, priv } = user;
    const keys: Keys = {
      auth: auth === undefined ? undefined : localKey(auth.digest, auth.password, this.#options.id),
      priv: auth === undefined || priv === undefined ? undefined : cipherKey(priv.cipher, auth.digest, priv.password, this.#options.id),
    };
    this.#keys.set(user.name, keys);
    return keys;
  }

  #report(head: Header, kind: number, user?: PduUser): { readonly report: Uint8Array } | undefined {
    if (!head.reportable) return undefined;
    const pdu = writeResponse(
      0,
      { error: 0, index: 0, varbinds: [{ oid: `${USM_STATS}.${kind}.0`, value: { type: 'counter', number: 1 } }] },
      TAG.report,
    );
    return {
      report: this.#dress(
        head.messageId,
        user === undefined ? undefined : { name: user.name, ...(user.auth === undefined ? {} : { auth: user.auth }) },
        new Uint8Array(),
        pdu,
      ),
    };
  }

  /** The whole message around an answer, at the security level of `user`; undefined: none. */
  #dress(messageId: number, user: PduUser | undefined, context: Uint8Array, pdu: Uint8Array): Uint8Array {
    const keys: Keys = user === undefined ? { auth: undefined, priv: undefined } : this.#keysOf(user);
    const clock = { boots: this.boots, time: this.time };
    const salt = user?.priv === undefined ? new Uint8Array() : this.#options.bytes(8);
    const scoped = element(TAG.sequence, octets(this.#options.id), octets(context), pdu);
    const data =
      user?.priv === undefined || keys.priv === undefined ? scoped : octets(encrypt(user.priv.cipher, keys.priv, clock, salt, scoped));
    const auth = user?.auth;
    const flags = (auth === undefined ? 0 : 1) | (user?.priv === undefined ? 0 : 2);
    const header = element(TAG.sequence, integer(messageId), integer(65_507), octets(Uint8Array.of(flags)), integer(3));
    const around = (digest: Uint8Array): Uint8Array => {
      const security = element(
        TAG.sequence,
        octets(this.#options.id),
        integer(clock.boots),
        integer(clock.time),
        octets(user?.name ?? ''),
        octets(digest),
        octets(salt),
      );
      return element(TAG.sequence, integer(3), header, octets(security), data);
    };
    if (auth === undefined || keys.auth === undefined) return around(new Uint8Array());
    return around(digestOf(auth.digest, keys.auth, around(new Uint8Array(DIGESTS[auth.digest].bytes))));
  }
}

/** The first element alone: what was decrypted may carry padding. */
function firstElement(bytes: Uint8Array): ReturnType<typeof elements>[number] | undefined {
  const length = bytes[1] ?? 0;
  const size =
    length < 0x80 ? 2 + length : 2 + (length - 0x80) + bytes.subarray(2, 2 + (length - 0x80)).reduce((sum, byte) => sum * 256 + byte, 0);
  return size > bytes.length ? undefined : elements(bytes.subarray(0, size))[0];
}

function readHeader(bytes: Uint8Array): Header {
  const [id, , flags, model] = elements(bytes);
  const bits = expectTag(flags, TAG.octets).content[0] ?? 0;
  if (readInteger(model) !== 3) throw new BadBytes('another security model');
  return { messageId: readInteger(id), auth: (bits & 1) !== 0, priv: (bits & 2) !== 0, reportable: (bits & 4) !== 0 };
}
