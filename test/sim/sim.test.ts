/** Simulated worlds in virtual time. Replay a failing one: `SIM_SEED=<seed> npx vitest run test/sim`; live more: `SIM_RUNS=5000`. */
import { describe, expect, it } from 'vitest';
import { EMPTY, type State, step } from '../../src/core/index.ts';
import { eventOf } from '../../src/coordinator/restore.ts';
import type { Answer } from '../../src/vocabulary/index.ts';
import { Oracle } from '../core/oracle/index.ts';
import { Life } from './life.ts';

const ONE = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED);
const RUNS = Number(process.env.SIM_RUNS ?? 300);
const FIRST = Number(process.env.SIM_FIRST ?? 1);
const seeds = ONE === undefined ? Array.from({ length: RUNS }, (_, index) => FIRST + index) : [ONE];

interface Found {
  readonly wrong: readonly string[];
  readonly orders: number;
  readonly outcomes: readonly string[];
}

/** What the journal says, judged by the oracle; and what was told and done, held against the journal. */
async function judged(life: Life): Promise<Found> {
  const wrong = [...life.wrong];
  const oracle = new Oracle();
  const journalled = new Map<string, string>();
  let orders = 0;
  let state: State = EMPTY;
  for (const entry of await life.history()) {
    const event = eventOf(entry);
    const after = step(state, event);
    state = after.state;
    // The journal tells of a jump when the core has learnt it, which is right after it.
    if (event.kind === 'clock-jumped') oracle.jumped(event.by, event.at - event.by);
    oracle.observe(event, after.effects, state.operations.keys());
    for (const effect of after.effects) {
      if (effect.kind === 'order') orders += 1;
      if (effect.kind === 'answer') journalled.set(`${effect.to.kind} ${effect.to.id}`, bare(effect.answer));
    }
  }
  wrong.push(...oracle.broken);
  if (JSON.stringify(sorted(state)) !== JSON.stringify(sorted(life.loop?.state)))
    wrong.push('the replay of the journal is not the living state');
  if (state.operations.size > 0) wrong.push(`still open in the end: ${state.operations.keys().join(', ')}`);
  const final = life.told.filter((told) => told.final);
  for (const { to, answer } of final)
    if (journalled.get(to) !== bare(answer)) wrong.push(`${to} was told ${answer.outcome}, which is not its answer`);
  for (const to of life.senders.all) {
    const answers = new Set(final.filter((told) => told.to === to).map(({ answer }) => bare(answer)));
    if (answers.size !== 1) wrong.push(`${to} got ${answers.size} final answers`);
  }
  const sent = life.log.filter((line) => /^\d+ order /.test(line)).length;
  if (sent > orders) wrong.push(`${sent} orders were sent, ${orders} were journalled`);
  return { wrong, orders, outcomes: life.told.map(({ answer }) => answer.outcome) };
}

/** The answer itself: what was powered on since is told beside it. */
const bare = ({ supersededBy: _since, ...answer }: Answer): string => JSON.stringify(answer);

const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? value.map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        );

const replayWith = (seed: number): string => `replay: SIM_SEED=${seed} npx vitest run test/sim`;

describe('simulated worlds', () => {
  it(`${seeds.length} troubled lives: nothing false is told, nothing unrecorded is done, everybody is answered`, {
    timeout: 3_600_000,
  }, async () => {
    const outcomes = new Set<string>();
    let withOrders = 0;
    for (const seed of seeds) {
      const life = new Life(seed);
      await life.live();
      const found = await judged(life);
      if (found.wrong.length > 0) throw new Error([replayWith(seed), ...found.wrong, ...(ONE === undefined ? [] : life.log)].join('\n'));
      if (found.orders > 0) withOrders += 1;
      for (const outcome of found.outcomes) outcomes.add(outcome);
    }
    if (ONE !== undefined) return;
    expect(withOrders).toBeGreaterThan(seeds.length / 2);
    expect([...outcomes]).toEqual(expect.arrayContaining(['confirmed', 'refused', 'withheld', 'unconfirmed']));
  });

  it('with honest, reachable devices every admitted verdict ends confirmed within its deadline', { timeout: 600_000 }, async () => {
    for (const seed of seeds.slice(0, 100)) {
      const life = new Life(seed, true);
      await life.live();
      expect((await judged(life)).wrong, replayWith(seed)).toEqual([]);
      for (const verdict of life.senders.verdicts) {
        const told = life.told.find(({ to }) => to === `verdict ${verdict.id}`);
        expect(told?.answer.outcome, `${replayWith(seed)} (${verdict.id})`).toBe('confirmed');
        expect((told?.at ?? Number.POSITIVE_INFINITY) - verdict.issuedAt).toBeLessThanOrEqual(life.policy.timeout + life.policy.delay);
      }
    }
  });

  it('devices that lie are found out by the lamp: these worlds can fail', async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= 60; seed += 1) {
      const life = new Life(seed);
      life.rack.lies = true;
      await life.live();
      found.push(...life.wrong);
    }
    expect(found.filter((line) => line.includes('its lamp is lit')).length).toBeGreaterThan(0);
  });

  it('the same seed lives the same life', async () => {
    for (const seed of seeds.slice(0, 10)) {
      const lives = [new Life(seed), new Life(seed)];
      for (const life of lives) await life.live();
      expect(lives[0]?.log.length).toBeGreaterThan(10);
      expect(lives[1]?.log, replayWith(seed)).toEqual(lives[0]?.log);
    }
  });
});
