/**
 * What a page or a help text shows to be typed is understood. Pages with output are run as a whole (test/docs/session.ts); here is every other line
 * that begins with `bailiff`: it is typed with a configuration that does not exist, so that only its words are judged.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFiles, root } from '../tidy/project.ts';

const LIMIT_MS = 300_000;
/** bailiff, its commands, and theirs. */
const DEEPEST = 3;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-typed-'));
  writeFileSync(join(folder, 'bailiff'), `#!/bin/sh\nexec ${process.execPath} ${join(root, 'dist/bailiff.cjs')} "$@"\n`);
  chmodSync(join(folder, 'bailiff'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Typed {
  readonly code: number | null;
  readonly said: string;
}

function type(line: string): Typed {
  const env = { PATH: `${folder}:/usr/bin:/bin`, BAILIFF_CONFIG: 'there-is-none.yaml', LC_ALL: 'C' };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8', timeout: 20_000, input: '' });
  return { code: status, said: stdout + stderr };
}

/** These ask the network, or stay. */
const elsewhere = (line: string): boolean => /^bailiff (?:discover|lab up|lab down)\b/.test(line);

/** Without what is said about it. */
const asTyped = (line: string): string =>
  line
    .replace(/\s{2,}\S.*$/, '')
    .replace(/ #.*$/, '')
    .trim();

function shownOnPages(): readonly (readonly [place: string, line: string])[] {
  const pages = projectFiles().filter((path) => /^(?:README|CONTRIBUTING)\.md$|^docs\/.*\.md$|^hardware-mocks\/README\.md$/.test(path));
  return pages.flatMap((path) => {
    const blocks = [...readFileSync(join(root, path), 'utf8').matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)];
    const lines = blocks.flatMap(([, language, text = '']) => (language === 'console' ? [] : text.split('\n')));
    return lines.filter((line) => line.startsWith('bailiff ')).map((line) => [path, asTyped(line)] as const);
  });
}

const understood = ({ said }: Typed): boolean => !/^(?:error|usage): /m.test(said);

describe('what pages show to be typed', () => {
  it('is understood', { timeout: LIMIT_MS }, () => {
    const shown = shownOnPages().filter(([, line]) => !elsewhere(line));
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.filter(([, line]) => !understood(type(line))).map(([path, line]) => `${path}: ${line}`)).toEqual([]);
  });
});

describe('help', () => {
  const commandsIn = (help: string): string[] => {
    const list = /\nCommands:\n([\s\S]*?)(?:\n\n|\n$)/.exec(help)?.[1] ?? '';
    return [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  };
  const pages = new Map<string, string>();

  beforeAll(() => {
    let asked = ['bailiff'];
    for (let depth = 0; depth < DEEPEST; depth += 1) {
      for (const words of asked) pages.set(words, type(`${words} --help`).said);
      asked = asked.flatMap((words) => commandsIn(pages.get(words) ?? '').map((name) => `${words} ${name}`));
    }
    expect(asked).toEqual([]);
  }, LIMIT_MS);

  it('of every command shows an example', () => {
    expect(pages.size).toBeGreaterThan(25);
    const leaves = [...pages].filter(([words, page]) => words === 'bailiff' || commandsIn(page).length === 0);
    expect(leaves.filter(([, page]) => !/^Examples?:$/m.test(page)).map(([words]) => words)).toEqual([]);
  });

  it('shows examples that are understood', { timeout: LIMIT_MS }, () => {
    const examples = [...pages.values()].flatMap((page) => [...page.matchAll(/^ {2}(bailiff .*)$/gm)]);
    const shown = [...new Set(examples.map(([, line = '']) => asTyped(line)))].filter((line) => !elsewhere(line));
    expect(shown.length).toBeGreaterThan(25);
    expect(shown.filter((line) => !understood(type(line)))).toEqual([]);
  });

  it('speaks of targets', () => {
    expect(pages.get('bailiff')).toContain('fences the target');
  });
});

it('a line that is wrong would be found', () => {
  for (const wrong of ['bailiff fence db1', 'bailiff conform pdu-a --outlet 8 --allow-power', 'bailiff verdict sing'])
    expect(understood(type(wrong)), wrong).toBe(false);
});
