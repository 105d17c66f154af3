/** docs/ARCHITECTURE.md: what it names is there, what is there it names, and its arrows are those of the tidy test. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { homes, zones } from '../tidy/arrows.ts';
import { projectFiles, root } from '../tidy/project.ts';
import { rooms } from '../tidy/rooms.ts';

const file = join(root, 'docs/ARCHITECTURE.md');

/** A pattern of the tidy test's table, as people write paths. */
const readable = (pattern: RegExp): string =>
  pattern.source
    .replace(/^\^/, '')
    .replace(/\$$/, '')
    .replaceAll('\\/', '/')
    .replaceAll('\\.', '.')
    .replaceAll('[^/]+', '*')
    .replaceAll('(?:', '(')
    .replaceAll('|', ' or ')
    .replace(/^$/, 'everything');

const arrows = (): string => {
  const rows = zones.map(({ name, may, node }) => {
    const allowed = may.map((one) => (one instanceof RegExp ? readable(one) : `${readable(one.types)} (types)`));
    return `| ${name} | ${allowed.length === 0 ? 'nothing' : allowed.map((one) => `\`${one}\``).join(', ')} | ${node ? 'yes' : 'no'} |`;
  });
  const driver = '| drivers/X | `drivers/kit/` | yes |';
  return ['| zone | may import | `node:` |', '| --- | --- | --- |', ...rows, driver].join('\n');
};

const npm = (): string => {
  const rows = Object.entries(homes).map(([name, { in: places, onceIn = [] }]) => {
    const once = onceIn.length === 0 ? '' : ', in one file';
    return `| \`${name}\` | ${places.map((place) => `\`${readable(place)}\``).join(', ')}${once} |`;
  });
  return ['| package | may be known to |', '| --- | --- |', ...rows].join('\n');
};

const driverRooms = (): string => {
  const rows = [...rooms].map(
    ([name, { what, needed }]) => `| \`${name}\` | ${what} | ${needed ? 'yes' : 'where there is such a thing'} |`,
  );
  return ['| room | what lives there | in every driver |', '| --- | --- | --- |', ...rows].join('\n');
};

/** The tables as they stand in the page, by their heads. */
const tableOf = (page: string, head: string): string => {
  const from = page.indexOf(head);
  return from < 0 ? '' : page.slice(from, page.indexOf('\n\n', from));
};

describe('docs/ARCHITECTURE.md', () => {
  let page = readFileSync(file, 'utf8');
  if (process.env['BAILIFF_REWRITE'] === '1') {
    for (const table of [arrows(), npm(), driverRooms()]) {
      const old = tableOf(page, table.slice(0, table.indexOf('\n')));
      if (old !== '') page = page.replace(old, () => table);
    }
    writeFileSync(file, page);
  }
  const named = new Set(
    [...page.matchAll(/`((?:src|drivers|hardware-mocks|scripts|test|bench|docs)\/[\w./-]*)`/g)].map(([, path = '']) => path),
  );
  const tree = page.slice(page.indexOf('## The tree'), page.indexOf('## Who may import whom'));

  it('names nothing that is not there', () => {
    const prose = page.replace(arrows(), '').replace(npm(), '');
    expect([...named].filter((path) => prose.includes(`\`${path}\``) && !existsSync(join(root, path)))).toEqual([]);
  });

  it('names every folder of the sources', () => {
    const folders = projectFiles().flatMap((path) => /^(?:src|drivers|hardware-mocks)\/[^/]+\//.exec(path)?.[0] ?? []);
    expect([...new Set(folders)].filter((folder) => !tree.includes(`\`${folder}\``))).toEqual([]);
  });

  it('names every file that stands beside the drivers, and every folder of the project', () => {
    const files = projectFiles().filter((path) => /^drivers\/[^/]+$/.test(path));
    expect(files.filter((path) => !tree.includes(`\`${path}\``))).toEqual([]);
    const top = new Set(projectFiles().flatMap((path) => /^[^./][^/]*\//.exec(path)?.[0] ?? []));
    expect([...top].filter((folder) => !tree.includes(`\`${folder}`))).toEqual([]);
  });

  it('has the arrows that the tidy test checks', () => {
    expect(tableOf(page, '| zone |')).toBe(arrows());
  });

  it('has the rooms of a driver that the tidy test checks', () => {
    expect(tableOf(page, '| room |')).toBe(driverRooms());
  });

  it('has the homes of npm packages that the tidy test checks', () => {
    expect(tableOf(page, '| package |')).toBe(npm());
  });
});
