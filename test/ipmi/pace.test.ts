/** When an IPMI message is sent again: by the measured round trip, growing, capped, with jitter. */
import { describe, expect, test } from 'vitest';
import { Repetition, RoundTrip } from '../../drivers/ipmi/session/retry.ts';
import { Waiting } from '../../drivers/ipmi/session/waiting.ts';

/** A round trip of 40 ms has been measured once: 40 + 4 x 20. */
function measured(): RoundTrip {
  const roundTrip = new RoundTrip();
  const repetition = new Repetition(roundTrip, 'session', 0);
  repetition.sent(0, 200);
  repetition.answered(40);
  return roundTrip;
}

describe('the timeout', () => {
  test('is 200 ms before anything was measured, then follows the round trip, with a floor', () => {
    expect(new RoundTrip().timeout('session', 0)).toBe(200);
    expect(measured().timeout('session', 0)).toBe(120);
    const quick = new RoundTrip();
    quick.measured(1);
    expect([quick.timeout('session', 0), quick.timeout('login', 0), quick.timeout('open', 0)]).toEqual([50, 100, 100]);
  });

  test('grows with each copy up to a cap, which is higher for Open Session', () => {
    const roundTrip = measured();
    expect(roundTrip.timeout('session', 1)).toBeCloseTo(162);
    expect([roundTrip.timeout('session', 20), roundTrip.timeout('login', 20), roundTrip.timeout('open', 20)]).toEqual([1000, 1000, 1400]);
  });

  test('is not shortened by an answer that may belong to either copy; the BMC gets more time', () => {
    const roundTrip = measured();
    const repetition = new Repetition(roundTrip, 'session', 1000);
    repetition.sent(1000, 120);
    repetition.sent(1120, 162);
    repetition.answered(1125);
    expect(roundTrip.timeout('session', 0)).toBeCloseTo(120 * 1.4);
    repetition.surplus();
    expect(roundTrip.timeout('session', 0)).toBeCloseTo(125 + 4 * (125 / 8));
    repetition.surplus();
    expect(roundTrip.timeout('session', 0)).toBeCloseTo(125 + 4 * (125 / 8));
  });

  test('stays where the answer comes as fast after the last copy as usual', () => {
    const roundTrip = measured();
    const repetition = new Repetition(roundTrip, 'session', 1000);
    repetition.sent(1000, 120);
    repetition.sent(1120, 162);
    repetition.answered(1160);
    expect(roundTrip.timeout('session', 0)).toBe(120);
  });
});

test.each([
  [0, 180],
  [0.5, 200],
  [1, 220],
])('a tenth more or less by the random: %d gives %d ms', (random, dueAt) => {
  const waiting = new Waiting(() => random);
  waiting.start('session', 0);
  waiting.sent(0);
  expect(waiting.dueAt).toBeCloseTo(dueAt);
  waiting.backOff(1000, () => undefined);
  expect(waiting.dueAt).toBeCloseTo(1000 + 250 * (0.9 + 0.2 * random));
});
