/** BMCs that take seconds for a step: what they say late is waited for, over calls too, and teaches how long they take. */
import { describe, expect, test } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { stepOf } from '../../hardware-mocks/bmc/habits.ts';
import { type SlowStage, slowStage } from './slow-stage.ts';

/** Reads for so long, by calls of `ms` with a pause between them: how often each code came. */
async function readFor(stage: SlowStage, span: number, ms: number): Promise<Readonly<Record<string, number>>> {
  const codes: Record<string, number> = {};
  const end = stage.clock.now() + span;
  while (stage.clock.now() < end) {
    const { code } = await stage.read(ms);
    codes[code] = (codes[code] ?? 0) + 1;
    await stage.clock.advance(250);
  }
  return codes;
}

describe('a BMC that is quick at the login and takes seconds in the session', () => {
  test.each([
    [2000, 3000],
    [2000, 8000],
    [3000, 8000],
  ])('%d ms for a request, calls of %d ms: answers reading and order, in a login or two', async (session, ms) => {
    const stage = slowStage({ habits: { takesMs: { session } } });
    const codes = await readFor(stage, 30_000, ms);
    expect(codes['ipmi-no-answer'] ?? 0).toBeLessThanOrEqual(1);
    expect(codes['on']).toBeGreaterThanOrEqual(7);
    expect(await stage.clock.wait(stage.driver.order('', 'off', { ms }))).toEqual({ result: 'accepted' });
    expect(stage.sent('open')).toBeLessThanOrEqual(2);
  });

  test('that has become slow: the second session has the time that the first had not', async () => {
    const stage = slowStage();
    expect((await stage.read(8000)).code).toBe('on');
    stage.net.filter = (datagram, way) => {
      if (way === 'to-bmc' || stepOf(datagram) !== 'session') return datagram;
      stage.clock.after(2000, () => stage.net.inject(datagram));
      return undefined;
    };
    expect(await stage.clock.wait(stage.driver.order('', 'off', { ms: 8000 }))).toEqual({ result: 'accepted' });
    expect(stage.sent('open')).toBeLessThanOrEqual(3);
  });

  test('that says nothing at all in the session is given up ever later', async () => {
    const stage = slowStage({ habits: { takesMs: { session: 100_000 } } });
    await stage.read(20_000);
    // One login after another, and those beside them, which begin ever more seldom too.
    expect(stage.sent('open')).toBeLessThanOrEqual(7);
  });
});

describe('a BMC that takes seconds for each step of the login', () => {
  test.each([
    [2000, 4000],
    [2500, 5000],
    [3000, 4000],
    [3000, 5000],
  ])('%d ms, calls of %d ms: each goes on with the login of the one before, until it stands', async (takesMs, ms) => {
    const stage = slowStage({ habits: { takesMs: { open: takesMs, rakp1: takesMs, rakp3: takesMs, session: takesMs } } });
    const codes = await readFor(stage, 60_000, ms);
    expect(codes['on']).toBeGreaterThanOrEqual(10);
    expect([stage.sent('open') <= 2, stage.seen.halfOpen <= 2]).toEqual([true, true]);
  });

  test.each([
    [2000, 2000],
    [2500, 5000],
    [3000, 2000],
    [3000, 5000],
  ])('%d ms, calls of %d ms: a wrong password is told', async (takesMs, ms) => {
    const habits = { takesMs: { open: takesMs, rakp1: takesMs, rakp3: takesMs, session: takesMs } };
    const stage = slowStage({ habits, settings: { password: Secret.fixed('another-pass') } });
    const verdicts: boolean[] = [];
    for (let call = 0; call < 20 && verdicts.at(-1) !== true; call += 1) {
      const { code, lasting } = await stage.read(ms);
      verdicts.push(code === 'ipmi-password-wrong' && lasting);
      await stage.clock.advance(250);
    }
    expect(verdicts.at(-1)).toBe(true);
    expect(stage.seen.halfOpen).toBeLessThanOrEqual(2);
  });

  test('half a login that nobody goes on with is given back as soon as the wait for its message is over', async () => {
    const stage = slowStage({ habits: { takesMs: { open: 3000, rakp1: 60_000 } } });
    await stage.read(3500);
    await stage.clock.advance(6000);
    expect(stage.bmc.sessions).toBeGreaterThan(0);
    // Twice the wait for the slowest step, which was 3 s.
    await stage.clock.advance(2000);
    expect(stage.bmc.halfOpen).toBe(0);
  });
});
