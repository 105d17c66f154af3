/**
 * Slow BMCs, and lossy ways to them: how many logins a call begins, how many of them the BMC holds at once, and what is said of the password.
 * Properties over pace, loss, memory and seed; all in virtual time.
 */
import { describe, expect, test } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import type { LoginHabits } from '../../hardware-mocks/bmc/habits.ts';
import { MAX_LOGINS, MEMORIES, PACES, type SlowOptions, type SlowStage, slowStage, USER } from './slow-stage.ts';

const SEEDS = Number(process.env['SLOW_SEEDS'] ?? 12);
const CALL_MS = 20_000;
const BLAME = ['ipmi-password-wrong', 'ipmi-kg-wrong', 'ipmi-user-refused', 'ipmi-privilege-refused', 'ipmi-privilege-too-low'];

const ways = PACES.flatMap(([pace, slow]) => MEMORIES.map(([memory, keeps]) => [`${pace}, ${memory}`, { ...slow, ...keeps }] as const));

describe('nothing is lost', () => {
  test.each(ways)('%s: one login, every message once, and the next call no more', async (_, habits) => {
    const stage = slowStage({ habits });
    const { sent, seen, bmc } = stage;
    expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on', opens: 1 });
    expect([sent('rakp1'), sent('rakp3'), seen.most]).toEqual([1, 1, 1]);
    expect(await stage.read(CALL_MS)).toMatchObject({ code: 'on', opens: 0 });
    expect(await stage.clock.wait(stage.driver.order('', 'off', { ms: CALL_MS }))).toEqual({ result: 'accepted' });
    expect(bmc.count.orders.off).toBe(1);
    await stage.clock.wait(stage.driver.close());
    // Known slow: a later login is not asked for twice either.
    expect(bmc.count.sessions).toMatchObject({ opened: 1, activated: 1, closed: 1 });
  });

  test.each(ways)('%s: a wrong password is told in two logins, or three where what was given back waits in a queue', async (_, habits) => {
    const stage = slowStage({ habits, settings: { password: Secret.fixed('another-pass') } });
    const { code, lasting, opens } = await stage.read(CALL_MS);
    expect([code, lasting]).toEqual(['ipmi-password-wrong', true]);
    const most = habits.inTurn === true ? 3 : 2;
    expect([opens <= most, stage.sent('rakp1') <= 4, stage.seen.halfOpen <= 2]).toEqual([true, true, true]);
    // Nobody's proof was refused: nothing was shown that a lockout could count.
    await stage.clock.advance(5000);
    expect(stage.bmc.halfOpen).toBe(0);
  });

  test.each(MEMORIES)(
    'half a second for each message, one after the other, %s: what is asked beside a login does not starve it',
    async (_, keeps) => {
      const habits = { takesMs: 500, inTurn: true, ...keeps };
      const right = await slowStage({ habits }).read(CALL_MS);
      expect(right.code).toBe('on');
      expect(right.opens).toBeLessThanOrEqual(4);
      const wrong = await slowStage({ habits, settings: { password: Secret.fixed('another-pass') } }).read(CALL_MS);
      expect([wrong.code, wrong.lasting]).toEqual(['ipmi-password-wrong', true]);
      expect(wrong.opens).toBeLessThanOrEqual(6);
    },
  );

  test('soon where the BMC is quick', async () => {
    const { code, took, opens } = await slowStage({ settings: { password: Secret.fixed('another-pass') } }).read(CALL_MS);
    expect([code, opens]).toEqual(['ipmi-password-wrong', 2]);
    expect(took).toBeLessThan(150);
  });

  test.each(ways)('%s: a wrong BMC key is told in two logins, or three where what was given back waits in a queue', async (_, habits) => {
    const bmc = { kg: new TextEncoder().encode('the key of the gate') };
    const { code, lasting, opens } = await slowStage({ habits, bmc }).read(CALL_MS);
    expect([code, lasting]).toEqual(['ipmi-kg-wrong', true]);
    expect(opens).toBeLessThanOrEqual(habits.inTurn === true ? 3 : 2);
  });

  test.each(ways)('%s: a user whom the BMC does not know, and a privilege that is too high, are told', async (_, habits) => {
    const stranger = await slowStage({ habits, settings: { username: 'nobody' } }).read(CALL_MS);
    expect(stranger).toMatchObject({ code: 'ipmi-user-refused', lasting: true, opens: 1 });
    const low = await slowStage({ habits, bmc: { users: [{ ...USER, privilege: 'user' }] } }).read(CALL_MS);
    expect(low).toMatchObject({ code: 'ipmi-privilege-refused', lasting: true, opens: 1 });
  });

  test('short calls to a slow BMC go on with the same login', async () => {
    const stage = slowStage({ habits: { takesMs: 700 } });
    // Each is longer than one answer takes, and shorter than a login.
    let code = 'none';
    for (let call = 0; call < 20 && code !== 'on'; call += 1) ({ code } = await stage.read(900));
    expect([code, stage.sent('open'), stage.sent('rakp1'), stage.sent('rakp3')]).toEqual(['on', 1, 1, 1]);
  });
});

/** What holds in every call, whatever it meets. */
function bounded(stage: SlowStage, call: { took: number; opens: number }): void {
  expect(call.opens).toBeLessThanOrEqual(MAX_LOGINS);
  expect(call.took).toBeLessThanOrEqual(CALL_MS);
  // Those of which the answer was lost cannot be given back by anybody.
  expect(stage.seen.halfOpen).toBeLessThanOrEqual(2 + stage.bmc.count.sessions.opened);
}

async function until(stage: SlowStage, calls: number, done: (code: string) => boolean): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let turn = 0; turn < calls; turn += 1) {
    const call = await stage.read(CALL_MS);
    bounded(stage, call);
    codes.push(call.code);
    if (done(call.code)) break;
    await stage.clock.advance(100);
  }
  return codes;
}

const each = (options: (seed: number) => SlowOptions, judge: (stage: SlowStage, seed: number) => Promise<void>) => async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) await judge(slowStage({ ...options(seed), seed }), seed);
};

/** A BMC that answers each message once is in one of four logins at 30 %, and a call begins few. */
const patienceOf = (loss: number, { answersOnce = false, inTurn = false }: LoginHabits): number =>
  loss > 0.1 && (answersOnce || inTurn) ? 8 : 3;

const quick = MEMORIES.map(([memory, keeps]) => [`quick, ${memory}`, keeps] as const);

describe.each([0.1, 0.3])('%d of all datagrams are lost each way', (loss) => {
  for (const [name, habits] of [...quick, ...ways]) {
    test(
      `${name}: gets in, and blames nobody`,
      each(
        () => ({ loss, habits }),
        async (stage, seed) => {
          const codes = await until(stage, patienceOf(loss, habits), (code) => code === 'on');
          expect(codes.at(-1), `seed ${seed}: ${codes.join()}`).toBe('on');
          expect(
            codes.filter((code) => BLAME.includes(code)),
            `seed ${seed}`,
          ).toEqual([]);
        },
      ),
    );

    test(
      `${name}: a wrong password is told, and never as silence once the BMC has said it`,
      each(
        () => ({ loss, habits, settings: { password: Secret.fixed('another-pass') } }),
        async (stage, seed) => {
          const codes = await until(stage, patienceOf(loss, habits), (code) => code === 'ipmi-password-wrong');
          expect(codes.at(-1), `seed ${seed}: ${codes.join()}`).toBe('ipmi-password-wrong');
        },
      ),
    );
  }
});
