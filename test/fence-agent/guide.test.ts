/** docs/guides/fence-agents.md says what is so: its settings, its example, and the agents whose off is no proof. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DOUBTS } from '../../drivers/fence-agent/doubts.ts';
import { SETTINGS } from '../../drivers/fence-agent/settings.ts';
import { driverLookup } from '../../src/devices/lookup.ts';
import { lintConfiguration, loadConfiguration } from '../../src/config/index.ts';

const guide = await readFile(join(import.meta.dirname, '../../docs/guides/fence-agents.md'), 'utf8');
const section = (title: string): string => guide.split('\n## ').find((part) => part.startsWith(title)) ?? '';
const blocks = (text: string): readonly string[] => [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);

it('lists every setting with its default', () => {
  const rows = [...section('A device').matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name = '', preset = '']) => [
    name,
    preset.replaceAll('`', ''),
  ]);
  const expected = Object.entries(SETTINGS).map(([name, setting]) => {
    if (setting.required === true) return [name, 'required'];
    return [name, 'default' in setting && setting.default !== undefined ? String(setting.default) : 'none'];
  });
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
});

it('lists every agent whose off is no proof, and no other', () => {
  const cells = [...section('Agents whose off').matchAll(/^\| ((?:`fence_\w+` ?)+)\|/gm)].flatMap(
    ([, cell = '']) => cell.match(/fence_\w+/g) ?? [],
  );
  expect(cells.toSorted()).toEqual(DOUBTS.flatMap(({ agents }) => agents).toSorted());
});

it('has examples that load; the second device can confirm because of its second reading', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-guide-'));
  try {
    const [whole = '', pdu = ''] = [...blocks(section('A device')), ...blocks(section('Agents whose off'))];
    const file = join(folder, 'bailiff.yaml');
    const text = whole
      .replace('policy:', `${pdu}policy:`)
      .replace('[{ device: db2-bmc }]', '[{ device: db2-bmc }], [{ device: pdu-a, outlet: "4" }]');
    await writeFile(file, text);
    const loaded = await loadConfiguration(file, { drivers: driverLookup(file), files: 'leave' });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { devices } = loaded.configuration;
    expect([...devices].map(([name, { evidence }]) => [name, evidence])).toEqual([
      ['vcenter', 'device'],
      ['db2-bmc', 'device'],
      ['on-call', 'device'],
      ['pdu-a', 'device'],
    ]);
    const alone = text.replace(/ {4}secondReading:[\s\S]*?outlets: true\n(?=policy)/, '');
    expect(alone).not.toBe(text);
    await writeFile(file, alone);
    const doubted = await loadConfiguration(file, { drivers: driverLookup(file), files: 'leave' });
    if (!doubted.ok) throw new Error(JSON.stringify(doubted.problems));
    expect(doubted.configuration.devices.get('pdu-a')?.evidence).toBe('target');
    const found = lintConfiguration(doubted.configuration, doubted.where, file).map(({ code }) => code);
    expect(found).toContain('level-never-confirms');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
