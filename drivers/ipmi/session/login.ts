/**
 * One login with one cipher suite: Open Session, RAKP 1 and 2, RAKP 3 and 4. The same message (same randoms, same tag) is what is sent
 * again. Nothing that arrives here is proven before the codes of RAKP 2 and RAKP 4 fit.
 */
import {
  type CipherSuite,
  decodeOpenSessionResponse,
  decodeRakp2,
  decodeRakp4,
  decodeSetup,
  encodeOpenSessionRequest,
  encodeRakp1,
  encodeRakp3,
  encodeSetup,
  type Exchange,
  NOTHING,
  PAYLOAD,
  type Rakp2Accepted,
  type Rakp4Accepted,
  type Refused,
  ROLE_NAME_ONLY,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  readU32,
  type SessionOpened,
  STATUS,
  sameCode,
  sessionIntegrityKey,
  sessionKeys,
  zeroPadded,
} from '../codec/index.ts';
import { Established } from './established.ts';
import type { Chance, ConsoleSettings, Credentials } from './terms.ts';

export type LoginStep = 'Open Session' | 'RAKP 2' | 'RAKP 4';

export type LoginEvent =
  | { readonly kind: 'ignored' }
  /** The BMC has opened one session more for a copy of Open Session; `goodbye` gives its slot back. */
  | { readonly kind: 'surplus'; readonly goodbye: Uint8Array }
  /** The next message is ready to be sent. */
  | { readonly kind: 'advanced' }
  /** A code did not fit: send the same message once more, for one flipped bit is no wrong password. */
  | { readonly kind: 'doubtful' }
  /** `nameless`: it says neither which message nor which session it refuses. */
  | { readonly kind: 'refused'; readonly step: LoginStep; readonly status: number; readonly nameless: boolean }
  /** A code did not fit twice. `goodbye` tells the BMC so that it frees the slot. */
  | { readonly kind: 'unproven'; readonly step: LoginStep; readonly goodbye: Uint8Array }
  | { readonly kind: 'done'; readonly session: Established; readonly guid: Uint8Array };

const IGNORED: LoginEvent = { kind: 'ignored' };

/** A BMC that answers a repeated RAKP 1 with new randoms: RAKP 4 may belong to any of them. */
const MAX_EXCHANGES = 4;
const MAX_SURPLUS = 8;

export class Login {
  readonly suite: CipherSuite;
  readonly #settings: ConsoleSettings;
  readonly #credentials: Credentials;
  readonly #chance: Chance;
  readonly #consoleSessionId: number;
  readonly #consoleRandom: Uint8Array;
  readonly #user: Uint8Array;
  readonly #role: number;
  #tag: number;
  #bmcSessionId = 0;
  #exchanges: Exchange[] = [];
  #misfits = 0;
  readonly #openTag: number;
  /** Surplus sessions that were given back. */
  readonly #given = new Set<number>();
  #datagram: Uint8Array;
  step: LoginStep = 'Open Session';

  constructor(suite: CipherSuite, settings: ConsoleSettings, credentials: Credentials, chance: Chance) {
    this.suite = suite;
    this.#settings = settings;
    this.#credentials = credentials;
    this.#chance = chance;
    this.#consoleSessionId = readU32(chance.bytes(4), 0) || 1;
    this.#consoleRandom = chance.bytes(16);
    this.#tag = chance.bytes(1)[0] ?? 0;
    this.#openTag = this.#nextTag();
    const { quirks, privilege, user } = settings;
    this.#user = quirks.paddedUser ? zeroPadded(user, 16) : user;
    this.#role = quirks.plainRole ? privilege : privilege | ROLE_NAME_ONLY;
    const { authentication, integrity, confidentiality } = suite;
    this.#datagram = encodeSetup(
      PAYLOAD.openSessionRequest,
      encodeOpenSessionRequest({
        tag: this.#openTag,
        privilege,
        consoleSessionId: this.#consoleSessionId,
        authentication: authentication.id,
        integrity: integrity.id,
        confidentiality: confidentiality.id,
      }),
    );
  }

  /** What is to be sent, or sent again. */
  get datagram(): Uint8Array {
    return this.#datagram;
  }

  /** A code has not fitted once already. */
  get doubted(): boolean {
    return this.#misfits > 0;
  }

  receive(datagram: Uint8Array): LoginEvent {
    const packet = decodeSetup(datagram);
    if (!packet.ok) return IGNORED;
    const { payloadType, payload } = packet.value;
    if (payloadType === PAYLOAD.openSessionResponse) {
      const response = decodeOpenSessionResponse(payload);
      if (!response.ok) return IGNORED;
      if (this.step !== 'Open Session') return response.value.kind === 'opened' ? this.#surplus(response.value) : IGNORED;
      return response.value.kind === 'refused' ? this.#refused(response.value) : this.#opened(response.value);
    }
    if (payloadType === PAYLOAD.rakp2 && this.step !== 'Open Session') {
      const response = decodeRakp2(payload);
      if (!response.ok) return IGNORED;
      if (response.value.kind === 'accepted') return this.#rakp2(response.value);
      return this.step === 'RAKP 2' ? this.#refused(response.value) : IGNORED;
    }
    if (payloadType === PAYLOAD.rakp4 && this.step === 'RAKP 4') {
      const response = decodeRakp4(payload);
      if (!response.ok) return IGNORED;
      return response.value.kind === 'refused' ? this.#refused(response.value) : this.#rakp4(response.value);
    }
    return IGNORED;
  }

  /** What is told to the BMC instead of a proof: our check of its code failed. It frees the slot of this login. */
  goodbye(status: number = STATUS.invalidIntegrityCheck, bmcSessionId = this.#bmcSessionId): Uint8Array {
    return encodeSetup(PAYLOAD.rakp3, encodeRakp3({ tag: this.#tag, status, bmcSessionId, code: NOTHING }));
  }

  /**
   * Gives back what the BMC may hold for this login, as far as it is known. After RAKP 3 the session may be open there already: it is
   * closed with the keys that both sides have by then; where it is not, the refusal ends it.
   */
  farewell(): readonly Uint8Array[] {
    if (this.step === 'Open Session') return [];
    const refusal = this.goodbye(STATUS.illegalParameter);
    const exchange = this.#exchanges.at(-1);
    if (this.step === 'RAKP 2' || exchange === undefined) return [refusal];
    const { password, kg } = this.#credentials;
    return [this.#established(exchange, sessionIntegrityKey(this.suite.authentication, exchange, password, kg)).close(), refusal];
  }

  #surplus(opened: SessionOpened): LoginEvent {
    const { consoleSessionId, bmcSessionId, tag } = opened;
    const known =
      bmcSessionId === this.#bmcSessionId || bmcSessionId === 0 || this.#given.has(bmcSessionId) || this.#given.size >= MAX_SURPLUS;
    if (known || consoleSessionId !== this.#consoleSessionId || tag !== this.#openTag) return IGNORED;
    this.#given.add(bmcSessionId);
    return { kind: 'surplus', goodbye: this.goodbye(STATUS.illegalParameter, bmcSessionId) };
  }

  /** Tags are never 0, so that a refusal with tag 0 (OpenBMC) can be told from an answer to our tag. */
  #nextTag(): number {
    this.#tag = (this.#tag % 255) + 1;
    return this.#tag;
  }

  /** OpenBMC's error replies carry tag 0 and session id 0; ipmi_sim's Open Session error ends before the session id. */
  #refused(refused: Refused): LoginEvent {
    const sessionId = refused.consoleSessionId ?? 0;
    const mine = refused.tag === this.#tag && (sessionId === this.#consoleSessionId || sessionId === 0);
    const nameless = refused.tag === 0 && sessionId === 0;
    return mine || nameless ? { kind: 'refused', step: this.step, status: refused.status, nameless } : IGNORED;
  }

  #opened(opened: SessionOpened): LoginEvent {
    const { authentication, integrity, confidentiality } = this.suite;
    if (opened.tag !== this.#tag || opened.consoleSessionId !== this.#consoleSessionId || opened.bmcSessionId === 0) return IGNORED;
    const asAsked =
      opened.authentication === authentication.id && opened.integrity === integrity.id && opened.confidentiality === confidentiality.id;
    // pyghmi's BMC agrees to a suite that nobody asked for instead of refusing ours.
    if (!asAsked) return { kind: 'refused', step: this.step, status: STATUS.noSuiteMatch, nameless: false };
    this.#bmcSessionId = opened.bmcSessionId;
    this.step = 'RAKP 2';
    this.#datagram = encodeSetup(
      PAYLOAD.rakp1,
      encodeRakp1({
        tag: this.#nextTag(),
        bmcSessionId: this.#bmcSessionId,
        consoleRandom: this.#consoleRandom,
        role: this.#role,
        user: this.#user,
      }),
    );
    return { kind: 'advanced' };
  }

  #rakp2(rakp2: Rakp2Accepted): LoginEvent {
    const { authentication } = this.suite;
    if (rakp2.consoleSessionId !== this.#consoleSessionId || rakp2.code.length !== authentication.codeLength) return IGNORED;
    if (this.step === 'RAKP 2' && rakp2.tag !== this.#tag) return IGNORED;
    const known = this.#exchanges.some(({ bmcRandom, guid }) => sameCode(bmcRandom, rakp2.bmcRandom) && sameCode(guid, rakp2.guid));
    if (known || this.#exchanges.length >= MAX_EXCHANGES) return IGNORED;
    const exchange: Exchange = {
      consoleSessionId: this.#consoleSessionId,
      bmcSessionId: this.#bmcSessionId,
      consoleRandom: this.#consoleRandom,
      bmcRandom: rakp2.bmcRandom,
      guid: rakp2.guid,
      role: this.#settings.quirks.unhashedLookup ? this.#role & 0x0f : this.#role,
      user: this.#user,
    };
    const { password } = this.#credentials;
    if (!sameCode(rakp2.code, rakp2Code(authentication, exchange, password))) return this.step === 'RAKP 2' ? this.#misfit() : IGNORED;
    if (this.step === 'RAKP 2') this.#nextTag();
    this.#misfits = 0;
    this.step = 'RAKP 4';
    this.#exchanges = [...this.#exchanges, exchange];
    this.#datagram = encodeSetup(
      PAYLOAD.rakp3,
      encodeRakp3({
        tag: this.#tag,
        status: STATUS.ok,
        bmcSessionId: this.#bmcSessionId,
        code: rakp3Code(authentication, exchange, password),
      }),
    );
    return { kind: 'advanced' };
  }

  #rakp4(rakp4: Rakp4Accepted): LoginEvent {
    if (rakp4.tag !== this.#tag || rakp4.consoleSessionId !== this.#consoleSessionId) return IGNORED;
    const { authentication, integrity } = this.suite;
    const { quirks } = this.#settings;
    const { password, kg } = this.#credentials;
    const length = quirks.checkValueByIntegrity ? integrity.codeLength : authentication.checkLength;
    const stray = authentication.checkLength === 0 && quirks.strayCheckValue;
    if (!stray && rakp4.code.length !== length) return IGNORED;
    for (const exchange of this.#exchanges) {
      const sik = sessionIntegrityKey(authentication, exchange, password, kg);
      if (!stray && !sameCode(rakp4.code, rakp4Code(authentication, exchange, sik, length))) continue;
      return { kind: 'done', guid: exchange.guid, session: this.#established(exchange, sik) };
    }
    return this.#misfit();
  }

  #established({ consoleSessionId, bmcSessionId }: Exchange, sik: Uint8Array): Established {
    const keys = sessionKeys(this.suite, sik, this.#credentials.password);
    return new Established(keys, consoleSessionId, bmcSessionId, this.#settings.quirks, this.#chance);
  }

  #misfit(): LoginEvent {
    this.#misfits += 1;
    return this.#misfits < 2 ? { kind: 'doubtful' } : { kind: 'unproven', step: this.step, goodbye: this.goodbye() };
  }
}
