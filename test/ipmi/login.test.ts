/** Which packets of a login count: tag, the id that we chose, the algorithms that we asked for, the length of a code. */
import { describe, expect, test } from 'vitest';
import {
  type CipherSuite,
  cipherSuite,
  decodeOpenSessionRequest,
  decodeRakp1,
  decodeRakp3,
  decodeSetup,
  encodeOpenSessionResponse,
  encodeRakp2,
  encodeRakp4,
  encodeSetup,
  type Exchange,
  type OpenSessionRequest,
  PAYLOAD,
  type Rakp1,
  type Refused,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  refusal,
  type SessionOpened,
  sessionIntegrityKey,
  shortRefusal,
  toHex,
} from '../../drivers/ipmi/codec/index.ts';
import { NO_QUIRKS } from '../../drivers/ipmi/quirks.ts';
import { Login, type LoginEvent } from '../../drivers/ipmi/session/login.ts';
import { seeded, seededBytes } from './virtual.ts';

const USER = new TextEncoder().encode('fence');
const PASSWORD = new TextEncoder().encode('pw');
const BMC_ID = 0x01020304;
const GUID = new Uint8Array(16).fill(6);
const RC = new Uint8Array(16).fill(8);

function suiteOf(id: number): CipherSuite {
  const suite = cipherSuite(id);
  if (suite === undefined) throw new Error(`suite ${id} is not spoken here`);
  return suite;
}

/** A login and what a sound BMC says to it, changed where a test wants it so. */
class Stage {
  readonly suite: CipherSuite;
  readonly login: Login;

  constructor(suite = 17, seed = 3) {
    this.suite = suiteOf(suite);
    const random = seeded(seed);
    const settings = { user: USER, privilege: 3, suites: [this.suite], quirks: NO_QUIRKS };
    this.login = new Login(this.suite, settings, { password: PASSWORD }, { random, bytes: seededBytes(random) });
  }

  #said<T>(decode: (payload: Uint8Array) => { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
    const packet = decodeSetup(this.login.datagram);
    const value = packet.ok ? decode(packet.value.payload) : packet;
    if (!value.ok) throw new Error('the login says something else');
    return value.value;
  }

  get request(): OpenSessionRequest {
    return this.#said(decodeOpenSessionRequest);
  }

  get rakp1(): Rakp1 {
    return this.#said(decodeRakp1);
  }

  open(change: Partial<SessionOpened> = {}): LoginEvent {
    const { tag, consoleSessionId, authentication, integrity, confidentiality } = this.request;
    const asked = { authentication, integrity, confidentiality };
    const opened = { kind: 'opened', tag, privilege: 3, consoleSessionId, bmcSessionId: BMC_ID, ...asked, ...change } as const;
    return this.login.receive(encodeSetup(PAYLOAD.openSessionResponse, encodeOpenSessionResponse(opened)));
  }

  exchange(consoleSessionId: number, { role, user, consoleRandom }: Rakp1): Exchange {
    return { consoleSessionId, bmcSessionId: BMC_ID, consoleRandom, bmcRandom: RC, guid: GUID, role, user };
  }

  rakp2(exchange: Exchange, tag: number, consoleSessionId = exchange.consoleSessionId, cut = 0): LoginEvent {
    const code = rakp2Code(this.suite.authentication, exchange, PASSWORD);
    const said = { kind: 'accepted', tag, consoleSessionId, bmcRandom: RC, guid: GUID, code: code.subarray(cut) } as const;
    return this.login.receive(encodeSetup(PAYLOAD.rakp2, encodeRakp2(said)));
  }

  rakp4(exchange: Exchange, tag: number, consoleSessionId = exchange.consoleSessionId, cut = 0): LoginEvent {
    const sik = sessionIntegrityKey(this.suite.authentication, exchange, PASSWORD);
    const code = rakp4Code(this.suite.authentication, exchange, sik).subarray(cut);
    return this.login.receive(encodeSetup(PAYLOAD.rakp4, encodeRakp4({ kind: 'accepted', tag, consoleSessionId, code })));
  }

  refuse(type: number, refused: Refused): LoginEvent {
    return this.login.receive(encodeSetup(type, encodeRakp2(refused)));
  }
}

describe.each([17, 3])('suite %i', (suite) => {
  test('goes from step to step, with another tag each time, and proves the password', () => {
    const stage = new Stage(suite);
    const { tag: openTag, consoleSessionId } = stage.request;
    expect(stage.open()).toEqual({ kind: 'advanced' });
    const { rakp1 } = stage;
    const exchange = stage.exchange(consoleSessionId, rakp1);
    expect(stage.rakp2(exchange, rakp1.tag)).toEqual({ kind: 'advanced' });
    const packet = decodeSetup(stage.login.datagram);
    const rakp3 = decodeRakp3(packet.ok ? packet.value.payload : new Uint8Array(0));
    if (!rakp3.ok) throw new Error('no RAKP 3');
    expect(rakp3.value).toMatchObject({ status: 0, bmcSessionId: BMC_ID, code: rakp3Code(stage.suite.authentication, exchange, PASSWORD) });
    expect(new Set([openTag, rakp1.tag, rakp3.value.tag]).size).toBe(3);
    expect(stage.rakp4(exchange, rakp3.value.tag)).toMatchObject({ kind: 'done', guid: GUID });
  });

  test('what is for somebody else, or of another step, is ignored; the right answer still counts', () => {
    const stage = new Stage(suite);
    const { tag, consoleSessionId } = stage.request;
    expect(stage.open({ tag: tag ^ 1 })).toEqual({ kind: 'ignored' });
    expect(stage.open({ consoleSessionId: consoleSessionId ^ 1 })).toEqual({ kind: 'ignored' });
    expect(stage.open({ bmcSessionId: 0 })).toEqual({ kind: 'ignored' });
    expect(stage.open()).toEqual({ kind: 'advanced' });
    const { rakp1 } = stage;
    const exchange = stage.exchange(consoleSessionId, rakp1);
    expect(stage.rakp4(exchange, rakp1.tag)).toEqual({ kind: 'ignored' });
    expect(stage.rakp2(exchange, rakp1.tag ^ 1)).toEqual({ kind: 'ignored' });
    expect(stage.rakp2(exchange, rakp1.tag, consoleSessionId ^ 1)).toEqual({ kind: 'ignored' });
    expect(stage.rakp2(exchange, rakp1.tag, consoleSessionId, 1)).toEqual({ kind: 'ignored' });
    expect(stage.rakp2(exchange, rakp1.tag)).toEqual({ kind: 'advanced' });
    const rakp3Tag = (rakp1.tag % 255) + 1;
    expect(stage.rakp4(exchange, rakp1.tag)).toEqual({ kind: 'ignored' });
    expect(stage.rakp4(exchange, rakp3Tag, consoleSessionId ^ 1)).toEqual({ kind: 'ignored' });
    expect(stage.rakp4(exchange, rakp3Tag, consoleSessionId, 1)).toEqual({ kind: 'ignored' });
    expect(stage.rakp4(exchange, rakp3Tag)).toMatchObject({ kind: 'done' });
  });
});

test.each<readonly [string, Partial<SessionOpened>]>([
  ['no password check', { authentication: 0 }],
  ['an older one', { authentication: 1 }],
  ['no integrity', { integrity: 0 }],
  ['weaker integrity', { integrity: 1 }],
  ['no encryption', { confidentiality: 0 }],
])('an answer with %s instead of what was asked for is a refusal, not a login', (_, change) => {
  expect(new Stage().open(change)).toMatchObject({ kind: 'refused', status: 0x11 });
});

test.each([PAYLOAD.openSessionResponse, PAYLOAD.rakp2])('refusals of others are ignored (payload type %i)', (type) => {
  const stage = new Stage();
  const { consoleSessionId } = stage.request;
  if (type === PAYLOAD.rakp2) stage.open();
  const tag = type === PAYLOAD.rakp2 ? stage.rakp1.tag : stage.request.tag;
  expect(stage.refuse(type, refusal(tag, 0x0d, consoleSessionId ^ 1))).toEqual({ kind: 'ignored' });
  expect(stage.refuse(type, refusal(tag ^ 1, 0x0d, consoleSessionId))).toEqual({ kind: 'ignored' });
  expect(stage.refuse(type, shortRefusal(tag ^ 1, 0x0d))).toEqual({ kind: 'ignored' });
  expect(stage.refuse(type, refusal(0, 0x0d, consoleSessionId ^ 1))).toEqual({ kind: 'ignored' });
  const mine = { kind: 'refused', status: 0x0d, nameless: false };
  expect(stage.refuse(type, shortRefusal(tag, 0x0d))).toMatchObject(mine);
  expect(stage.refuse(type, refusal(tag, 0x0d, consoleSessionId))).toMatchObject(mine);
  expect(stage.refuse(type, refusal(0, 0x0d, 0))).toMatchObject({ ...mine, nameless: true });
});

test('every login draws its id and its random anew', () => {
  const drawn = [1, 2, 3].map((seed) => {
    const stage = new Stage(17, seed);
    const { consoleSessionId } = stage.request;
    stage.open();
    return [consoleSessionId, toHex(stage.rakp1.consoleRandom)];
  });
  expect(new Set(drawn.map(([id]) => id)).size).toBe(3);
  expect(new Set(drawn.map(([, random]) => random)).size).toBe(3);
});
