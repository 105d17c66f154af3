/** The devices of docs/guides/ssh.md are good configuration, and the dialects that it names are those that there are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkSettings, Secret } from '../../drivers/kit/contract.ts';
import { DIALECTS } from '../../drivers/ssh/dialects/index.ts';
import { resolve, SETTINGS } from '../../drivers/ssh/settings.ts';

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/ssh.md'), 'utf8');

/** Device by name, from every YAML block; secrets given as references become secrets. */
function devices(): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  const blocks = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => parse(text) as Readonly<Record<string, unknown>>);
  return blocks.flatMap((block) => {
    const found = (block['devices'] ?? block) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    return Object.entries(found).map(([name, { driver, ...settings }]) => {
      expect(driver).toBe('ssh');
      const revealed = Object.entries(settings).map(([key, value]) => {
        const isReference = typeof value === 'object' && value !== null && 'file' in value;
        return [key, isReference ? Secret.fixed('x') : value];
      });
      return [name, Object.fromEntries(revealed) as Readonly<Record<string, unknown>>] as const;
    });
  });
}

describe('the guide', () => {
  it('shows devices that the driver takes', () => {
    const shown = devices();
    expect(shown.map(([name]) => name)).toEqual(['pdu-a', 'kvm-1', 'kvm-2', 'relay-board']);
    for (const [name, raw] of shown) {
      const { settings, problems } = checkSettings(SETTINGS, raw);
      expect(problems, name).toEqual([]);
      expect(typeof resolve(settings), `${name}: ${JSON.stringify(resolve(settings))}`).toBe('object');
    }
  });

  it('names every dialect in the row of its evidence', () => {
    for (const { name, evidence } of DIALECTS) {
      const row = guide.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${name}\``));
      expect(row, name).toContain(`| ${evidence} |`);
    }
  });
});
