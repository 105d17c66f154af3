/** Every entry of package.json's exports is there after a build, can be imported, and gives what its readers are told. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** A few names that the documents promise. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  '.': ['Engine', 'loadConfiguration', 'treeDrivers', 'openVerdict', 'signVerdict', 'step', 'verifyJournal', 'EXIT', 'isProblem'],
  './driver': [
    ...['Secret', 'checkSettings', 'settingsJsonSchema', 'Misconfigured', 'mayAct', 'orderTooLate'],
    ...['SharedDeadline', 'RunningDeadline', 'Calls', 'BoundedQueue', 'Turns'],
  ],
  './conformance': ['runConformance', 'conformance', 'CASES', 'benchForDevice', 'checkDriverModule'],
  './mocks': ['Machine', 'MockBmc', 'MockPdu', 'MockSsh', 'MockRedfish', 'startLab', 'UdpProxy'],
};

describe('package.json', () => {
  test.each(Object.entries(manifest.exports))('exports %s', async (entry, { types, default: file }) => {
    expect(existsSync(join(ROOT, types)), types).toBe(true);
    const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Record<string, unknown>;
    const promised = PROMISED[entry];
    expect(promised, `nothing is promised of ${entry}`).toBeDefined();
    expect((promised ?? []).filter((name) => module[name] === undefined)).toEqual([]);
  });

  test.each(Object.values(manifest.bin))('has the command %s', (file) => {
    expect(readFileSync(join(ROOT, file), 'utf8').startsWith('#!/usr/bin/env node')).toBe(true);
  });

  test('its version is the one that the command prints', () => {
    expect(readFileSync(join(ROOT, 'src/cli/version.ts'), 'utf8')).toContain(`'${manifest.version}'`);
  });
});
