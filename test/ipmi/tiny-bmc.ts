/** A small BMC on the codec, for tests of the session machine: says what it is told to say, counts what it is asked. */
import {
  type CipherSuite,
  COMMAND,
  concat,
  decodeLan15,
  decodeOpenSessionRequest,
  decodeRakp1,
  decodeRakp3,
  decodeRequest,
  decodeSetup,
  encodeOpenSessionResponse,
  encodeRakp1,
  encodeRakp2,
  encodeRakp4,
  encodeResponse,
  encodeSessionless15,
  encodeSetup,
  type Exchange,
  type IpmiRequest,
  isRmcpPlus,
  openPlus,
  PAYLOAD,
  type Rakp1,
  type Refused,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  readU32,
  refusal,
  type SessionKeys,
  sameCode,
  sealPlus,
  sessionIntegrityKey,
  sessionKeys,
  suiteOfAlgorithms,
  toHex,
  zeroPadded,
} from '../../drivers/ipmi/codec/index.ts';

export interface TinyOptions {
  readonly suites: readonly number[];
  readonly user: string;
  readonly password: string;
  readonly kg: Uint8Array | undefined;
  readonly slots: number;
  /** Milliseconds; a login that is not completed within 3 s loses its slot, as with OpenBMC. */
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** How a suite that is not offered is refused; 'silent': not at all. */
  readonly refuseSuite: ((tag: number, consoleSessionId: number) => Refused) | 'silent' | 'counter-offer';
  readonly refuseLogin: (tag: number, status: number, consoleSessionId: number) => Refused;
  /** Answers a repeated RAKP 1 with the same randoms as before. */
  readonly steadyRandoms: boolean;
  /**
   * What a second RAKP 1 or RAKP 3 is met with: the answer once more; nothing (OpenIPMI today); RAKP 4 sealed in the session that stands since
   * the first (ipmi_sim 2.0.33, pyghmi); RAKP 4 and a session with keys made of the session key twice over (OpenBMC).
   */
  readonly repeats: 'answered' | 'silent' | 'sealed' | 'other-keys';
  /** One login for each port of a console (pyghmi): a second Open Session takes the place of the first, and none follows a RAKP 3. */
  readonly onePerPort: boolean;
  /** Where this BMC hashes something else than the specification says. */
  readonly hashed: (exchange: Exchange, openPrivilege: number) => Exchange;
  readonly wantsPaddedUser: boolean;
  readonly badChecksums: boolean;
  /** The privilege that Set Session Privilege Level gives, whatever was asked for. */
  readonly grants: number | undefined;
  /** Completion codes to give to a command before it works, by command number. */
  readonly codes: Map<number, number[]>;
  /** Answers Get Channel Authentication Capabilities outside of any session, as real ones do. */
  readonly answersOutside: boolean;
}

interface Half {
  readonly suite: CipherSuite;
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  readonly privilege: number;
  rakp1?: Rakp1;
  exchange?: Exchange;
  keys?: SessionKeys;
  readonly openedAt: number;
  readonly port: unknown;
  proofs: number;
  sequence: number;
}

const HALF_OPEN_MS = 3000;

const GUID = Uint8Array.from({ length: 16 }, (_, index) => 0x11 * index);

export class TinyBmc {
  options: TinyOptions;
  on = true;
  logins = 0;
  opens = 0;
  goodbyes = 0;
  /** Most sessions that were asked for at once. */
  most = 0;
  closes = 0;
  /** Questions outside of any session. */
  looks = 0;
  controls: number[] = [];
  requests: IpmiRequest[] = [];
  readonly sessions = new Map<number, Half>();

  constructor(options: Partial<TinyOptions> & Pick<TinyOptions, 'random'>) {
    this.options = {
      suites: [17, 3],
      user: 'fence',
      password: 'Sup3rS3cret!',
      kg: undefined,
      slots: 4,
      now: () => 0,
      refuseSuite: (tag, id) => refusal(tag, 0x11, id),
      refuseLogin: refusal,
      steadyRandoms: true,
      repeats: 'answered',
      onePerPort: false,
      hashed: (exchange) => exchange,
      wantsPaddedUser: false,
      badChecksums: false,
      grants: undefined,
      codes: new Map(),
      answersOutside: true,
      ...options,
    };
  }

  set(changed: Partial<TinyOptions>): void {
    this.options = { ...this.options, ...changed };
  }

  /** Forgets every session, as after a reboot. */
  reboot(): void {
    this.sessions.clear();
  }

  readonly receive = (datagram: Uint8Array, reply: (answer: Uint8Array) => void): void => {
    if (!isRmcpPlus(datagram)) return this.#outside(datagram, reply);
    const setup = decodeSetup(datagram);
    if (!setup.ok) {
      this.#inSession(datagram, reply);
      return;
    }
    const { payloadType, payload } = setup.value;
    if (payloadType === PAYLOAD.openSessionRequest) this.#open(payload, reply);
    if (payloadType === PAYLOAD.rakp1) this.#rakp1(payload, reply);
    if (payloadType === PAYLOAD.rakp3) this.#rakp3(payload, reply);
  };

  #outside(datagram: Uint8Array, reply: (answer: Uint8Array) => void): void {
    const packet = decodeLan15(datagram);
    const request = packet.ok ? decodeRequest(packet.value.message) : undefined;
    const { netFn, cmd } = COMMAND.getChannelAuthCapabilities;
    if (!this.options.answersOutside || request?.ok !== true || request.value.netFn !== netFn || request.value.cmd !== cmd) return;
    this.looks += 1;
    const data = Uint8Array.of(1, 0x80, 0x04, 0x02, 0, 0, 0, 0);
    reply(encodeSessionless15(encodeResponse({ netFn: netFn | 1, cmd, completionCode: 0, data, rqSeq: request.value.rqSeq })));
  }

  #open(payload: Uint8Array, reply: (answer: Uint8Array) => void): void {
    const request = decodeOpenSessionRequest(payload);
    if (!request.ok) return;
    this.opens += 1;
    const { tag, consoleSessionId, privilege, authentication, integrity, confidentiality } = request.value;
    const answer = (response: Parameters<typeof encodeOpenSessionResponse>[0]): void =>
      reply(encodeSetup(PAYLOAD.openSessionResponse, encodeOpenSessionResponse(response)));
    const suite = suiteOfAlgorithms(authentication, integrity, confidentiality);
    const { suites, refuseSuite, slots, random } = this.options;
    if (suite === undefined || !suites.includes(suite.id)) {
      if (refuseSuite === 'silent') return;
      if (refuseSuite !== 'counter-offer') return answer(refuseSuite(tag, consoleSessionId));
      return answer({
        kind: 'opened',
        tag,
        privilege,
        consoleSessionId,
        bmcSessionId: 99,
        authentication: 1,
        integrity: 1,
        confidentiality: 1,
      });
    }
    for (const [id, half] of this.sessions) {
      if (half.keys === undefined && this.options.now() - half.openedAt > HALF_OPEN_MS) this.sessions.delete(id);
    }
    const there = this.options.onePerPort ? [...this.sessions.values()].find(({ port }) => port === reply) : undefined;
    if (there?.keys !== undefined) return;
    if (there !== undefined) this.sessions.delete(there.bmcSessionId);
    this.most = Math.max(this.most, this.sessions.size + 1);
    if (this.sessions.size >= slots) return answer(refusal(tag, 0x01, consoleSessionId));
    const bmcSessionId = readU32(random(4), 0) || 1;
    const since = { openedAt: this.options.now(), port: reply, proofs: 0, sequence: 0 };
    this.sessions.set(bmcSessionId, { suite, consoleSessionId, bmcSessionId, privilege, ...since });
    answer({ kind: 'opened', tag, privilege, consoleSessionId, bmcSessionId, authentication, integrity, confidentiality });
  }

  #rakp1(payload: Uint8Array, reply: (answer: Uint8Array) => void): void {
    const rakp1 = decodeRakp1(payload);
    if (!rakp1.ok) return;
    const half = this.sessions.get(rakp1.value.bmcSessionId);
    const { user, password, random, hashed, refuseLogin, steadyRandoms, wantsPaddedUser } = this.options;
    const answer = (response: Parameters<typeof encodeRakp2>[0]): void => reply(encodeSetup(PAYLOAD.rakp2, encodeRakp2(response)));
    if (half === undefined && this.options.onePerPort) return this.#misled(rakp1.value, reply);
    if (half === undefined) return answer(refuseLogin(rakp1.value.tag, 0x02, 0));
    if (half.exchange !== undefined && this.options.repeats === 'silent') return;
    this.logins += 1;
    const plain = new TextEncoder().encode(user);
    const wanted = wantsPaddedUser ? zeroPadded(plain, 16) : plain;
    if (toHex(rakp1.value.user) !== toHex(wanted)) return answer(refuseLogin(rakp1.value.tag, 0x0d, half.consoleSessionId));
    const bmcRandom = steadyRandoms && half.exchange !== undefined ? half.exchange.bmcRandom : random(16);
    half.rakp1 = rakp1.value;
    half.exchange = {
      consoleSessionId: half.consoleSessionId,
      bmcSessionId: half.bmcSessionId,
      consoleRandom: rakp1.value.consoleRandom,
      bmcRandom,
      guid: GUID,
      role: rakp1.value.role,
      user: rakp1.value.user,
    };
    const code = rakp2Code(half.suite.authentication, hashed(half.exchange, half.privilege), new TextEncoder().encode(password));
    answer({ kind: 'accepted', tag: rakp1.value.tag, consoleSessionId: half.consoleSessionId, bmcRandom, guid: GUID, code });
  }

  /** A RAKP 1 for the session that another Open Session has replaced is answered for the newer one. */
  #misled(rakp1: Rakp1, reply: (answer: Uint8Array) => void): void {
    const newer = [...this.sessions.values()].find(({ port }) => port === reply);
    if (newer === undefined) return;
    this.#rakp1(encodeRakp1({ ...rakp1, bmcSessionId: newer.bmcSessionId }), reply);
  }

  #rakp3(payload: Uint8Array, reply: (answer: Uint8Array) => void): void {
    const rakp3 = decodeRakp3(payload);
    if (!rakp3.ok) return;
    const { tag, status, code } = rakp3.value;
    const half = this.sessions.get(rakp3.value.bmcSessionId);
    const { password, kg, hashed, refuseLogin } = this.options;
    const answer = (response: Parameters<typeof encodeRakp4>[0]): void => reply(encodeSetup(PAYLOAD.rakp4, encodeRakp4(response)));
    if (half?.exchange === undefined) return answer(refuseLogin(tag, 0x08, 0));
    if (status !== 0) {
      this.goodbyes += 1;
      this.sessions.delete(half.bmcSessionId);
      return;
    }
    const { authentication } = half.suite;
    const exchange = hashed(half.exchange, half.privilege);
    const secret = new TextEncoder().encode(password);
    if (!sameCode(code, rakp3Code(authentication, exchange, secret))) return answer(refuseLogin(tag, 0x0f, half.consoleSessionId));
    half.proofs += 1;
    if (half.proofs > 1 && this.options.repeats === 'silent') return;
    const once = sessionIntegrityKey(authentication, exchange, secret, kg);
    const sik = this.options.repeats === 'other-keys' ? concat(...Array.from({ length: half.proofs }, () => once)) : once;
    half.keys = sessionKeys(half.suite, sik, secret);
    const proof = {
      kind: 'accepted',
      tag,
      consoleSessionId: half.consoleSessionId,
      code: rakp4Code(authentication, exchange, sik),
    } as const;
    if (half.proofs === 1 || this.options.repeats !== 'sealed') return answer(proof);
    half.sequence += 1;
    const { consoleSessionId: sessionId, sequence } = half;
    reply(sealPlus({ payloadType: PAYLOAD.rakp4, sessionId, sequence, payload: encodeRakp4(proof) }, half.keys, this.options.random(16)));
  }

  #inSession(datagram: Uint8Array, reply: (answer: Uint8Array) => void): void {
    const session = this.sessions.get(readU32(datagram, 6));
    if (session?.keys === undefined) return;
    const packet = openPlus(datagram, session.keys);
    const request = packet.ok ? decodeRequest(packet.value.payload) : packet;
    if (!request.ok) return;
    this.requests.push(request.value);
    const { completionCode, data } = this.#perform(session, request.value);
    reply(this.seal(session, request.value, completionCode, data));
  }

  /** A response of this session, also one that nobody asked for. */
  seal(session: Half, request: IpmiRequest, completionCode: number, data: Uint8Array): Uint8Array {
    session.sequence += 1;
    const { netFn, cmd, rqSeq } = request;
    const payload = encodeResponse({ netFn: netFn | 1, cmd, rqSeq, completionCode, data });
    if (this.options.badChecksums) payload[payload.length - 1] = ((payload.at(-1) ?? 0) + 1) & 0xff;
    const plain = { payloadType: 0, sessionId: session.consoleSessionId, sequence: session.sequence, payload };
    if (session.keys === undefined) throw new Error('the session is not open');
    return sealPlus(plain, session.keys, this.options.random(16));
  }

  #perform(session: Half, request: IpmiRequest): { readonly completionCode: number; readonly data: Uint8Array } {
    const none = new Uint8Array(0);
    const planned = this.options.codes.get(request.cmd)?.shift();
    if (planned !== undefined && planned !== 0) return { completionCode: planned, data: none };
    if (request.cmd === COMMAND.setSessionPrivilege.cmd) {
      const { grants } = this.options;
      return { completionCode: 0, data: grants === undefined ? request.data : Uint8Array.of(grants) };
    }
    if (request.cmd === COMMAND.closeSession.cmd) {
      this.closes += 1;
      this.sessions.delete(session.bmcSessionId);
      return { completionCode: 0, data: none };
    }
    if (request.netFn === 0 && request.cmd === COMMAND.getChassisStatus.cmd) {
      return { completionCode: 0, data: Uint8Array.of(this.on ? 0x21 : 0x20, 0, 0x40) };
    }
    if (request.netFn === 0 && request.cmd === COMMAND.chassisControl.cmd) {
      const action = request.data[0] ?? 0xff;
      this.controls.push(action);
      if (action < 2) this.on = action === 1;
      return { completionCode: action < 2 ? 0 : 0xcc, data: none };
    }
    if (request.cmd === COMMAND.getSystemGuid.cmd && request.netFn === 6) return { completionCode: 0, data: GUID };
    return { completionCode: 0xc1, data: none };
  }
}
