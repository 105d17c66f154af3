/** package.json, the lock file and .ci/run: would a fresh clone install on another machine, and does CI bring every stranger? */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STRANGERS } from '../foreign/strangers.ts';
import { root } from './project.ts';

interface PinnedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Readonly<Record<string, Readonly<Record<string, string>>>>;
const lockFileText = read('package-lock.json');
const { packages } = JSON.parse(lockFileText) as { readonly packages: Readonly<Record<string, PinnedPackage>> };

describe('package.json', () => {
  it('pins every dependency to one version', () => {
    const loose = Object.entries({
      ...manifest['dependencies'],
      ...manifest['optionalDependencies'],
      ...manifest['devDependencies'],
    }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
    expect(loose).toEqual([]);
  });

  it('has scripts of one word', () => {
    expect(Object.keys(manifest['scripts'] ?? {}).filter((name) => !/^[a-z]+$/.test(name))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('names no registry', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(lockFileText).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  it('knows every package by its integrity', () => {
    const unknown = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && integrity === undefined);
    expect(unknown.map(([path]) => path)).toEqual([]);
  });

  it('holds the optional package of every platform, so that other machines can install from it', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe('.ci/run', () => {
  it("installs the Debian packages of the strangers' table, no more and no fewer", () => {
    const list = /strangers=\(\n([^)]*)\)/.exec(read('.ci/run'))?.[1] ?? '';
    const installed = list.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
    expect(installed).toEqual([...new Set(Object.values(STRANGERS).map(({ debian }) => debian))].sort());
  });
});
