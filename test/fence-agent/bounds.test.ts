/** The bounds of one run, and of the two runs of a second reading: nothing begins too late, nothing goes on for longer, nobody waits for it. */
import { getEventListeners } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { until } from './rogue.ts';
import { Workshop } from './workshop.ts';

const within = { ms: 15_000 };
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.end());

const exists = (path: string): Promise<true | undefined> =>
  stat(path).then(
    () => true as const,
    () => undefined,
  );
const noted = (name: string): Promise<number> =>
  until(async () => Number(await readFile(join(shop.folder, name), 'utf8').catch(() => '')) || undefined);
/** A zombie does not run. */
const gone = (pid: number): Promise<true> =>
  until(async () => {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    return line === undefined || /\) [ZX] /.test(line) ? true : undefined;
  });

describe('a call', () => {
  it.each([{ ms: 0 }, { ms: -5 }])('with no time left (%j) runs nothing', async (none) => {
    const device = shop.device({ agent: await shop.agent('fence_x', 'echo "Status: OFF"; exit 2') }, new VirtualClock());
    expect(await device.read('', none)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-deadline' } });
    expect(await device.order('', 'off', none)).toMatchObject({ result: 'unknown', why: { code: 'fence-agent-deadline' } });
    expect(await exists(join(shop.folder, 'fence_x.told'))).toBeUndefined();
  });

  it('that was given up before it began runs nothing', async () => {
    const device = shop.device({ agent: await shop.agent('fence_x', 'exit 0') });
    const signal = AbortSignal.abort();
    expect(await device.order('', 'off', { ...within, signal })).toMatchObject({ result: 'unknown', why: { code: 'fence-agent-aborted' } });
    expect(await exists(join(shop.folder, 'fence_x.told'))).toBeUndefined();
  });

  it('leaves nothing on the signal by which it could have been given up', async () => {
    const device = shop.device({ agent: await shop.agent('fence_x', 'echo "Status: ON"') });
    const { signal } = new AbortController();
    expect((await device.read('', { ...within, signal })).power).toBe('on');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('to an agent that cannot be started is rejected: nothing ran', async () => {
    const agent = await shop.program('fence_x', '#!/nowhere/interpreter');
    expect(await shop.device({ agent }).order('', 'off', within)).toMatchObject({
      result: 'rejected',
      why: { code: 'fence-agent-not-started' },
    });
  });
});

describe('an agent that does not listen', () => {
  it('is believed all the same, whatever it should have been told', async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, 'x'.repeat(4_000)]));
    const agent = await shop.program('fence_x', '#!/bin/sh', 'echo "Status: OFF"; exit 2');
    for (let time = 1; time <= 5; time += 1) {
      expect(await shop.device({ agent, parameters: many }).read('', within)).toMatchObject({ power: 'off' });
    }
  });
});

describe('a child in the group of its agent', () => {
  const child = (end: string): readonly string[] => [
    `env -i /bin/sh -c 'echo $$ > ${join(shop.folder, 'pid')}; exec /bin/sleep 600' &`,
    `while [ ! -s ${join(shop.folder, 'pid')} ]; do sleep 0.01; done`,
    end,
  ];

  it('is ended with it, though nothing marks it', async () => {
    const clock = new VirtualClock();
    const reading = shop.device({ agent: await shop.agent('fence_x', ...child('wait')) }, clock).read('', within);
    const pid = await noted('pid');
    clock.advance(within.ms);
    expect(await reading).toMatchObject({ why: { code: 'fence-agent-deadline' } });
    expect(await gone(pid)).toBe(true);
  });

  it('neither lives on nor keeps anybody waiting, when its agent has ended', async () => {
    // No time goes by: what waits for a timer never comes.
    const device = shop.device({ agent: await shop.agent('fence_x', ...child('echo "Status: ON"; exit 0')) }, new VirtualClock());
    expect((await device.read('', within)).power).toBe('on');
    expect(await gone(await noted('pid'))).toBe(true);
  });
});

describe('what is kept of the output', () => {
  it('ends with a whole line: half a secret would not be recognised', async () => {
    const agent = await shop.agent('fence_x', `head -c 65530 /dev/zero | tr '\\0' '\\n' >&2; cat "$told" >&2; exit 1`);
    const device = shop.device({ agent });
    // What stands for a secret here is `action=off`; its end is beyond the bound.
    expect(await device.order('', 'off', within)).toMatchObject({
      why: { says: expect.stringMatching(/failed off: it did not say why$/) },
    });
  });

  it('has to be all of it, on both streams, for an off', async () => {
    const agent = await shop.agent('fence_x', 'yes | head -c 70000 >&2; echo "Status: OFF"; exit 2');
    expect(await shop.device({ agent }).read('', within)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-unclear' } });
  });
});

describe('a second reading', () => {
  const doubted = { missing_as_off: '1' };
  const waitsFor = (file: string, then: string): readonly string[] => {
    const path = join(shop.folder, file);
    return [`echo $$ > ${path}.pid`, `while [ ! -e ${path} ]; do sleep 0.01; done`, then];
  };
  const off = 'echo "Status: OFF"; exit 2';

  it('has what the first left of the time, and no more', async () => {
    const clock = new VirtualClock();
    const second = { agent: await shop.agent('fence_b', ...waitsFor('b', off)) };
    const agent = await shop.agent('fence_a', ...waitsFor('a', off));
    const reading = shop.device({ agent, parameters: doubted, secondReading: second }, clock).read('', { ms: 1_000 });
    await noted('a.pid');
    clock.advance(900);
    await writeFile(join(shop.folder, 'a'), '');
    const pid = await noted('b.pid');
    clock.advance(100);
    expect(await reading).toMatchObject({
      power: 'unknown',
      why: { code: 'fence-agent-deadline', says: expect.stringContaining('fence_b') },
    });
    expect(await gone(pid)).toBe(true);
  });

  it('ends when the driver is closed', async () => {
    const second = { agent: await shop.agent('fence_b', ...waitsFor('b', off)) };
    const device = shop.device({ agent: await shop.agent('fence_a', off), parameters: doubted, secondReading: second });
    const reading = device.read('', within);
    const pid = await noted('b.pid');
    await device.close();
    expect(await reading).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-closed' } });
    expect(await gone(pid)).toBe(true);
  });
});
