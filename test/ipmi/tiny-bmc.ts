/** A small BMC on the codec, for tests of the session machine: says what it is told to say, counts what it is asked. */
import {
  type CipherSuite,
  COMMAND,
  decodeOpenSessionRequest,
  decodeRakp1,
  decodeRakp3,
  decodeRequest,
  decodeSetup,
  encodeOpenSessionResponse,
  encodeRakp2,
  encodeRakp4,
  encodeResponse,
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
  /** Where this BMC hashes something else than the specification says. */
  readonly hashed: (exchange: Exchange, openPrivilege: number) => Exchange;
  readonly wantsPaddedUser: boolean;
  readonly badChecksums: boolean;
  /** The privilege that Set Session Privilege Level gives, whatever was asked for. */
  readonly grants: number | undefined;
  /** Completion codes to give to a command before it works, by command number. */
  readonly codes: Map<number, number[]>;
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
  closes = 0;
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
      hashed: (exchange) => exchange,
      wantsPaddedUser: false,
      badChecksums: false,
      grants: undefined,
      codes: new Map(),
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
    if (!isRmcpPlus(datagram)) return;
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
    if (this.sessions.size >= slots) return answer(refusal(tag, 0x01, consoleSessionId));
    const bmcSessionId = readU32(random(4), 0) || 1;
    this.sessions.set(bmcSessionId, { suite, consoleSessionId, bmcSessionId, privilege, openedAt: this.options.now(), sequence: 0 });
    answer({ kind: 'opened', tag, privilege, consoleSessionId, bmcSessionId, authentication, integrity, confidentiality });
  }

  #rakp1(payload: Uint8Array, reply: (answer: Uint8Array) => void): void {
    const rakp1 = decodeRakp1(payload);
    if (!rakp1.ok) return;
    const half = this.sessions.get(rakp1.value.bmcSessionId);
    const { user, password, random, hashed, refuseLogin, steadyRandoms, wantsPaddedUser } = this.options;
    const answer = (response: Parameters<typeof encodeRakp2>[0]): void => reply(encodeSetup(PAYLOAD.rakp2, encodeRakp2(response)));
    if (half === undefined) return answer(refuseLogin(rakp1.value.tag, 0x02, 0));
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
    const sik = sessionIntegrityKey(authentication, exchange, secret, kg);
    half.keys = sessionKeys(half.suite, sik, secret);
    answer({ kind: 'accepted', tag, consoleSessionId: half.consoleSessionId, code: rakp4Code(authentication, exchange, sik) });
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
