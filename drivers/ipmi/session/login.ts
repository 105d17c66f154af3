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
  openPlus,
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
  /** RAKP 2 came once more, and is of no use. */
  | { readonly kind: 'repeated' }
  /** The next message is ready to be sent. */
  | { readonly kind: 'advanced' }
  /** A code did not fit. */
  | { readonly kind: 'misfit' }
  /** `nameless`: it says neither which message nor which session it refuses; `proven`: it names our session, which nobody else can guess. */
  | {
      readonly kind: 'refused';
      readonly step: LoginStep;
      readonly status: number;
      readonly nameless: boolean;
      readonly proven: boolean;
    }
  | { readonly kind: 'done'; readonly session: Established; readonly guid: Uint8Array };

const IGNORED: LoginEvent = { kind: 'ignored' };
const REPEATED: LoginEvent = { kind: 'repeated' };

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
  /** What each RAKP 2 that fitted was made of, and the tag of the RAKP 3 that answers it. */
  #exchanges: (Exchange & { readonly rakp3Tag: number })[] = [];
  /** Codes of the present step that did not fit. */
  misfits = 0;
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

  receive(datagram: Uint8Array): LoginEvent {
    const packet = decodeSetup(datagram);
    if (!packet.ok) return this.step === 'RAKP 4' ? this.#sealedRakp4(datagram) : IGNORED;
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
   * Gives back what the BMC may hold for this login, as far as it is known. First comes once more what was not answered, for there are BMCs
   * (pyghmi) whose process ends at a message for which they have not heard the one before; where the way is `lossy` it comes twice, and a login
   * of which not even RAKP 1 is known to have been heard is left to lapse. After RAKP 3 the session may be open there: it is closed with the
   * keys that both sides have by then; where it is not, the refusal ends it.
   */
  farewell(lossy: boolean): readonly Uint8Array[] {
    if (this.step === 'Open Session') return [];
    const refusal = this.goodbye(STATUS.illegalParameter);
    const exchange = this.#exchanges.at(-1);
    // A code that did not fit shows that RAKP 1 was heard: one more would count as one more try.
    if (this.misfits > 0 && this.step === 'RAKP 2') return [refusal];
    if (this.step === 'RAKP 2' || exchange === undefined) return lossy ? [] : [this.#datagram, refusal];
    const { password, kg } = this.#credentials;
    const sik = sessionIntegrityKey(this.suite.authentication, exchange, password, kg);
    const again = lossy ? [this.#datagram, this.#datagram] : [this.#datagram];
    return [...again, this.#established(exchange, sik).close(), refusal];
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
    const proven = sessionId === this.#consoleSessionId;
    return mine || nameless ? { kind: 'refused', step: this.step, status: refused.status, nameless, proven } : IGNORED;
  }

  #opened(opened: SessionOpened): LoginEvent {
    const { authentication, integrity, confidentiality } = this.suite;
    if (opened.tag !== this.#tag || opened.consoleSessionId !== this.#consoleSessionId || opened.bmcSessionId === 0) return IGNORED;
    const asAsked =
      opened.authentication === authentication.id && opened.integrity === integrity.id && opened.confidentiality === confidentiality.id;
    // pyghmi's BMC agrees to a suite that nobody asked for instead of refusing ours.
    if (!asAsked) return { kind: 'refused', step: this.step, status: STATUS.noSuiteMatch, nameless: false, proven: true };
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
    if (known || this.#exchanges.length >= MAX_EXCHANGES) return REPEATED;
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
    if (!sameCode(rakp2.code, rakp2Code(authentication, exchange, password))) return this.step === 'RAKP 2' ? this.#misfit() : REPEATED;
    // Each RAKP 3 has a tag of its own, so that what is said to it is held against the RAKP 2 that it answers.
    this.#nextTag();
    this.misfits = 0;
    this.step = 'RAKP 4';
    this.#exchanges = [...this.#exchanges, { ...exchange, rakp3Tag: this.#tag }];
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
    const exchange = this.#exchanges.find(({ rakp3Tag }) => rakp3Tag === rakp4.tag);
    if (exchange === undefined || rakp4.consoleSessionId !== this.#consoleSessionId) return IGNORED;
    const { authentication, integrity } = this.suite;
    const { quirks } = this.#settings;
    const { password, kg } = this.#credentials;
    const length = quirks.checkValueByIntegrity ? integrity.codeLength : authentication.checkLength;
    const stray = authentication.checkLength === 0 && quirks.strayCheckValue;
    if (!stray && rakp4.code.length !== length) return IGNORED;
    const sik = sessionIntegrityKey(authentication, exchange, password, kg);
    if (!stray && !sameCode(rakp4.code, rakp4Code(authentication, exchange, sik, length))) return this.#misfit();
    return { kind: 'done', guid: exchange.guid, session: this.#established(exchange, sik) };
  }

  /** The session is open at the BMC since the first copy of RAKP 3, so some (ipmi_sim, pyghmi) seal what they say to a later one. */
  #sealedRakp4(datagram: Uint8Array): LoginEvent {
    const { password, kg } = this.#credentials;
    for (const exchange of this.#exchanges) {
      const sik = sessionIntegrityKey(this.suite.authentication, exchange, password, kg);
      const packet = openPlus(datagram, sessionKeys(this.suite, sik, password));
      if (!packet.ok || packet.value.sessionId !== this.#consoleSessionId || packet.value.payloadType !== PAYLOAD.rakp4) continue;
      const response = decodeRakp4(packet.value.payload);
      return response.ok && response.value.kind === 'accepted' ? this.#rakp4(response.value) : IGNORED;
    }
    return IGNORED;
  }

  #established({ consoleSessionId, bmcSessionId }: Exchange, sik: Uint8Array): Established {
    const keys = sessionKeys(this.suite, sik, this.#credentials.password);
    return new Established(keys, consoleSessionId, bmcSessionId, this.#settings.quirks, this.#chance);
  }

  #misfit(): LoginEvent {
    this.misfits += 1;
    return { kind: 'misfit' };
  }
}
