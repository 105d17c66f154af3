/** The README is run as a reader would run it, and its tables are held to the code. BAILIFF_REWRITE=1 writes what was really printed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driverNames } from '../../drivers/registry.ts';
import { EXIT } from '../../src/vocabulary/index.ts';
import { projectFiles, root } from '../tidy/project.ts';
import { fits, type Ran, runPage, settled } from './session.ts';

const readme = (): string => readFileSync(join(root, 'README.md'), 'utf8');
const section = (title: string): string => new RegExp(`^## ${title}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(readme())?.[1] ?? '';
const cells = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => /^\| (?!---)/.test(line))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('README.md', () => {
  it('shows what its commands really print', { timeout: 120_000 }, async () => {
    const ran: Ran[] = await runPage('README.md');
    expect(ran.map(({ command }) => command)).toContain('bailiff fence db1 --reason "disk controller hangs" --by anna');
    for (const { line, command, shown, printed } of ran) {
      const told = `README.md, block at line ${line}: ${command}\n${printed.join('\n')}`;
      expect(fits(shown, printed), told).toBe(true);
    }
  });

  it('has its parts in the order in which a reader needs them', () => {
    expect([...readme().matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'A rack in 60 seconds',
      'The ring',
      'What we promise, and what we do not',
      'Wire it to an arbiter',
      'Wire it to Pacemaker',
      'By hand',
      'Drivers',
      'Exit codes',
      'Development',
      'License',
    ]);
  });

  it('lists the drivers of the registry, and no other', () => {
    const named = cells(section('Drivers')).map(([name = '']) => name.replaceAll('`', ''));
    expect(new Set(named)).toEqual(new Set(driverNames));
    expect(named).toHaveLength(driverNames.length);
  });

  it('lists every exit code with its outcome', () => {
    const shown = cells(section('Exit codes')).map(([exit = '', outcome = '']) => [outcome.replaceAll('`', '') || 'usage', Number(exit)]);
    expect(Object.fromEntries(shown)).toEqual(EXIT);
  });

  it('lists every script of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const shown = cells(section('Development')).map(([command = '']) => command.replaceAll('`', '').replace(/^npm (?:run )?/, ''));
    expect(new Set(shown)).toEqual(new Set(Object.keys(scripts)));
  });

  it('promises S1 to S13, a line each', () => {
    const promises = cells(section('What we promise, and what we do not')).map(([id]) => id);
    expect(promises).toEqual(Array.from({ length: 13 }, (_, index) => `S${index + 1}`));
  });
});

describe('the README and the guides', () => {
  it('name every command', () => {
    const { stdout } = spawnSync(process.execPath, [join(root, 'dist/bailiff.cjs'), '--help'], { encoding: 'utf8', timeout: 20_000 });
    const commands = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name = '']) => name);
    expect(commands.length).toBeGreaterThan(15);
    const pages = projectFiles().filter((path) => path === 'README.md' || path.startsWith('docs/guides/'));
    const text = pages.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
    expect(commands.filter((name) => !text.includes(`bailiff ${name}`))).toEqual([]);
  });
});

describe('what compares a page with what was printed', () => {
  it('puts aside what differs from run to run, and nothing else', () => {
    expect(settled('2026-11-21T22:55:03.771Z  1m805402vms710  db1   off')).toBe('TIME  ID  db1  off');
    expect(fits(['db1 is OFF: confirmed in 0.06 s'], ['db1 is OFF: confirmed in 1.20 s'])).toBe(true);
    expect(fits(['db1 is OFF: confirmed in 0.06 s'], ['db1 is NOT off: failed in 0.06 s'])).toBe(false);
    expect(fits(['a'], ['a', 'b'])).toBe(false);
    expect(fits(['a', 'b'], ['a'])).toBe(false);
  });

  it('lets [...] stand for any lines, and only there', () => {
    expect(fits(['a', '[...]', 'd'], ['a', 'b', 'c', 'd'])).toBe(true);
    expect(fits(['a', '[...]', 'd'], ['a', 'b', 'c'])).toBe(false);
    expect(fits(['[...]'], [])).toBe(true);
  });
});
