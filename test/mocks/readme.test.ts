import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAULT_FIELDS, LAB_KINDS, startLab } from '../../hardware-mocks/index.ts';

const readme = readFileSync(new URL('../../hardware-mocks/README.md', import.meta.url), 'utf8');
const rows = new Map([...readme.matchAll(/^\| `([a-z-]+)` \| (.*?) \|/gm)].map(([, kind = '', takes = '']) => [kind, takes]));

it('lists every fault with what it takes, and no other', () => {
  expect(new Set(rows.keys())).toEqual(new Set(Object.keys(FAULT_FIELDS)));
  for (const [kind, fields] of Object.entries(FAULT_FIELDS)) {
    const named = [...(rows.get(kind) ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(new Set(named), kind).toEqual(new Set(Object.keys(fields)));
  }
});

it('names every kind of device, with the file that tells what it takes', () => {
  for (const kind of Object.keys(LAB_KINDS)) expect(readme).toContain(`\`${kind}\` (\`lab/${kind}.ts\`)`);
});

it('shows a rack that starts', async () => {
  const description: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
  const started = await startLab(description);
  if ('problem' in started) throw new Error(started.problem.says);
  await started.value.stop();
  expect(started.value.rack.devices).toHaveLength(2);
});
