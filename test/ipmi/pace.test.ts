/** When an IPMI message is sent again: by the measured round trip of its step, growing, capped, with jitter; patiently where nothing is lost. */
import { describe, expect, test } from 'vitest';
import { LoginAllowance, MAX_LOGINS } from '../../drivers/ipmi/session/login-allowance.ts';
import { type MessageKind, Pace } from '../../drivers/ipmi/session/pace.ts';
import { Repetition } from '../../drivers/ipmi/session/repetition.ts';
import { Trial } from '../../drivers/ipmi/session/trial.ts';
import { NextSend } from '../../drivers/ipmi/session/next-send.ts';

/** A round trip of 40 ms has been measured once: 40 + 4 x 20. */
function measured(kind: MessageKind = 'session', ms = 40): Pace {
  const pace = new Pace();
  const repetition = new Repetition(pace.of(kind), kind, 0);
  repetition.sent(0, 200, 1200);
  repetition.answered(ms);
  return pace;
}

describe('the timeout', () => {
  test('is 200 ms before anything was measured, then follows the round trip, with a floor', () => {
    expect(new Pace().timeout('session', 0)).toBe(200);
    expect(measured().timeout('session', 0)).toBe(120);
    const quick = measured('session', 1);
    expect([quick.timeout('session', 0), quick.timeout('rakp1', 0), quick.timeout('open', 0)]).toEqual([50, 100, 100]);
  });

  test('grows with each copy up to a cap, which is higher for Open Session', () => {
    const pace = measured();
    expect(pace.timeout('session', 1)).toBeCloseTo(162);
    expect([pace.timeout('session', 20), pace.timeout('rakp1', 20), pace.timeout('open', 20)]).toEqual([1000, 1000, 1400]);
  });

  test('of a step that was never measured is that of the slowest one that was, and of a request that of the quickest', () => {
    const pace = measured('open', 300);
    pace.of('rakp1').measured(1000);
    expect(pace.timeout('open', 0)).toBeLessThanOrEqual(900);
    for (const kind of ['rakp1', 'rakp3'] as const) expect(pace.timeout(kind, 0)).toBeGreaterThanOrEqual(1500);
    // What is asked in a session may be asked again.
    expect(pace.timeout('session', 0)).toBe(600);
    expect(pace.late()).toBeCloseTo(1270);
  });

  test('of the first step is that of a question outside of the login, where one was answered', () => {
    const pace = new Pace();
    pace.outside(500);
    expect(pace.timeout('open', 0)).toBe(1500);
    pace.of('open').measured(10);
    expect(pace.timeout('open', 0)).toBe(100);
  });

  test('leaves a steady BMC half of its round trip more', () => {
    const pace = measured('session', 1000);
    for (let time = 0; time < 100; time += 1) pace.of('session').measured(1000);
    expect(pace.timeout('session', 0)).toBeCloseTo(1500);
  });

  test('is not shortened by an answer that may belong to either copy; the BMC gets more time', () => {
    const pace = measured();
    const repetition = new Repetition(pace.of('session'), 'session', 1000);
    repetition.sent(1000, 120, 1200);
    repetition.sent(1120, 162, 1200);
    repetition.answered(1125);
    expect(pace.timeout('session', 0)).toBeCloseTo(120 * 1.4);
    repetition.surplus();
    expect(pace.timeout('session', 0)).toBeCloseTo(187.5);
    repetition.surplus();
    expect(pace.timeout('session', 0)).toBeCloseTo(187.5);
  });

  test('stays where the answer comes as fast after the last copy as usual', () => {
    const pace = measured();
    const repetition = new Repetition(pace.of('session'), 'session', 1000);
    repetition.sent(1000, 120, 1200);
    repetition.sent(1120, 162, 1200);
    repetition.answered(1160);
    expect(pace.timeout('session', 0)).toBe(120);
  });
});

const waitingOn = (random: number, way = { lossy: false, lost: () => undefined }) => {
  const allowance = new LoginAllowance();
  return { allowance, way, waiting: new NextSend(() => random, { pace: new Pace(), allowance, way, trial: new Trial() }) };
};

test.each([
  [0, 180],
  [0.5, 200],
  [1, 220],
])('a tenth more or less by the random: %d gives %d ms', (random, dueAt) => {
  const { waiting } = waitingOn(random);
  waiting.start('session', 0);
  waiting.sent(0);
  expect(waiting.dueAt).toBeCloseTo(dueAt);
  waiting.backOff(1000, () => undefined);
  expect(waiting.dueAt).toBeCloseTo(1000 + 250 * (0.9 + 0.2 * random));
});

describe('a message of the login', () => {
  test.each([
    ['open', 1200],
    ['rakp1', 2400],
    ['rakp3', 2400],
  ] as const)('%s is sent again after %d ms, and sooner as soon as something was seen to be lost', (kind, patience) => {
    const { waiting, way } = waitingOn(0.5);
    waiting.start(kind, 0);
    waiting.sent(0);
    expect(waiting.dueAt).toBe(patience);
    way.lossy = true;
    expect(waiting.dueAt).toBe(200);
  });

  test('Open Session leaves ever more seldom while nobody answers, over calls too, and a call has few of them', () => {
    const { waiting, allowance } = waitingOn(0.5);
    const gaps: number[] = [];
    let now = 0;
    allowance.newCall();
    for (;;) {
      waiting.start('open', now);
      const at = waiting.dueAt ?? 0;
      if (at === Number.POSITIVE_INFINITY) break;
      gaps.push(at - now);
      now = at;
      waiting.sent(now);
    }
    expect(gaps.slice(0, 4)).toEqual([0, 1200, 1800, 2700]);
    expect(new Set(gaps.slice(4))).toEqual(new Set([4000]));
    expect(gaps).toHaveLength(MAX_LOGINS);
    allowance.newCall();
    waiting.start('open', now);
    expect((waiting.dueAt ?? 0) - now).toBe(4000);
    // Heard: as soon as the one before allows it.
    waiting.heard(false);
    waiting.start('open', now + 4000);
    expect(waiting.dueAt).toBe(now + 4000);
  });

  test('Open Session leaves ever more seldom in one call although the BMC answers, and not where it is refused', () => {
    const { waiting, allowance } = waitingOn(0.5);
    const next = (now: number): number => {
      waiting.start('open', now);
      const at = waiting.dueAt ?? 0;
      waiting.sent(at);
      waiting.heard(false);
      return at;
    };
    const at = [0];
    for (let turn = 1; turn < MAX_LOGINS; turn += 1) at.push(next(at.at(-1) ?? 0));
    const gaps = at.map((time, turn) => time - (at[turn - 1] ?? 0)).slice(2);
    for (const [turn, gap] of gaps.entries()) expect(gap).toBeGreaterThan(1.2 * (gaps[turn - 1] ?? 50));
    expect(at.at(-1)).toBeGreaterThan(3000);
    waiting.heard(true);
    const last = at.at(-1) ?? 0;
    expect([next(last), allowance.spent]).toEqual([last, false]);
  });
});
