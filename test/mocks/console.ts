/** A console without a socket that talks to a mock BMC, packet by packet: tests decide what to send, when, and how wrong. */
import {
  type CipherSuite,
  cipherSuite,
  concat,
  decodePlus,
  decodeResponse,
  encodeOpenSessionRequest,
  encodeRakp1,
  encodeRakp3,
  encodeRequest,
  encodeSetup,
  type Exchange,
  type IpmiResponse,
  openPlus,
  PAYLOAD,
  rakp3Code,
  readU32,
  type SessionKeys,
  sealPlus,
  sessionIntegrityKey,
  sessionKeys,
} from '../../drivers/ipmi/codec/index.ts';
import { type BmcOptions, Machine, type MachineOptions, MockBmc, SeededRandom, VirtualClock } from '../../hardware-mocks/index.ts';

export const CONSOLE_ID = 0x11223344;
const utf8 = new TextEncoder();

export interface Login {
  readonly suite?: number;
  readonly user?: string;
  readonly password?: string;
  readonly kg?: Uint8Array;
  /** Role byte; default 13h: operator, looked up by name. */
  readonly role?: number;
}

/** A BMC over a machine, both in virtual time, with repeatable randoms. */
export function bmcInVirtualTime(
  options: Omit<BmcOptions, 'machine'> = {},
  machineOptions: Partial<MachineOptions> = {},
): { readonly clock: VirtualClock; readonly machine: Machine; readonly bmc: MockBmc } {
  const clock = new VirtualClock(1_000_000);
  const machine = new Machine({ name: 'db1', clock, ...machineOptions });
  const random = new SeededRandom(7);
  const bmc = new MockBmc({ machine, clock, bytes: (length) => random.bytes(length), ...options });
  return { clock, machine, bmc };
}

export class TestConsole {
  keys: SessionKeys | undefined;
  bmcId = 0;
  sequence = 0;
  rqSeq = 0;
  readonly bmc: MockBmc;

  constructor(bmc: MockBmc) {
    this.bmc = bmc;
  }

  /** All that leaves at once for one datagram. */
  send(datagram: Uint8Array): readonly Uint8Array[] {
    return this.bmc.hear(datagram).map(({ bytes }) => bytes);
  }

  #setup(type: number, payload: Uint8Array): Uint8Array | undefined {
    const [answer] = this.send(encodeSetup(type, payload));
    const packet = answer === undefined ? undefined : decodePlus(answer);
    return packet?.ok === true ? packet.value.payload : undefined;
  }

  open(suiteId = 17, privilege = 0): Uint8Array | undefined {
    const suite = suiteOf(suiteId);
    return this.#setup(
      PAYLOAD.openSessionRequest,
      encodeOpenSessionRequest({
        tag: 9,
        privilege,
        consoleSessionId: CONSOLE_ID,
        authentication: suite.authentication.id,
        integrity: suite.integrity.id,
        confidentiality: suite.confidentiality.id,
      }),
    );
  }

  rakp1(bmcId: number, user: string, role: number, consoleRandom = new Uint8Array(16).fill(5)): Uint8Array | undefined {
    return this.#setup(PAYLOAD.rakp1, encodeRakp1({ tag: 9, bmcSessionId: bmcId, consoleRandom, role, user: utf8.encode(user) }));
  }

  rakp3(bmcId: number, code: Uint8Array, status = 0): Uint8Array | undefined {
    return this.#setup(PAYLOAD.rakp3, encodeRakp3({ tag: 9, status, bmcSessionId: bmcId, code }));
  }

  /** The whole login; the code with which it ended: 0 means in, undefined that an answer was missing. */
  login({ suite: suiteId = 17, user = 'fencer', password = 'fencer-pw', kg, role = 0x13 }: Login = {}): number | undefined {
    const suite = suiteOf(suiteId);
    const opened = this.open(suiteId);
    if (opened === undefined || (opened[1] ?? 0) !== 0) return opened?.[1];
    const bmcSessionId = readU32(opened, 8);
    const consoleRandom = new Uint8Array(16).fill(5);
    const rakp2 = this.rakp1(bmcSessionId, user, role, consoleRandom);
    if (rakp2 === undefined || (rakp2[1] ?? 0) !== 0) return rakp2?.[1];
    const exchange: Exchange = {
      consoleSessionId: CONSOLE_ID,
      bmcSessionId,
      consoleRandom,
      bmcRandom: rakp2.slice(8, 24),
      guid: rakp2.slice(24, 40),
      role,
      user: utf8.encode(user),
    };
    const secret = utf8.encode(password);
    const rakp4 = this.rakp3(bmcSessionId, rakp3Code(suite.authentication, exchange, secret));
    if (rakp4 === undefined || (rakp4[1] ?? 0) !== 0) return rakp4?.[1];
    this.bmcId = bmcSessionId;
    this.sequence = 0;
    this.keys = sessionKeys(suite, sessionIntegrityKey(suite.authentication, exchange, secret, kg), secret);
    return 0;
  }

  /** A sealed request, not yet sent. */
  request(netFn: number, cmd: number, ...data: readonly number[]): Uint8Array {
    if (this.keys === undefined) throw new Error('not logged in');
    this.sequence += 1;
    this.rqSeq = (this.rqSeq + 1) & 0x3f;
    const payload = encodeRequest({ netFn, cmd, data: Uint8Array.from(data), rqSeq: this.rqSeq });
    const packet = { payloadType: PAYLOAD.ipmi, sessionId: this.bmcId, sequence: this.sequence, payload };
    return sealPlus(packet, this.keys, new Uint8Array(this.keys.suite.confidentiality.ivLength).fill(3));
  }

  /** The response in a datagram of this session; undefined where it is none. */
  understand(datagram: Uint8Array | undefined): Required<IpmiResponse> | undefined {
    if (datagram === undefined || this.keys === undefined) return undefined;
    const opened = openPlus(datagram, this.keys);
    if (!opened.ok || opened.value.sessionId !== CONSOLE_ID) return undefined;
    const response = decodeResponse(opened.value.payload);
    return response.ok ? response.value : undefined;
  }

  ask(netFn: number, cmd: number, ...data: readonly number[]): Required<IpmiResponse> | undefined {
    return this.understand(this.send(this.request(netFn, cmd, ...data))[0]);
  }

  /** Completion code of Chassis Control. */
  control(action: number): number | undefined {
    return this.ask(0x00, 0x02, action)?.completionCode;
  }

  /** What Get Chassis Status says. */
  power(): 'on' | 'off' | undefined {
    const response = this.ask(0x00, 0x01);
    if (response?.completionCode !== 0) return undefined;
    return ((response.data[0] ?? 0) & 1) === 1 ? 'on' : 'off';
  }

  setPrivilege(level: number): number | undefined {
    return this.ask(0x06, 0x3b, level)?.completionCode;
  }

  /** Logged in and operator. */
  static ready(bmc: MockBmc, login: Login = {}): TestConsole {
    const console = new TestConsole(bmc);
    const code = console.login(login);
    if (code !== 0 || console.setPrivilege(3) !== 0) throw new Error(`login ended with ${code}`);
    return console;
  }
}

export const OFF = 0;
export const ON = 1;
export const CYCLE = 2;

export function suiteOf(id: number): CipherSuite {
  const found = cipherSuite(id);
  if (found === undefined) throw new Error(`no suite ${id}`);
  return found;
}

export const joined = concat;
