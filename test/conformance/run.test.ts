/** The runner: what does not apply says why, real hardware is not switched unasked, and results are rendered for people and programs. */
import { describe, expect, it } from 'vitest';
import {
  type Bench,
  benchForDevice,
  type CaseResult,
  CASES,
  conformance,
  renderTable,
  summarize,
  unknownCases,
} from '../../drivers/conformance/index.ts';
import { checkSettings, type OrderResult, Secret, type WantedPower, type Deadline } from '../../drivers/kit/contract.ts';
import { JumpingClock } from './reference/clock.ts';
import { ReferenceDevice } from './reference/device.ts';
import { devices, ReferenceDriver, referenceModule, SETTINGS } from './reference/driver.ts';

/** The device in memory as `bailiff conform` would meet a real one: configured, and out of reach but for its driver. */
function hardware(plugs: readonly (readonly [string, boolean])[]): { readonly bench: Bench; readonly device: ReferenceDevice } {
  const clock = new JumpingClock();
  const device = new ReferenceDevice(clock, 'a-password');
  for (const [plug, lit] of plugs) device.plugs.set(plug, lit);
  devices.set('hardware', device);
  const { settings } = checkSettings(SETTINGS, { address: 'hardware', password: Secret.fixed('a-password'), retryAfter: '2s' });
  const bench = benchForDevice({ name: 'strip1', module: referenceModule(), settings, plug: '1', secondPlug: '2', missingPlugs: ['3'] });
  return { bench: { ...bench, clock }, device };
}

const orders = (device: ReferenceDevice): readonly string[] => device.transcript.filter((line) => / order /.test(line));

describe('conformance on real hardware', () => {
  it('orders nothing unless power is allowed, and says what it could not judge', async () => {
    const { bench, device } = hardware([]);
    const results = await conformance(bench);
    expect(orders(device)).toEqual([]);
    const told = Object.fromEntries(results.map(({ id, result, says }) => [id, `${result}: ${says}`]));
    expect(told['C01']).toBe('not-tried: it switches power, which is not allowed in this run');
    expect(told['C04']).toBe('not-applicable: the bench has no silence');
    expect(told['C07']).toBe('not-applicable: the bench has no keepBackReplies, no turn');
    expect(told['C10']).toContain('no control over the device');
    expect(told['C14']).toContain('orders were not tried');
    expect(results.filter(({ result }) => result === 'kept').map(({ id }) => id)).toEqual(['C10', 'C11', 'C13', 'C14', 'C17', 'C18']);
    expect(results.filter(({ result }) => result === 'broken')).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-tried').map(({ id }) => id)).toEqual(['C01', 'C02', 'C03', 'C19']);
    expect(renderTable(summarize(bench.subject, results)).split('\n').at(-1)).toBe(
      '6 kept, 0 broken, 4 not tried, 11 not applicable: reference on strip1 keeps what was tried; nothing was switched',
    );
  });

  it('calls a case that no permission could bring about not applicable, not untried', async () => {
    const { bench } = hardware([]);
    const { secondPlug: _, ...sole } = bench;
    const [result] = await conformance(sole, { only: ['C19'] });
    expect([result?.result, result?.says]).toEqual(['not-applicable', 'the bench has no secondPlug']);
  });

  it('switches when power is allowed, and leaves the plugs as it found them', async () => {
    const { bench, device } = hardware([
      ['1', false],
      ['2', true],
    ]);
    const results = await conformance(bench, { allowPower: true, only: ['C01', 'C02', 'C03', 'C19'] });
    expect(results.map(({ id, result }) => `${id} ${result}`)).toEqual(['C01 kept', 'C02 kept', 'C03 kept', 'C19 kept']);
    expect(orders(device).length).toBeGreaterThan(10);
    expect([...device.plugs]).toEqual([
      ['1', false],
      ['2', true],
    ]);
  });

  /** The same device as if it had the one outlet `1` and no other. */
  const soleOutlet = (bench: Bench, module = bench.module): Bench => {
    const { secondPlug: _, ...sole } = bench;
    return { ...sole, module, missingPlugs: ['01', '3'] };
  };

  it.each([false, true])('judges a plug that does not exist where the sole outlet was found on: %s', async (lit) => {
    const { bench, device } = hardware([['1', lit]]);
    const [result] = await conformance(soleOutlet(bench), { allowPower: true, only: ['C14'] });
    expect([result?.result, result?.says]).toEqual(['kept', 'rejected and read unknown: "01", "3"']);
    expect(device.plugs.get('1')).toBe(lit);
  });

  it.each([false, true])('sees a missing plug mapped to the sole outlet where that was found on: %s', async (lit) => {
    class Guessing extends ReferenceDriver {
      override async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
        const result = await super.order(String(Number(plug)), wanted, within);
        return plug === '1' ? result : { result: 'rejected', why: { code: 'no-such-plug', says: 'no such plug', next: 'name another' } };
      }
    }
    const { bench, device } = hardware([['1', lit]]);
    const module = referenceModule((settings, tools) => new Guessing(settings, tools));
    const [result] = await conformance(soleOutlet(bench, module), { allowPower: true, only: ['C14'] });
    expect([result?.result, result?.says]).toEqual([
      'broken',
      "plug '01' does not exist; '1' was on, and after an order of '01' off it is off",
    ]);
    expect(device.plugs.get('1')).toBe(lit);
  });

  it('leaves the plugs as it found them when a case fails, too', async () => {
    const { bench, device } = hardware([['1', true]]);
    const module = bench.module;
    const lying: typeof module = {
      ...module,
      open: (name, settings, tools) => {
        const driver = module.open(name, settings, tools);
        const order: typeof driver.order = async (plug, wanted, within) => {
          const result = await driver.order(plug, wanted, within);
          return wanted === 'off' ? { result: 'unknown', why: { code: 'lost', says: 'lost', next: 'read' } } : result;
        };
        return Object.assign(Object.create(driver) as typeof driver, {
          order,
          read: driver.read.bind(driver),
          check: driver.check.bind(driver),
          close: driver.close.bind(driver),
        });
      },
    };
    const [result] = await conformance({ ...bench, module: lying }, { allowPower: true, only: ['C01'] });
    expect(result?.result).toBe('broken');
    expect(device.plugs.get('1')).toBe(true);
  });
});

describe('the runner', () => {
  it('calls a bench that cannot make its subject ready broken, not clean', async () => {
    const { bench } = hardware([]);
    const results = await conformance({ ...bench, fresh: () => Promise.reject(new Error('no free port')) }, { only: ['C17'] });
    expect(results.map(({ result, says }) => `${result}: ${says}`)).toEqual([
      'broken: the bench could not make its subject ready: no free port',
    ]);
  });

  it('knows which ids are no cases', () => {
    expect(unknownCases(['C01', 'C22', 'c02'])).toEqual(['C22', 'c02']);
  });

  it('renders a table, and a summary that is plain data', () => {
    const results = [
      { id: 'C01', title: 'off means off', promise: '', result: 'kept', says: 'seen', tookMs: 4 },
      { id: 'C15', title: 'polarity', promise: '', result: 'not-applicable', says: 'the bench\nhas no lamp', tookMs: 0 },
    ] as const;
    const summary = summarize('a lamp', results);
    expect(renderTable(summary)).toBe(
      [
        'conformance of a lamp',
        'C01  kept            off means off                            4 ms  seen',
        'C15  not-applicable  polarity                                 0 ms  the bench has no lamp',
        '1 kept, 0 broken, 1 not applicable: a lamp keeps what was tried',
      ].join('\n'),
    );
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
    expect(summarize('nothing', []).conforms).toBe(false);
    expect(summarize('nothing', results.slice(1)).conforms).toBe(false);
  });

  const all = (changed: Readonly<Record<string, CaseResult['result']>>): readonly CaseResult[] =>
    CASES.map(({ id, title }) => ({ id, title, promise: '', result: changed[id] ?? 'kept', says: 'seen', tookMs: 1 }));

  it.each<readonly [string, readonly CaseResult[], boolean]>([
    ['21 kept, 0 broken, 0 not applicable: a lamp conforms', all({}), true],
    ['20 kept, 0 broken, 1 not applicable: a lamp keeps all that applies here', all({ C19: 'not-applicable' }), true],
    [
      '19 kept, 0 broken, 1 not tried, 1 not applicable: a lamp keeps what was tried; nothing was switched',
      all({ C01: 'not-tried', C19: 'not-applicable' }),
      true,
    ],
    ['20 kept, 0 broken, 0 not applicable: a lamp keeps what was tried', all({}).slice(1), true],
    ['19 kept, 1 broken, 1 not tried, 0 not applicable: a lamp does not conform', all({ C01: 'not-tried', C04: 'broken' }), false],
    ['0 kept, 0 broken, 1 not tried, 0 not applicable: a lamp was not judged', all({ C01: 'not-tried' }).slice(0, 1), false],
    ['0 kept, 0 broken, 0 not applicable: a lamp was not judged', [], false],
  ])('says no more than was seen: %s', (says, results, conforms) => {
    const summary = summarize('a lamp', results);
    expect([renderTable(summary).split('\n').at(-1), summary.conforms]).toEqual([says, conforms]);
  });
});
