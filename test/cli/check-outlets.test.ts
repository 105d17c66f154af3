import { describe, expect, it } from 'vitest';
import { checkOutlets } from '../../src/cli/check-outlets.ts';
import type { DeviceLook } from '../../src/service/service.ts';
import type { ListedOutlet } from '../../src/vocabulary/index.ts';

const LABELS = ['web1', 'web2', 'spare', 'db1 psu a'];
const READING = { power: 'on', source: 'a strip' } as const;

/** A strip of four outlets that are known by number and by label. */
const strip = (list: DeviceLook['list']): DeviceLook => ({
  status: async ({ plug }) => {
    const known = LABELS.includes(plug) || Number(plug) <= LABELS.length;
    const reading = known
      ? READING
      : ({ power: 'unknown', why: { code: 'no-such-outlet', says: 'none', next: '' }, source: 'a strip' } as const);
    return await Promise.resolve({ ...reading, startedAt: 0, endedAt: 1 });
  },
  list,
  health: async () => await Promise.resolve({ ok: true, found: [] }),
});
const listing = async (): Promise<readonly ListedOutlet[]> => LABELS.map((name, at) => ({ plug: String(at + 1), name, reading: READING }));

/** Levels of outlets on this strip, by node. */
const rack = (fences: Readonly<Record<string, readonly (readonly string[])[]>>) => ({
  nodes: new Map(
    Object.entries(fences).map(([name, levels]) => [
      name,
      { name, votes: 1, links: [], fence: levels.map((plugs) => plugs.map((outlet) => ({ device: 'pdu-a', outlet }))) },
    ]),
  ),
});

const problems = async (fences: Parameters<typeof rack>[0], list: DeviceLook['list'] = listing) =>
  (await checkOutlets(rack(fences), 'pdu-a', strip(list), 1000)).outlets.map(({ plug, nodes, problem }) => [
    plug,
    nodes.join(),
    problem?.code,
  ]);

describe('outlets of a device', () => {
  it('are told with the nodes that use them, and whether they are there', async () => {
    expect(await problems({ db1: [['4']], db2: [['3'], ['9']] })).toEqual([
      ['4', 'db1', undefined],
      ['3', 'db2', undefined],
      ['9', 'db2', 'no-such-outlet'],
    ]);
  });

  it('a number and a label that are one outlet belong to two nodes', async () => {
    expect(await problems({ db1: [['4']], db2: [['db1 psu a']] })).toEqual([
      ['4', 'db1', 'outlet-shared'],
      ['db1 psu a', 'db2', 'outlet-shared'],
    ]);
  });

  it('a second feed that is the first one is told; two levels may cut one outlet', async () => {
    expect(await problems({ db1: [['4', 'db1 psu a']] })).toEqual([
      ['4', 'db1', 'outlet-shared'],
      ['db1 psu a', 'db1', 'outlet-shared'],
    ]);
    expect(await problems({ db1: [['4'], ['db1 psu a']] })).toEqual([
      ['4', 'db1', undefined],
      ['db1 psu a', 'db1', undefined],
    ]);
  });

  it('a device that cannot list them leaves it open', async () => {
    const broken = async () => ({ code: 'pdu-silent', says: 'silent', next: '' });
    expect(await problems({ db1: [['4']], db2: [['db1 psu a']] }, broken)).toEqual([
      ['4', 'db1', undefined],
      ['db1 psu a', 'db2', undefined],
    ]);
  });
});
