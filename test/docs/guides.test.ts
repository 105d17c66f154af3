/** The guides are run as a reader would run them. BAILIFF_REWRITE=1 writes what was really printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/vocabulary/index.ts';
import { CLAIMS } from '../../src/vocabulary/verdict.ts';
import { verdictJsonSchema } from '../../src/intake/verdict-schema.ts';
import { root } from '../tidy/project.ts';
import { describeWithStrangers, stranger } from '../foreign/strangers.ts';
import { type Block, fits, type Ran, runPage } from './session.ts';

const LIMIT_MS = 120_000;
const guide = (name: string): string => readFileSync(join(root, 'docs/guides', name), 'utf8');

async function shows(path: string, only?: (block: Block) => boolean): Promise<readonly Ran[]> {
  const ran = await runPage(path, only);
  expect(ran.length).toBeGreaterThan(3);
  for (const { line, command, shown, printed } of ran) {
    const told = `${path}, block at line ${line}: ${command}\n${printed.join('\n')}`;
    expect(fits(shown, printed), told).toBe(true);
  }
  return ran;
}

describe('docs/guides/arbiter.md', () => {
  describeWithStrangers(['grep'], 'as a session', () => {
    it('shows what its commands really print', { timeout: LIMIT_MS }, async () => {
      await shows('docs/guides/arbiter.md');
    });
  });

  it('lists every field of a verdict, and no other', () => {
    const { properties } = verdictJsonSchema() as { properties: object };
    const table =
      guide('arbiter.md')
        .split('\n## ')
        .find((part) => part.startsWith('A verdict')) ?? '';
    const named = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '));
    expect(named.sort()).toEqual(Object.keys(properties).sort());
  });

  it('lists every claim and every outcome with its exit code', () => {
    const page = guide('arbiter.md');
    for (const claim of CLAIMS) expect(page).toMatch(new RegExp(`^\\| \`${claim}\` \\|`, 'm'));
    const outcomes = [...page.matchAll(/^\| `(\w+)` \| (\d) \|/gm)].map(([, outcome = '', exit]) => [outcome, Number(exit)]);
    const { usage: _usage, ...exits } = EXIT;
    expect(Object.fromEntries(outcomes)).toEqual(exits);
  });
});

describeWithStrangers(['sed'], 'docs/guides/by-hand.md', () => {
  it('shows what its commands really print', { timeout: LIMIT_MS }, async () => {
    await shows('docs/guides/by-hand.md');
  });
});

describe('docs/guides/pacemaker.md', () => {
  it('shows what its commands really print', { timeout: LIMIT_MS }, async () => {
    const ran = await shows('docs/guides/pacemaker.md');
    expect(ran.filter(({ command }) => command === 'echo $?').map(({ printed }) => printed)).toEqual([['7'], ['1']]);
  });
});

describe('docs/guides/simulated-rack.md', () => {
  const foreign = ['ipmitool', 'ipmipower', 'fence_ipmilan', 'snmpget', 'snmpset'] as const;
  const first = (command: string): string => command.split(' ')[0] ?? '';
  const isForeign = (command: string): boolean => foreign.some((name) => name === first(command));
  let ran: readonly Ran[] = [];

  /** Without the foreign tools the rest of the page is run. */
  const possible = ({ steps }: Block): boolean =>
    steps.every(({ command }) => !foreign.some((name) => name === first(command) && !stranger(name).here));

  beforeAll(async () => {
    ran = await shows('docs/guides/simulated-rack.md', possible);
  }, LIMIT_MS);

  it('shows what its commands really print', () => {
    expect(ran.filter(({ command }) => first(command) === 'bailiff').length).toBeGreaterThan(10);
  });

  describeWithStrangers(foreign, "other people's tools", () => {
    it('drive the rack as shown', () => {
      expect(new Set(ran.filter(({ command }) => isForeign(command)).map(({ command }) => first(command)))).toEqual(new Set(foreign));
    });
  });
});
