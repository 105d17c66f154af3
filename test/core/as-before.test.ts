/** From which readings it may be told that a node is as it was before the orders. */
import { describe, expect, it } from 'vitest';
import { allRefused, stillSo } from '../../src/core/as-before.ts';
import type { LevelRun, OutletRun } from '../../src/core/index.ts';

type Told = readonly [outlet: string, order: 'accepted' | 'rejected' | 'unknown' | 'none', power: 'on' | 'off' | 'unknown'];

function outlet([name, order, power]: Told): OutletRun {
  const [device = '', plug = ''] = name.split(':');
  const reading = { power, source: 'test', startedAt: 1, endedAt: 2 };
  const given = order === 'none' ? { number: 0 } : { number: 1, order };
  return { device, plug, orders: 1, readings: [reading], unknowns: 0, polls: 1, asked: 0, ...given };
}

const level = (...outlets: readonly Told[]): LevelRun => ({
  level: 0,
  wanted: 'off',
  result: 'not-switched',
  outlets: outlets.map(outlet),
});
const named = (runs: readonly LevelRun[], power: 'on' | 'off'): string[] => stillSo(runs, power).map(({ device, plug }) => device + plug);

describe('a node that runs still', () => {
  it.each<[string, readonly LevelRun[], string[]]>([
    ['its controller reads on', [level(['bmc', 'accepted', 'on'])], ['bmc']],
    ['one of two feeds reads on', [level(['pdu:1', 'accepted', 'off'], ['pdu:2', 'accepted', 'on'])], ['pdu2']],
    ['its controller reads on, and a feed beside it may be cut', [level(['bmc', 'rejected', 'on'], ['pdu:1', 'accepted', 'off'])], []],
    ['a feed reads on, and its controller took the order', [level(['bmc', 'accepted', 'off'], ['pdu:1', 'rejected', 'on'])], []],
    ['its controller refused, and a feed reads on', [level(['bmc', 'rejected', 'unknown'], ['pdu:1', 'accepted', 'on'])], ['pdu1']],
    [
      'its controller read on, and a later level may have cut it',
      [level(['bmc', 'accepted', 'on']), level(['pdu:1', 'unknown', 'unknown'])],
      [],
    ],
    [
      'its controller read on, and the later level refused',
      [level(['bmc', 'accepted', 'on']), level(['pdu:1', 'rejected', 'unknown'])],
      ['bmc'],
    ],
    [
      'a feed reads on, and an earlier level may have cut it',
      [level(['bmc', 'accepted', 'unknown']), level(['pdu:1', 'accepted', 'on'])],
      [],
    ],
    ['nothing was read', [level(['bmc', 'accepted', 'unknown'])], []],
  ])('%s', (_what, runs, outlets) => {
    expect(named(runs, 'on')).toEqual(outlets);
  });
});

describe('a node that is off still', () => {
  it.each<[string, readonly LevelRun[], string[]]>([
    ['its controller reads off', [level(['bmc', 'accepted', 'off'], ['pdu:1', 'accepted', 'on'])], ['bmc']],
    ['all of its feeds read off', [level(['pdu:1', 'accepted', 'off'], ['pdu:2', 'rejected', 'off'])], ['pdu1', 'pdu2']],
    ['one feed is off, the other one on', [level(['pdu:1', 'accepted', 'off'], ['pdu:2', 'accepted', 'on'])], []],
    [
      'its controller reads off before its feeds were ordered on',
      [level(['bmc', 'accepted', 'off']), level(['pdu:1', 'accepted', 'unknown'])],
      [],
    ],
  ])('%s', (_what, runs, outlets) => {
    expect(named(runs, 'off')).toEqual(outlets);
  });
});

it('a level whose orders were all refused, or never given, changed nothing', () => {
  expect(allRefused(level(['bmc', 'rejected', 'unknown'], ['pdu:1', 'none', 'unknown']))).toBe(true);
  expect(allRefused(level(['bmc', 'rejected', 'unknown'], ['pdu:1', 'unknown', 'unknown']))).toBe(false);
});
