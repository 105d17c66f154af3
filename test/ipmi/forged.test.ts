/** Answers to a login that somebody else made up: they end no call early, and blame nobody. */
import { describe, expect, test } from 'vitest';
import {
  encodeRakp2,
  encodeRakp4,
  encodeResponse,
  encodeSessionless15,
  encodeSetup,
  PAYLOAD,
  refusal,
  shortRefusal,
} from '../../drivers/ipmi/codec/index.ts';
import type { LoginHabits } from '../../hardware-mocks/bmc/habits.ts';
import { MAX_LOGINS, slowStage, type SlowStage } from './slow-stage.ts';

const CALL_MS = 20_000;
/** No slot, unknown session, unknown user, wrong code, illegal parameter. */
const STATUSES = [0x01, 0x02, 0x0d, 0x0f, 0x12];

/** Says all of it to every port of the console, every 7 ms for so long. */
function flood({ clock, net }: SlowStage, datagrams: () => readonly Uint8Array[], forMs = CALL_MS): void {
  const end = clock.now() + forMs;
  const again = (): void => {
    for (const datagram of datagrams()) net.inject(datagram);
    if (clock.now() < end) clock.after(7, again);
  };
  clock.after(1, again);
}

const refusals = (tag: number, sessionId: number): readonly Uint8Array[] =>
  STATUSES.flatMap((status) => [
    encodeSetup(PAYLOAD.rakp2, encodeRakp2(refusal(tag, status, sessionId))),
    encodeSetup(PAYLOAD.rakp4, encodeRakp4(refusal(tag, status, sessionId))),
    encodeSetup(PAYLOAD.rakp2, encodeRakp2(shortRefusal(tag, status))),
    encodeSetup(PAYLOAD.rakp4, encodeRakp4(shortRefusal(tag, status))),
  ]);

const PACES: readonly (readonly [string, LoginHabits])[] = [
  ['a quick BMC', {}],
  ['300 ms', { takesMs: 300 }],
  ['1,000 ms', { takesMs: 1000 }],
  ['300 ms, draws again', { takesMs: 300, drawsAgain: true }],
];

describe.each(PACES)('%s', (_, habits) => {
  test.each<readonly [string, () => readonly Uint8Array[]]>([
    ['refusals that name nothing', () => refusals(0, 0)],
    ['refusals for every tag, without a session', () => Array.from({ length: 255 }, (_none, tag) => refusals(tag + 1, 0)).flat()],
    ['refusals of another session', () => refusals(1, 0x0badcafe)],
  ])('%s: the login goes on, and only one', async (_name, datagrams) => {
    const stage = slowStage({ habits });
    flood(stage, datagrams);
    expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on', opens: 1 });
    expect([stage.sent('rakp1'), stage.sent('rakp3')]).toEqual([1, 1]);
  });

  test('codes that do not fit, from one who reads our datagrams: the right one counts whenever it comes', async () => {
    const stage = slowStage({ habits });
    const random = new Uint8Array(16).fill(9);
    stage.net.filter = (datagram, way) => {
      const type = datagram[5] ?? 0;
      if (way === 'to-console' || datagram[4] !== 6 || (type !== PAYLOAD.rakp1 && type !== PAYLOAD.rakp3)) return datagram;
      const open = stage.net.sent.findLast(({ datagram: said }) => said[4] === 6 && said[5] === PAYLOAD.openSessionRequest)?.datagram;
      const consoleSessionId = Buffer.from(open ?? []).readUInt32LE(20);
      const forged = { kind: 'accepted', tag: datagram[16] ?? 0, consoleSessionId } as const;
      const code = new Uint8Array(type === PAYLOAD.rakp1 ? 32 : 16).fill(7);
      const said =
        type === PAYLOAD.rakp1
          ? encodeSetup(PAYLOAD.rakp2, encodeRakp2({ ...forged, bmcRandom: random, guid: random, code }))
          : encodeSetup(PAYLOAD.rakp4, encodeRakp4({ ...forged, code }));
      for (let copy = 0; copy < 3; copy += 1) stage.clock.after(0.2, () => stage.net.inject(said));
      return datagram;
    };
    const { code, lasting, opens } = await stage.read(CALL_MS);
    // One that draws anew is led astray by each RAKP 1 that the forger makes us repeat: no verdict then, and no login without end.
    expect(['on', habits.drawsAgain === true ? 'ipmi-copies-mixed-up' : 'on']).toContain(code);
    expect(lasting).toBe(false);
    expect(opens).toBeLessThanOrEqual(habits.drawsAgain === true ? MAX_LOGINS : 2);
  });
});

test('answers to questions that nobody asked, or not yet, begin no more logins than a call may', async () => {
  const stage = slowStage({ habits: { takesMs: { open: 1500 } } });
  let number = 0;
  flood(stage, () => {
    number = (number + 1) % 64;
    const data = Uint8Array.of(1, 0x80, 4, 2, 0, 0, 0, 0);
    return [encodeSessionless15(encodeResponse({ netFn: 7, cmd: 0x38, completionCode: 0, data, rqSeq: number }))];
  });
  const { code, opens } = await stage.read(CALL_MS);
  expect(code).toBe('on');
  expect(opens).toBeLessThanOrEqual(MAX_LOGINS);
  expect(stage.seen.halfOpen).toBeLessThanOrEqual(opens);
});

/** A refusal that says neither which message nor which session it is about: whoever hits the port can have made it up. */
const nameless = (type: number, status: number): Uint8Array => encodeSetup(type, Uint8Array.of(0, status, 0, 0, 0, 0, 0, 0));

describe.each([300, 500, 1000])('a step that takes %i ms, and one datagram that names nothing', (takes) => {
  test.each([0x0a, 0x0d, 0x0f, 0x11, 0x12])('in place of RAKP 2, with status %i: the login goes on', async (status) => {
    const stage = slowStage({ habits: { takesMs: { open: 5, rakp1: takes } } });
    stage.clock.after(30, () => stage.net.inject(nameless(PAYLOAD.rakp2, status)));
    expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on', opens: 1 });
  });

  test.each([{}, { cipherSuites: [17] }])(
    'in place of the answer to Open Session: neither the suite changes nor does the call end',
    async (settings) => {
      const stage = slowStage({ habits: { takesMs: { open: takes } }, settings });
      stage.clock.after(20, () => stage.net.inject(nameless(PAYLOAD.openSessionResponse, 0x11)));
      expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on', opens: 1 });
    },
  );
});

test('a BMC that is slower than the wait for a better answer: one datagram ends a login, not the call', async () => {
  const stage = slowStage({ habits: { takesMs: { open: 1700 } }, settings: { cipherSuites: [17] } });
  stage.clock.after(20, () => stage.net.inject(nameless(PAYLOAD.openSessionResponse, 0x11)));
  expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on' });
  const short = slowStage({ habits: { takesMs: { open: 5, rakp1: 1500 } } });
  short.clock.after(30, () => short.net.inject(nameless(PAYLOAD.rakp2, 0x0d)));
  expect(await short.read(1000)).toMatchObject({ lasting: false });
});

test('a refusal that is meant is told although it names nothing, after two logins', async () => {
  const stage = slowStage({ bmc: { errorShape: 'untagged' }, settings: { username: 'nobody' } });
  const { code, lasting, took, opens } = await stage.read(CALL_MS);
  expect([code, lasting, opens]).toEqual(['ipmi-user-refused', true, 2]);
  expect(took).toBeLessThan(3000);
  const hurried = slowStage({ bmc: { errorShape: 'untagged' }, settings: { username: 'nobody' } });
  expect(await hurried.read(1500)).toMatchObject({ code: 'ipmi-user-refused', lasting: true });
});

describe('one burst of refusals with every tag there is', () => {
  const burst = (stage: SlowStage, type: number, status: number): void => {
    for (let tag = 0; tag < 256; tag += 1) stage.net.inject(encodeSetup(type, Uint8Array.of(tag, status, 0, 0, 0, 0, 0, 0)));
  };

  test.each([50, 300, 1000])('of RAKP 2, which takes %d ms: nobody is blamed', async (rakp1) => {
    const stage = slowStage({ habits: { takesMs: { open: 5, rakp1 } } });
    stage.clock.after(30, () => burst(stage, PAYLOAD.rakp2, 0x0d));
    expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on' });
  });

  test.each([
    [50, {}],
    [1000, {}],
    [50, { cipherSuites: [17] }],
    [1000, { cipherSuites: [17] }],
  ])('of Open Session, which takes %d ms, with %o: the suite is not taken for refused', async (open, settings) => {
    const stage = slowStage({ habits: { takesMs: { open } }, settings });
    stage.clock.after(20, () => burst(stage, PAYLOAD.openSessionResponse, 0x11));
    stage.clock.after(40, () => burst(stage, PAYLOAD.openSessionResponse, 0x11));
    expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on' });
  });
});

test('answers made up for what was asked beside a login long ago make no login wait', async () => {
  const stage = slowStage();
  let away = true;
  stage.net.filter = (datagram) => (away ? undefined : datagram);
  stage.clock.after(50_000, () => {
    for (let rqSeq = 0; rqSeq < 64; rqSeq += 1) {
      const data = Uint8Array.of(1, 0x80, 4, 2, 0, 0, 0, 0);
      stage.net.inject(encodeSessionless15(encodeResponse({ netFn: 7, cmd: 0x38, completionCode: 0, data, rqSeq })));
    }
  });
  stage.clock.after(52_000, () => (away = false));
  const begun = stage.clock.now();
  let code = '';
  while (code !== 'on' && stage.clock.now() - begun < 120_000) {
    ({ code } = await stage.read(5000));
    await stage.clock.advance(250);
  }
  expect(stage.clock.now() - begun).toBeLessThan(65_000);
});
