/** How long a whole cold fence takes where datagrams are lost both ways, in virtual time: login, off, two readings of off in a row. */
import { describe, expect, test } from 'vitest';
import { bench, type DriverOnNet } from './bench.ts';

const RUNS = Number(process.env['LOSS_RUNS'] ?? 300);
const DEADLINE_MS = 30_000;

/** As the core does it: order, then read until two readings in a row say off; an unknown order is settled by reading and ordered again. */
async function fence({ clock, driver }: DriverOnNet): Promise<number> {
  const start = clock.now();
  const rest = (): number => start + DEADLINE_MS - clock.now();
  let off = 0;
  let accepted = false;
  while (rest() > 0) {
    if (!accepted) accepted = (await clock.wait(driver.order('', 'off', { ms: Math.min(rest(), 8000) }))).result === 'accepted';
    const reading = await clock.wait(driver.read('', { ms: Math.min(rest(), 3000) }));
    off = reading.power === 'off' ? off + 1 : 0;
    if (off === 2) return clock.now() - start;
  }
  return Number.POSITIVE_INFINITY;
}

async function times(loss: number, delayMs: number, more: { suites?: readonly number[] } = {}): Promise<readonly number[]> {
  const found: number[] = [];
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const stage = bench({ seed, bmc: more });
    stage.net.weather = { loss, duplicate: 0, delayMs, jitterMs: delayMs };
    const ms = await fence(stage);
    if (ms !== Number.POSITIVE_INFINITY && stage.bmc.on) throw new Error(`seed ${seed}: confirmed off while on`);
    found.push(ms);
  }
  return found.toSorted((a, b) => a - b);
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;

describe('a cold fence confirmed by two readings', () => {
  test.each([
    [0, 0.5, 20],
    [0.1, 0.5, 1500],
    [0.3, 0.5, 6000],
    [0.1, 20, 1500],
    [0.3, 20, 6000],
  ])('loss %d each way, delay %d ms: all are confirmed, 95 of 100 within %d ms', async (loss, delayMs, most) => {
    const sorted = await times(loss, delayMs);
    const says = `median ${quantile(sorted, 0.5).toFixed(0)} p95 ${quantile(sorted, 0.95).toFixed(0)} max ${quantile(sorted, 1).toFixed(0)} ms`;
    if (process.env['LOSS_RUNS'] !== undefined) process.stdout.write(`loss ${loss} delay ${delayMs}: ${says}\n`);
    expect(sorted.at(-1), says).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(quantile(sorted, 0.95), says).toBeLessThan(most);
  });

  test('also where the BMC offers suite 3 only', async () => {
    const sorted = await times(0.3, 0.5, { suites: [3] });
    expect(quantile(sorted, 0.95)).toBeLessThan(6000);
  });

  test('a slow BMC is not hammered: few copies once its pace is known', async () => {
    const stage = bench();
    stage.net.weather = { loss: 0, duplicate: 0, delayMs: 400, jitterMs: 0 };
    await stage.clock.wait(stage.driver.read('', { ms: 20_000 }));
    const before = stage.toBmc();
    for (let round = 0; round < 5; round += 1) await stage.clock.wait(stage.driver.read('', { ms: 20_000 }));
    expect(stage.toBmc() - before).toBeLessThanOrEqual(7);
  });
});
