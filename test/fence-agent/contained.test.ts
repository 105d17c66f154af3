/** Agents that misbehave are contained: they end when we say so, with everything that they started, and they give nothing away. */
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { BenchClock } from '../../drivers/conformance/bench.ts';
import { spellings } from '../../drivers/conformance/overhear.ts';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { Rogue, SECRET, until } from './rogue.ts';

const brief = { ms: 600 };
const usual = { ms: 15_000 };

const rogues: Rogue[] = [];
afterEach(async () => {
  await Promise.all(rogues.splice(0).map((each) => each.end()));
});

async function that(mode: string, more: Readonly<Record<string, unknown>> = {}, clock?: BenchClock): Promise<Rogue> {
  const rogue = await Rogue.that(mode, more, clock);
  rogues.push(rogue);
  return rogue;
}

describe('an agent that does not end', () => {
  it.each([
    ['hangs', 1],
    ['ignores-signals', 1],
    ['forks-and-hangs', 2],
    ['leaves-and-hangs', 2],
  ])('%s: the call settles, and all of its processes are ended', async (mode, processes) => {
    // The deadline comes when all of them run, however long they take to start.
    const clock = new VirtualClock();
    const one = await that(mode, {}, clock);
    const reading = one.device.read('', brief);
    const pids = await one.noted(processes);
    clock.advance(brief.ms);
    expect(await reading).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-deadline' } });
    expect(await one.gone(pids)).toBe(true);
    expect(one.tools.liveTimers()).toBe(0);
  });

  it('makes an order unknown, not rejected', async () => {
    const one = await that('hangs');
    expect(await one.device.order('', 'off', brief)).toMatchObject({ result: 'unknown', why: { code: 'fence-agent-deadline' } });
  });

  it('is ended by an abort, and by closing the driver', async () => {
    const one = await that('forks-and-hangs');
    const stop = new AbortController();
    const reading = one.device.read('', { ...usual, signal: stop.signal });
    const first = await one.noted(2);
    stop.abort();
    expect(await reading).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-aborted' } });
    expect(await one.gone(first)).toBe(true);
    const order = one.device.order('', 'off', usual);
    const second = await one.noted(4);
    await one.device.close();
    expect(await order).toMatchObject({ result: 'unknown', why: { code: 'fence-agent-closed' } });
    expect(await one.gone(second)).toBe(true);
    expect(await one.device.order('', 'off', usual)).toMatchObject({ result: 'unknown' });
    expect(await one.device.read('', usual)).toMatchObject({ power: 'unknown' });
  });
});

describe('children that outlive their agent', () => {
  it.each(['forks-and-ends', 'leaves-the-group'])('%s: the answer counts at once, the child is ended', async (mode) => {
    const one = await that(mode);
    expect(await one.device.read('', usual)).toMatchObject({ power: 'on' });
    expect(await one.gone(await one.noted(2))).toBe(true);
  });
});

describe('output without measure', () => {
  it.each(['floods', 'floods-stderr'])('%s: it is ended', async (mode) => {
    const one = await that(mode);
    expect(await one.device.read('', usual)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-unclear' } });
    expect(await one.gone(await one.noted(1))).toBe(true);
  });

  it('megabytes before an off are no off', async () => {
    const one = await that('megabytes');
    expect(await one.device.read('', usual)).toMatchObject({
      power: 'unknown',
      why: { says: expect.stringContaining('more than an answer') },
    });
  });
});

describe('secrets', () => {
  it.each(['tells-password', 'tells-password-late'])('%s: nobody hears it', async (mode) => {
    const one = await that(mode);
    const said = JSON.stringify([
      await one.device.read('', usual),
      await one.device.order('', 'off', usual),
      await one.device.check(usual),
      one.tools.lines,
    ]);
    for (const { text } of [...spellings(SECRET), ...spellings(SECRET.slice(0, 12))]) expect(said).not.toContain(text);
    if (mode === 'tells-password') expect(said).toContain('login failed for (secret)');
  });

  it('are in no argument and no environment of a running agent, and the environment is small', async () => {
    process.env['BAILIFF_TEST_ELSEWHERE'] = SECRET;
    try {
      const clock = new VirtualClock();
      const one = await that('hangs', {}, clock);
      const reading = one.device.read('', brief);
      const [pid = 0] = await one.noted(1);
      // It has read its standard input, and is about to become `sleep`; both have the same environment, and in between it shows none.
      const seen = await until(async () => {
        const [line = '', environment = ''] = await Promise.all(
          ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
        );
        return line === '' || environment === '' ? undefined : { line, environment };
      });
      for (const { text } of spellings(SECRET)) expect(seen.line + seen.environment).not.toContain(text);
      const names = seen.environment.split('\0').flatMap((each) => (each === '' ? [] : [each.slice(0, each.indexOf('='))]));
      expect(names.filter((name) => !['PWD', '_', 'OLDPWD', 'SHLVL'].includes(name)).toSorted()).toEqual([
        'BAILIFF_RUN',
        'HOME',
        'LC_ALL',
        'PATH',
      ]);
      clock.advance(brief.ms);
      expect(await reading).toMatchObject({ power: 'unknown' });
    } finally {
      delete process.env['BAILIFF_TEST_ELSEWHERE'];
    }
  });
});
