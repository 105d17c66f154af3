/** What the core asks for is done: one request per device at a time, in fair turn, never longer than allowed, nothing after the end. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import type { Effect } from '../../src/core/index.ts';
import { Effects, type Unstamped } from '../../src/coordinator/effects.ts';
import { ObedientRack, settled } from './ports.ts';

type Asking = Extract<Effect, { kind: 'order' | 'read' }>;

const order = (operation: string, device: string, within = 1000): Asking => ({
  kind: 'order',
  operation,
  number: 1,
  outlet: { device, plug: '' },
  wanted: 'off',
  within,
  notAfter: 9e12,
});

const read = (operation: string, device: string, delay = 0, within = 1000): Asking => ({
  kind: 'read',
  operation,
  number: 1,
  outlet: { device, plug: '' },
  delay,
  within,
});

function bench(): { clock: VirtualClock; rack: ObedientRack; effects: Effects; heard: Unstamped[]; failed: unknown[]; told: string[] } {
  const clock = new VirtualClock(5000);
  const rack = new ObedientRack();
  const heard: Unstamped[] = [];
  const failed: unknown[] = [];
  const told: string[] = [];
  const effects = new Effects(
    {
      clock,
      pool: rack,
      probes: {
        assess: (_question, within) => Promise.resolve({ startedAt: clock.now(), endedAt: clock.now() + within.ms, observations: [] }),
      },
      replies: { answer: (to, answer) => void told.push(`${to.id} ${answer.outcome}`) },
      notify: { callHuman: (problem) => void told.push(problem.code) },
    },
    (event) => void heard.push(event),
    (error) => void failed.push(error),
  );
  return { clock, rack, effects, heard, failed, told };
}

/** A rack that takes `ms` of virtual time for each request, and counts how many are under way at one device. */
function slowly(clock: VirtualClock, rack: ObedientRack, ms: number): { most: () => number } {
  const flying = new Map<string, number>();
  let most = 0;
  const take = async (device: string): Promise<void> => {
    flying.set(device, (flying.get(device) ?? 0) + 1);
    most = Math.max(most, flying.get(device) ?? 0);
    await new Promise<void>((resolve) => void clock.after(ms, resolve));
    flying.set(device, (flying.get(device) ?? 1) - 1);
  };
  rack.onOrder = async ({ device }) => {
    await take(device);
    return { result: 'accepted' };
  };
  rack.onRead = async ({ device }) => {
    await take(device);
    return { power: 'off', source: 'rack' };
  };
  return { most: () => most };
}

const pass = async (clock: VirtualClock, ms: number): Promise<void> => {
  await settled();
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    await settled();
  }
};

describe('requests to devices', () => {
  it('one in flight per device; every operation gets its turn; other devices do not wait', async () => {
    const { clock, rack, effects, heard } = bench();
    const flying = slowly(clock, rack, 50);
    for (const operation of ['op1', 'op2', 'op3']) effects.perform(order(operation, 'pdu-a', 10_000));
    effects.perform(order('op4', 'pdu-b', 10_000));
    await pass(clock, 60);
    const first = heard.map((event) => ('operation' in event ? event.operation : ''));
    expect(first).toContain('op4');
    await pass(clock, 200);
    expect(flying.most()).toBe(1);
    const all = heard.map((event) => ('operation' in event ? event.operation : ''));
    expect(all.toSorted()).toEqual(['op1', 'op2', 'op3', 'op4']);
  });

  it('who waited longer than allowed gets unknown, and the device is not asked', async () => {
    const { clock, rack, effects, heard } = bench();
    slowly(clock, rack, 500);
    effects.perform(order('op1', 'bmc', 1000));
    effects.perform({ ...order('op2', 'bmc', 100), outlet: { device: 'bmc', plug: '2' } });
    effects.perform({ ...read('op3', 'bmc', 0, 100), outlet: { device: 'bmc', plug: '3' } });
    await pass(clock, 600);
    expect(rack.asked).toEqual(['order bmc off']);
    const late = heard.flatMap((event) =>
      event.kind === 'ordered' && event.operation === 'op2'
        ? [event.order.result]
        : event.kind === 'read' && event.operation === 'op3'
          ? [event.reading.power, event.reading.why?.code]
          : [],
    );
    expect(late).toEqual(['unknown', 'unknown', 'device-busy']);
  });

  it('a reading begins when the device is asked, not when it was asked for (S3)', async () => {
    const { clock, rack, effects, heard } = bench();
    slowly(clock, rack, 200);
    effects.perform(order('op1', 'bmc'));
    effects.perform(read('op1', 'bmc'));
    await pass(clock, 500);
    const [reading] = heard.flatMap((event) => (event.kind === 'read' ? [event.reading] : []));
    expect(reading?.startedAt).toBe(5200);
    expect(reading?.endedAt).toBe(5400);
  });

  it('a delayed reading waits for its time; a wake rings at its time, also when that is past', async () => {
    const { clock, rack, effects, heard } = bench();
    effects.perform(read('op1', 'bmc', 100));
    effects.perform({ kind: 'wake', operation: 'op1', timer: { kind: 'hold' }, at: 5050 });
    effects.perform({ kind: 'wake', operation: 'op2', timer: { kind: 'hold' }, at: 1 });
    await pass(clock, 40);
    expect(rack.asked).toEqual([]);
    expect(heard.map((event) => ('operation' in event ? event.operation : ''))).toEqual(['op2']);
    await pass(clock, 100);
    expect(heard.map(({ kind }) => kind)).toEqual(['due', 'due', 'read']);
  });
});

describe('the end', () => {
  it('stops timers, aborts what is under way, and nothing that comes later is performed or a failure', async () => {
    const { clock, rack, effects, failed, told } = bench();
    let aborted = 0;
    rack.onOrder = (_outlet, within) =>
      new Promise((_resolve, reject) =>
        within.signal?.addEventListener('abort', () => {
          aborted += 1;
          reject(new Error('given up'));
        }),
      );
    effects.perform(order('op1', 'bmc'));
    effects.perform(read('op1', 'pdu', 500));
    effects.perform({ kind: 'wake', operation: 'op1', timer: { kind: 'hold' }, at: 9000 });
    await settled();
    effects.stop();
    effects.perform({ kind: 'answer', to: { kind: 'verdict', id: 'v1' }, answer: { outcome: 'confirmed', operations: [] } });
    await pass(clock, 5000);
    expect(aborted).toBe(1);
    expect(clock.waiting).toBe(0);
    expect(rack.asked).toEqual(['order bmc off']);
    expect(failed).toEqual([]);
    expect(told).toEqual([]);
  });

  it('what still waited for its device is not asked any more', async () => {
    const { clock, rack, effects } = bench();
    slowly(clock, rack, 100);
    effects.perform(order('op1', 'bmc'));
    effects.perform({ ...order('op2', 'bmc'), outlet: { device: 'bmc', plug: '2' } });
    effects.perform({ ...read('op3', 'bmc'), outlet: { device: 'bmc', plug: '3' } });
    await settled();
    effects.stop();
    await pass(clock, 1000);
    expect(rack.asked).toEqual(['order bmc off']);
  });

  it('a port that throws is a failure of the process', async () => {
    const { rack, effects, failed } = bench();
    rack.onRead = () => Promise.reject(new TypeError('defect'));
    effects.perform(read('op1', 'bmc'));
    await settled();
    expect(failed).toEqual([new TypeError('defect')]);
  });
});
