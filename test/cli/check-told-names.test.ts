/** Swapped controllers and labels of other nodes: each entry works, and the wrong node would be cut. */
import { describe, expect, it } from 'vitest';
import { checkOutlets } from '../../src/cli/check-outlets.ts';
import { anotherNode } from '../../src/cli/check-told-names.ts';
import type { DeviceLook } from '../../src/service/service.ts';

describe('a told name', () => {
  const nodes = ['db1', 'db2', 'db1-b', 'app.example.org'];
  it.each([
    ['db1', ['db1'], undefined],
    ['db2', ['db1'], 'db2'],
    ['DB2.example.org', ['db1'], 'db2'],
    ['db2 psu a', ['db1'], 'db2'],
    ['rack3-db2-left', ['db1'], 'db2'],
    ['db21', ['db1'], undefined],
    ['mydb2', ['db1'], undefined],
    ['spare', ['db1'], undefined],
    ['', ['db1'], undefined],
    ['db1 and db2', ['db1'], undefined],
    ['db1-b psu', ['db1-b'], undefined],
    ['APP.example.org', ['db1'], 'app.example.org'],
    ['db2', ['db1', 'db2'], undefined],
  ])('%j at an entry of %j means %j', (told, own, meant) => {
    expect(anotherNode(told, own, nodes)).toBe(meant);
  });
});

describe('an outlet', () => {
  const strip: DeviceLook = {
    status: async () => await Promise.resolve({ power: 'on', source: 'a strip', startedAt: 0, endedAt: 1 }),
    list: async () =>
      await Promise.resolve(
        ['db2 psu a', 'db1 psu a', 'spare'].map((name, at) => ({
          plug: String(at + 1),
          name,
          reading: { power: 'on', source: 'a strip' } as const,
        })),
      ),
    health: async () => await Promise.resolve({ ok: true, found: [] }),
  };

  it('whose label names another node is doubted, by number and by label', async () => {
    const fence = (outlet: string) => ({ votes: 1, links: [], fence: [[{ device: 'pdu-a', outlet }]] });
    const nodes = new Map([
      ['db1', { name: 'db1', ...fence('1') }],
      ['db2', { name: 'db2', ...fence('db1 psu a') }],
      ['db3', { name: 'db3', ...fence('3') }],
    ]);
    const { outlets } = await checkOutlets({ nodes }, 'pdu-a', strip, 100);
    expect(outlets.map(({ warning }) => warning?.says)).toEqual([
      'pdu-a:1 is labelled "db2 psu a", which is db2 and not db1.',
      'pdu-a:db1 psu a is labelled "db1 psu a", which is db1 and not db2.',
      undefined,
    ]);
    expect(outlets.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
  });
});
