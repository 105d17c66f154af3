/** A plan promises no end that nobody can keep: where a person is waited for, it says so, and for how long. */
import { describe, expect, test } from 'vitest';
import { type Planned, planLines } from '../../src/service/plan-lines.ts';
import type { Policy, PolicyOutlet } from '../../src/core/index.ts';

const bmc: PolicyOutlet = { device: 'bmc', plug: '', evidence: 'device', readings: 2, gap: 100 };
const pdu: PolicyOutlet = { ...bmc, device: 'pdu', plug: '4' };
const hands: PolicyOutlet = { ...bmc, device: 'hands', manual: true };
const agent: PolicyOutlet = { ...bmc, device: 'ssh', evidence: 'target' };

const policy = (levels: readonly (readonly PolicyOutlet[])[], more: Partial<Policy> = {}): Policy => ({
  cluster: 'orders',
  self: { id: 'w' },
  nodes: { db1: { votes: 1, levels } },
  arbiters: {},
  verify: { need: 1, within: 3000, listenAgain: 2000, validFor: 15_000 },
  mode: 'automatic',
  delay: 0,
  timeout: 60_000,
  answerWithin: 5000,
  poll: 1000,
  approvalWindow: 600_000,
  storm: { targets: 1, within: 600_000 },
  allowBiasedArbiter: false,
  tieBreaker: 'none',
  offTime: 5000,
  onTimeout: 30_000,
  graceAfterCrash: 10_000,
  ...more,
});

type Step = readonly [from: number, until: number, what: string, waitsFor?: string];
const steps = (given: Policy, planned: Planned = {}): readonly Step[] =>
  planLines(given, 'db1', planned).map(
    ({ from, until, what, waitsFor }): Step => [
      from / 1000,
      until / 1000,
      what.split(/[:;]/)[0] ?? '',
      ...(waitsFor === undefined ? ([] as const) : ([waitsFor] as const)),
    ],
  );
const said = (given: Policy, planned: Planned = {}): string =>
  planLines(given, 'db1', planned)
    .map(({ what }) => what)
    .join('\n');

const LISTENED: readonly Step[] = [
  [0, 3, 'verify'],
  [3, 8, 'verify'],
];

test('devices alone end by themselves, in their time', () => {
  expect(steps(policy([[bmc], [pdu]]))).toEqual([...LISTENED, [8, 34, 'level 1'], [34, 60, 'level 2']]);
});

describe('a person', () => {
  test('is the last level: it is waited for their word, in a time of its own', () => {
    const given = policy([[bmc], [hands]]);
    const [end] = steps(given).slice(-1);
    expect(end).toEqual([55.272, 655.272, 'level 2', 'attestation']);
    expect(said(given)).toContain('wait for their word (bailiff attest db1) for at most 10 min; nobody comes: it ends unproven');
    expect(said(given)).not.toContain('read off: hands');
  });

  test('comes before a device: that has its turn as much later', () => {
    const [person, device] = steps(policy([[hands], [bmc]])).slice(2);
    expect(person).toEqual([8, 608, 'level 1', 'attestation']);
    expect(device?.[1]).toBeCloseTo(608 + 60 - 12.727, 2);
    expect(said(policy([[hands], [bmc]]))).toContain('nobody comes: the next level has its turn');
  });

  test('shares a level with a device: no reading ends it', () => {
    expect(said(policy([[bmc, hands]]))).toContain('level 1: order bmc off, and call a person (hands) and wait for their word');
  });

  test('is all there is: a reboot powers nothing on', () => {
    expect(said(policy([[hands]]), { reboot: true })).toContain('no power on: only a proven off is followed by it');
    expect(said(policy([[agent], [bmc]]), { reboot: true })).toContain('power on again what was cut');
  });
});

describe('an approval', () => {
  const given = policy([[bmc]], { mode: 'approval' });

  test('is waited for by verdicts and programs, and the time of the levels begins after it', () => {
    expect(steps(given)).toEqual([...LISTENED, [8, 608, 'hold', 'approval'], [608, 611, 'verify'], [611, 668, 'level 1']]);
    expect(said(given)).toMatch(
      /hold: a verdict or a program waits .* at most 10 min; nobody comes: it ends withheld; a person who gives the command/,
    );
  });

  test('of a verdict is waited for no longer than that is valid', () => {
    expect(steps(given, { expiresIn: 120_000 })).toContainEqual([8, 120, 'hold', 'approval']);
    expect(said(given, { expiresIn: 120_000 })).toContain(
      'hold: waits for a person (bailiff approve) for at most 112 s, until the verdict expires',
    );
  });
});

test('a delay is waited out by whoever is no person', () => {
  expect(said(policy([[bmc]], { delay: 4000 }))).toMatch(/hold: a verdict or a program waits out the configured delay.*a person who gives/);
  expect(said(policy([[bmc]], { delay: 4000 }), { expiresIn: 120_000 })).toContain('hold: the configured delay, then listens once more\n');
});

test('what expires early leaves the levels less time to order, and the last one is read until the deadline', () => {
  expect(steps(policy([[bmc], [pdu]]), { expiresIn: 20_000 })).toEqual([...LISTENED, [8, 14, 'level 1'], [14, 60, 'level 2']]);
});

describe('a device that cannot be used', () => {
  const why = { code: 'driver-not-loadable', says: 'the driver could not be imported: no licence', next: 'mend or install it' };
  const unusable = new Map([['pdu', why]]);

  test('is told at its level, with what follows from it and why', () => {
    const given = policy([[bmc, pdu], [pdu], [bmc]]);
    const levels = planLines(given, 'db1', { unusable }).slice(LISTENED.length);
    expect(levels.map(({ what }) => what.split('; ').filter((part) => !part.startsWith('silence')))).toEqual([
      [
        'level 1: order off, then read off: bmc (2 readings) and pdu:4 (cannot be used)',
        'pdu cannot be used, so that this level cannot confirm: the driver could not be imported: no licence',
      ],
      [
        'level 2: nothing can be ordered and nothing read',
        'pdu cannot be used, so that this level cannot confirm: the driver could not be imported: no licence',
      ],
      ['level 3: order off, then read off: bmc (2 readings)'],
    ]);
    expect(levels.map(({ cannotConfirm }) => cannotConfirm)).toEqual([[{ device: 'pdu', ...why }], [{ device: 'pdu', ...why }], undefined]);
  });

  test('beside a person leaves the level to their word', () => {
    const [level] = planLines(policy([[pdu, hands]]), 'db1', { unusable }).slice(LISTENED.length);
    expect(level).toMatchObject({ waitsFor: 'attestation', cannotConfirm: [{ device: 'pdu', code: why.code }] });
    expect(level?.what).toContain('pdu cannot be used');
  });

  test('in every level: nothing is proven, and nothing is powered on again', () => {
    const lines = planLines(policy([[bmc, pdu]]), 'db1', { unusable, reboot: true });
    expect(lines.at(-1)?.what).toContain('no power on: only a proven off is followed by it');
  });
});
