/** The loop: one step at a time, durable before done, and a process that stops resumes where it was. */
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/coordinator/ports.ts';
import { Bench, command, DISK_FULL, settled, verdict } from './ports.ts';

/** As a snapshot has it. */
const written = (state: object): object => JSON.parse(JSON.stringify(state)) as object;

describe('one verdict', () => {
  it('is carried from the queue to a confirmed answer, and idle says when', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    expect(loop.verdict(verdict('v1'))).toBeUndefined();
    let idle = false;
    const waits = loop.idle().then(() => (idle = true));
    await settled();
    expect(idle).toBe(false);
    await bench.pass(100);
    await waits;
    expect(bench.outcomes()).toEqual(['verdict v1 confirmed']);
    expect(bench.rack.asked).toEqual(['order bmc-db1 off', 'read bmc-db1', 'read bmc-db1']);
  });

  it('gets the same answer when it comes again, and nothing more is ordered', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    loop.verdict(verdict('v1'));
    await bench.pass(100);
    loop.verdict(verdict('v1'));
    await settled();
    expect(bench.told[1]).toEqual(bench.told[0]);
    expect(bench.rack.asked.filter((line) => line.startsWith('order'))).toHaveLength(1);
  });
});

describe('the queue', () => {
  it('is bounded: what does not fit is not taken, and says so', async () => {
    const bench = new Bench();
    const loop = await bench.start({ longestQueue: 2 });
    const answers = ['v1', 'v2', 'v3', 'v4', 'v5'].map((id, index) => loop.verdict(verdict(id, `db${index + 1}`, index + 1))?.code);
    expect(answers[0]).toBeUndefined();
    expect(answers.at(-1)).toBe('queue-full');
    await settled();
    expect(loop.verdict(verdict('v6'))).toBeUndefined();
  });

  it('steps one event at a time: the next is not stepped while the last is being written', async () => {
    const bench = new Bench();
    const store = bench.disk.open();
    let writing = 0;
    let most = 0;
    const slow: Store = {
      ...store,
      append: async (at, event) => {
        writing += 1;
        most = Math.max(most, writing);
        await settled();
        const problem = await store.append(at, event);
        writing -= 1;
        return problem;
      },
    };
    const loop = await bench.start({}, slow);
    for (let index = 1; index <= 5; index += 1) loop.command(command(`c${index}`, `db${index}`));
    await bench.pass(200);
    expect(most).toBe(1);
    expect(bench.events.map(({ at }) => at)).toEqual(bench.events.map(({ at }) => at).sort((a, b) => a - b));
  });
});

describe('the journal before everything (S6)', () => {
  it('an order goes out only after its event is durable', async () => {
    const bench = new Bench();
    const store = bench.disk.open();
    const lines: string[] = [];
    const loop = await bench.start(
      {},
      {
        ...store,
        append: async (at, event) => {
          const problem = await store.append(at, event);
          lines.push((event as { kind: string }).kind);
          return problem;
        },
      },
    );
    bench.rack.onOrder = () => {
      expect(lines.at(-1)).toBe('assessed');
      return Promise.resolve({ result: 'accepted' });
    };
    loop.verdict(verdict('v1'));
    await bench.pass(50);
    expect(bench.rack.asked[0]).toBe('order bmc-db1 off');
  });

  it('a full disk: nothing is ordered, the answer says so, and a person is called', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.disk.failure = DISK_FULL;
    loop.verdict(verdict('v1'));
    loop.command(command('c1', 'db2'));
    await bench.pass(100);
    expect(bench.rack.asked).toEqual([]);
    expect(bench.told.map(({ to, answer }) => [to, answer.outcome, answer.problem?.code])).toEqual([
      ['verdict v1', 'withheld', 'journal-unwritable'],
      ['command c1', 'withheld', 'journal-unwritable'],
    ]);
    expect(bench.called).toContain('journal-unwritable');
  });

  it('a disk that fills up in the middle: unconfirmed, no further order; afterwards the replay is the state', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.rack.onRead = () => Promise.resolve({ power: 'on', source: 'rack' });
    loop.verdict(verdict('v1'));
    await bench.pass(50);
    const ordered = bench.rack.asked.filter((line) => line.startsWith('order')).length;
    bench.disk.failure = DISK_FULL;
    await bench.pass(2000, 50);
    expect(bench.outcomes()).toEqual(['verdict v1 unconfirmed']);
    expect(bench.rack.asked.filter((line) => line.startsWith('order'))).toHaveLength(ordered);
    bench.disk.failure = undefined;
    bench.rack.onRead = undefined;
    loop.verdict(verdict('v2', 'db2', 2));
    await bench.pass(200);
    expect(bench.outcomes().at(-1)).toBe('verdict v2 confirmed');
    const living = loop.state;
    await loop.close();
    // The next process must not take up again what this one had given up.
    const next = await bench.start();
    expect(next.state.operations.keys()).toEqual([]);
    // What the process before had sent may act as late as its device does, counted from the start of this one.
    const { permits, ...rest } = living;
    expect(written(next.state)).toMatchObject(written(rest));
    expect(next.state.permits.values().map(({ operation, number }) => [operation, number])).toEqual(
      permits.values().map((one) => [one.operation, one.number]),
    );
  });

  it('a start that cannot be recorded decides nothing, and is made good when the disk is free', async () => {
    const bench = new Bench();
    bench.disk.failure = DISK_FULL;
    const loop = await bench.start();
    loop.verdict(verdict('v1'));
    await bench.pass(20);
    expect(bench.outcomes()).toEqual(['verdict v1 withheld']);
    bench.disk.failure = undefined;
    loop.verdict(verdict('v2', 'db1', 2));
    await bench.pass(100);
    expect(bench.outcomes().at(-1)).toBe('verdict v2 confirmed');
  });
});

describe('snapshots', () => {
  it('one that cannot be written is tried again after as many more events, not at each, and a person is called as often', async () => {
    const bench = new Bench();
    const store = bench.disk.open();
    let tries = 0;
    const full: Store = {
      ...store,
      snapshot: async () => {
        tries += 1;
        return await Promise.resolve(DISK_FULL);
      },
    };
    const loop = await bench.start({ snapshotEvery: 10 }, full);
    for (let index = 1; index < 35; index += 1) loop.command(command(`c${index}`, 'nobody'));
    await bench.pass(20);
    expect(store.sinceSnapshot()).toBe(35);
    expect(tries).toBe(3);
    expect(bench.called).toEqual(Array.from({ length: 3 }, () => 'snapshot-not-taken'));
  });
});

describe('a process that stops', () => {
  it('when a driver throws: broken rejects, nothing more is taken, and the next process resumes at confirm (S7)', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.rack.onOrder = (outlet) => {
      bench.rack.power.set(outlet.device, 'off');
      return Promise.reject(new TypeError('a defect of a driver'));
    };
    loop.verdict(verdict('v1'));
    const stopped = expect(loop.broken).rejects.toThrow('a defect of a driver');
    await bench.pass(20);
    await stopped;
    expect(loop.verdict(verdict('v2'))?.code).toBe('closing');
    expect(bench.clock.waiting).toBe(0);
    bench.rack.onOrder = undefined;
    bench.rack.asked.length = 0;
    await bench.start();
    await bench.pass(100);
    expect(bench.rack.asked).toEqual(['read bmc-db1', 'read bmc-db1']);
    expect(bench.outcomes()).toEqual(['verdict v1 confirmed']);
  });

  it('when the replies throw: broken rejects', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    bench.told.push = () => {
      throw new Error('deaf');
    };
    loop.verdict(verdict('v1', 'nobody'));
    const stopped = expect(loop.broken).rejects.toThrow('deaf');
    await settled();
    await stopped;
  });

  it('close stops at once, leaves the operation open for the next process, and hears nothing that comes later', async () => {
    const bench = new Bench();
    const loop = await bench.start();
    let answer: () => void = () => undefined;
    bench.rack.onOrder = (outlet, within) =>
      new Promise((resolve) => {
        within.signal?.addEventListener('abort', () => bench.called.push('aborted'));
        answer = () => {
          bench.rack.power.set(outlet.device, 'off');
          resolve({ result: 'accepted' });
        };
      });
    loop.verdict(verdict('v1'));
    await bench.pass(20);
    const seen = bench.events.length;
    await loop.close();
    await loop.idle();
    expect(bench.called).toContain('aborted');
    answer();
    await bench.pass(100);
    expect(bench.events).toHaveLength(seen);
    expect(bench.clock.waiting).toBe(0);
    bench.rack.onOrder = undefined;
    const next = await bench.start();
    expect(next.state.operations.values().map(({ target, phase }) => [target, phase])).toEqual([['db1', 'confirm']]);
    await bench.pass(100);
    expect(bench.outcomes()).toEqual(['verdict v1 confirmed']);
  });
});
