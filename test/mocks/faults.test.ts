import { describe, expect, it } from 'vitest';
import { FAULT_FIELDS, type Fault, Faulty, faultPlanFromWords, readFaultPlan, VirtualClock } from '../../hardware-mocks/index.ts';

const ANSWER = Uint8Array.from({ length: 40 }, (_, index) => index);
const faulty = (faults: readonly Fault[], seed = 1) => {
  const clock = new VirtualClock(0);
  return { clock, engine: new Faulty(clock, { seed, faults }) };
};
const out = (engine: Faulty, times = 1): string[] =>
  Array.from({ length: times }, (_, turn) =>
    engine.leaving(ANSWER.map((byte) => byte ^ turn)).map(({ bytes, afterMs }) => `${Buffer.from(bytes).toString('hex')}@${afterMs}`),
  ).flat();

describe('a fault plan from outside', () => {
  it('is taken as it is, and survives JSON', () => {
    const plan = { seed: 4_294_967_295, faults: [{ kind: 'loss', in: 0.1, out: 0.3, fromMs: 5, forMs: 10 }, { kind: 'echo' }] };
    expect(readFaultPlan(JSON.parse(JSON.stringify(plan)))).toEqual({ value: plan });
  });

  it.each([
    ['no map', 7, /must be a map/],
    ['an unknown kind', { faults: [{ kind: 'haunted' }] }, /unknown kind haunted/],
    ['a name of Object', { faults: [{ kind: 'constructor' }] }, /unknown kind constructor/],
    ['a misspelt field', { faults: [{ kind: 'loss', inn: 1 }] }, /does not take inn/],
    ['a probability above one', { faults: [{ kind: 'loss', in: 2 }] }, /number from 0 to 1/],
    ['a missing field', { faults: [{ kind: 'reboot' }] }, /needs ms/],
    ['a wrong word', { faults: [{ kind: 'lie', says: 'maybe' }] }, /one of on, off/],
    ['a seed that is none', { seed: 1.5, faults: [] }, /seed/],
    ['too many', { faults: Array.from({ length: 33 }, () => ({ kind: 'echo' })) }, /at most 32/],
    ['something more', { faults: [], extra: 1 }, /unknown field extra/],
  ])('is refused with %s', (_, raw, says) => {
    const read = readFaultPlan(raw);
    expect('problem' in read && read.problem.says).toMatch(says);
  });

  it('can be typed', () => {
    expect(faultPlanFromWords(['seed=7', 'loss', 'in=0.3', 'out=0.3', 'lie', 'says=off'])).toEqual({
      value: {
        seed: 7,
        faults: [
          { kind: 'loss', in: 0.3, out: 0.3 },
          { kind: 'lie', says: 'off' },
        ],
      },
    });
    expect(faultPlanFromWords(['none'])).toEqual({ value: { seed: 0, faults: [] } });
    expect(faultPlanFromWords(['in=0.3'])).toHaveProperty('problem');
    expect(faultPlanFromWords(['seed=x', 'echo'])).toHaveProperty('problem');
    expect(faultPlanFromWords(['echo', 'none'])).toHaveProperty('problem');
  });

  it('knows a way to name every kind', () => {
    for (const [kind, fields] of Object.entries(FAULT_FIELDS)) {
      const needed = Object.entries(fields).flatMap(([name, field]) =>
        field.required === true ? [[name, field.type === 'word' ? field.of[0] : 1]] : [],
      );
      expect(readFaultPlan({ faults: [{ kind, ...Object.fromEntries(needed) }] })).toHaveProperty('value');
    }
  });
});

describe('faults of bytes', () => {
  it('do the same again with the same seed, and something else with another', () => {
    const faults: Fault[] = [
      { kind: 'loss', in: 0.3, out: 0.3 },
      { kind: 'truncate', probability: 0.2 },
      { kind: 'garbage', probability: 0.2 },
      { kind: 'duplicate', probability: 0.2 },
      { kind: 'replay', probability: 0.3 },
      { kind: 'delay', ms: 5, jitterMs: 50 },
    ];
    const run = (seed: number) => out(faulty(faults, seed).engine, 200);
    expect(run(42)).toEqual(run(42));
    expect(run(42)).not.toEqual(run(43));
  });

  it('lose about as many as asked, each way on its own', () => {
    const { engine } = faulty([{ kind: 'loss', in: 0.5, out: 0.1 }], 3);
    const tries = 4000;
    let arrived = 0;
    let left = 0;
    for (let turn = 0; turn < tries; turn += 1) {
      arrived += engine.arriving(ANSWER).length;
      left += engine.leaving(ANSWER).length;
    }
    expect(Math.abs(arrived / tries - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(left / tries - 0.9)).toBeLessThan(0.03);
  });

  it.each([
    ['in', 0, 1],
    ['out', 1, 0],
    ['both', 0, 0],
  ] as const)('mute %s', (direction, arriving, leaving) => {
    const { engine } = faulty([{ kind: 'mute', direction }]);
    expect([engine.arriving(ANSWER).length, engine.leaving(ANSWER).length]).toEqual([arriving, leaving]);
  });

  it('delay, duplicate, truncate, make garbage and oversize', () => {
    expect(faulty([{ kind: 'delay', ms: 250 }]).engine.leaving(ANSWER)).toEqual([{ bytes: ANSWER, afterMs: 250 }]);
    expect(out(faulty([{ kind: 'duplicate' }]).engine)).toHaveLength(2);
    expect(faulty([{ kind: 'duplicate', direction: 'in' }]).engine.arriving(ANSWER)).toHaveLength(2);
    expect(faulty([{ kind: 'truncate', keep: 3 }]).engine.leaving(ANSWER)[0]?.bytes).toEqual(ANSWER.subarray(0, 3));
    expect(faulty([{ kind: 'garbage' }]).engine.leaving(ANSWER)[0]?.bytes).not.toEqual(ANSWER);
    const long = faulty([{ kind: 'oversized', bytes: 2000 }]).engine.leaving(ANSWER)[0]?.bytes;
    expect(long?.length).toBe(2040);
    expect(long?.subarray(0, 40)).toEqual(ANSWER);
  });

  it('replay an older answer, before the right one or instead of it', () => {
    const before = faulty([{ kind: 'replay' }]).engine;
    expect(out(before)).toHaveLength(1);
    const first = ANSWER.map((byte) => byte ^ 0xff);
    expect(before.leaving(first).map(({ bytes }) => bytes)).toEqual([ANSWER, first]);
    const instead = faulty([{ kind: 'replay', place: 'instead' }]).engine;
    instead.leaving(ANSWER);
    expect(instead.leaving(first).map(({ bytes }) => bytes)).toEqual([ANSWER]);
  });

  it('begin and end when they should', () => {
    const { engine, clock } = faulty([{ kind: 'mute', fromMs: 100, forMs: 50 }]);
    const heard = () => engine.arriving(ANSWER).length;
    expect(heard()).toBe(1);
    clock.advance(100);
    expect(heard()).toBe(0);
    clock.advance(50);
    expect(heard()).toBe(1);
  });

  it('start a device anew: silent, then back, and its sessions gone', () => {
    const { engine, clock } = faulty([]);
    let forgotten = 0;
    engine.onReboot(() => {
      forgotten += 1;
    });
    engine.apply({ seed: 0, faults: [{ kind: 'reboot', ms: 3000, fromMs: 500 }] });
    expect([forgotten, engine.silent]).toEqual([0, false]);
    clock.advance(500);
    expect([forgotten, engine.arriving(ANSWER).length, engine.leaving(ANSWER).length]).toEqual([1, 0, 0]);
    clock.advance(3000);
    expect(engine.arriving(ANSWER)).toHaveLength(1);
  });
});

describe('faults of meaning', () => {
  it('are none without a plan', () => {
    const { engine } = faulty([]);
    expect(engine.ordered('1', 'off')).toEqual({ act: true, plugOffset: 0 });
    expect([engine.reading('1', 'on'), engine.login(), engine.busy(), engine.wrongSession()]).toEqual(['on', 'allowed', false, false]);
  });

  it('lie, echo the last order, hang between, and say off once', () => {
    expect(faulty([{ kind: 'lie', says: 'off' }]).engine.reading('', 'on')).toBe('off');
    expect(faulty([{ kind: 'transitional' }]).engine.reading('', 'off')).toBe('transitional');
    const echo = faulty([{ kind: 'echo' }, { kind: 'ignore-orders' }]).engine;
    expect(echo.reading('3', 'on')).toBe('on');
    expect(echo.ordered('3', 'off').act).toBe(false);
    expect([echo.reading('3', 'on'), echo.reading('4', 'on')]).toEqual(['off', 'on']);
    const once = faulty([{ kind: 'off-once' }]).engine;
    expect(Array.from({ length: 7 }, () => once.reading('', 'on'))).toEqual(['on', 'off', 'on', 'on', 'off', 'on', 'on']);
  });

  it('reach another plug, and undo', () => {
    expect(faulty([{ kind: 'wrong-plug', offset: 2 }]).engine.ordered('1', 'off').plugOffset).toBe(2);
    expect(faulty([{ kind: 'wrong-plug-answer' }]).engine.answerPlugOffset()).toBe(1);
    expect(faulty([{ kind: 'bounce', afterMs: 700 }]).engine.ordered('1', 'off')).toEqual({ act: true, plugOffset: 0, undoAfterMs: 700 });
  });

  it('shut everybody out after bad passwords, for a while', () => {
    const { engine, clock } = faulty([{ kind: 'lock-out', after: 2, ms: 1000 }]);
    engine.badPassword();
    expect(engine.login()).toBe('allowed');
    engine.badPassword();
    expect(engine.login()).toBe('locked-out');
    clock.advance(1000);
    expect(engine.login()).toBe('allowed');
  });

  it('have no session free, and are busy as often as asked', () => {
    expect(faulty([{ kind: 'sessions-exhausted' }]).engine.login()).toBe('exhausted');
    const { engine } = faulty([{ kind: 'busy', times: 2 }]);
    expect([engine.busy(), engine.busy(), engine.busy()]).toEqual([true, true, false]);
  });

  it('keep no more than they need of what they are told', () => {
    const { engine } = faulty([{ kind: 'echo' }, { kind: 'replay' }]);
    for (let plug = 0; plug < 2000; plug += 1) engine.ordered(String(plug), 'off');
    expect(engine.reading('1', 'on')).toBe('off');
    expect(engine.reading('1999', 'on')).toBe('on');
  });
});
