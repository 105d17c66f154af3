/** The built command on a machine with nothing but Node and flock, and on one without flock. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAILIFF, TestRack, TWO_NODES } from '../e2e/rack.ts';

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
const FLOCK = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'flock'))
  .find(executable);

describe('a machine with nothing but Node', () => {
  let rack: TestRack;
  let [withFlock, empty] = ['', ''];
  const json = async (path: string, ...words: readonly string[]) => {
    const { code, out, err } = await rack.start([...words, '--json'], { PATH: path }).ended;
    return { code, value: JSON.parse(out) as Record<string, unknown>, err };
  };

  beforeAll(async () => {
    rack = await TestRack.up(TWO_NODES);
    [withFlock, empty] = [join(rack.folder, 'with-flock'), join(rack.folder, 'empty')];
    for (const folder of [withFlock, empty]) await mkdir(folder);
    if (FLOCK === undefined) throw new Error('flock is not installed: it is in the Debian package util-linux');
    await symlink(FLOCK, join(withFlock, 'flock'));
  });
  afterAll(() => rack.down());

  it('tells without flock which package is missing, and switches nothing', async () => {
    const { code, value } = await json(empty, 'fence', 'db1', '--reason', 'split', '--by', 'anna');
    expect(code).not.toBe(0);
    expect(value).toMatchObject({ code: 'state-owner-unknown', next: expect.stringContaining('package util-linux') });
    expect(rack.lab.truth.nodes.map(({ lamp }) => lamp)).toEqual([true, true]);
  });

  it('fences with flock alone, and the story says how the reference IP was asked', async () => {
    const { code, value } = await json(withFlock, 'fence', 'db1', '--reason', 'split', '--by', 'anna');
    expect({ code, value }).toMatchObject({ code: 0, value: { outcome: 'confirmed' } });
    const story = await rack.start(['story', String(value['operation'])], { PATH: withFlock }).ended;
    expect(story.out).toContain('asked without ping');
  });

  it('is blind where nobody answers, and says by which ways it could not ask', async () => {
    await rack.configure({ verify: { referenceIps: ['192.0.2.77'], need: 1, within: '1s', listenAgain: '0s' } });
    const words = ['fence', 'db2', '--reason', 'split', '--by', 'anna', '--override', 'storm-limit', 'quorum-floor'];
    expect(await json(withFlock, ...words)).toMatchObject({
      code: 4,
      value: { code: 'blind', says: expect.stringContaining('Not heard: 192.0.2.77: ') },
    });
    // Away from node_modules there is no koffi, as where optional packages were left out.
    const alone = join(rack.folder, 'bailiff.cjs');
    await copyFile(BAILIFF, alone);
    await cp(BAILIFF.replace(/\.cjs$/, '.parts'), join(rack.folder, 'bailiff.parts'), { recursive: true });
    const { status, stdout } = spawnSync(process.execPath, [alone, ...words, '--json'], {
      cwd: rack.folder,
      env: { PATH: withFlock },
      encoding: 'utf8',
      timeout: 60_000,
    });
    const { code, says } = JSON.parse(stdout) as { readonly code: string; readonly says: string };
    expect([status, code]).toEqual([4, 'blind']);
    expect(says).toContain('the npm package koffi is not installed');
    expect(says).toContain('ping could not be run: it is not installed (install the Debian package iputils-ping)');
  });
});
