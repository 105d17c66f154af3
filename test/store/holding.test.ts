/** Who holds a state folder is told without claiming it: a claim of a moment would turn away a fencing that begins in it. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { holdingOf } from '../../src/store/index.ts';
import { takeOwnership } from '../../src/store/owner.ts';
import { newFolder } from './folder.ts';
import { start } from './process-runner.ts';

it('the process and since when, until it gives the folder back', async () => {
  const folder = await newFolder();
  expect(await holdingOf(folder)).toBe('nobody');
  const ownership = await takeOwnership(folder, 1_700_000_000_000);
  if ('code' in ownership) throw new Error(ownership.says);
  expect(await holdingOf(folder)).toEqual({
    holder: { who: `process ${process.pid} (it has held it since 2023-11-14T22:13:20.000Z)`, since: 1_700_000_000_000 },
  });
  await ownership.release();
  expect(await holdingOf(folder)).toBe('nobody');
});

it('nobody, but a name that is left, where the process was killed', async () => {
  const folder = await newFolder();
  const first = start('race', folder);
  first.go();
  const { owns } = await first.until((told) => told.owns !== undefined);
  first.end();
  await first.ended;
  expect(await holdingOf(folder, '/nowhere')).toMatchObject({ left: { pid: owns } });
});

it('somebody without a name, where the system knows of a claim only', async () => {
  const folder = await newFolder();
  const owner = join(folder, 'owner');
  await writeFile(owner, '');
  const { dev, ino } = await stat(owner);
  const [major, minor] = [Math.floor(dev / 256) % 4096, (dev % 256) + Math.floor(dev / 2 ** 20) * 256];
  const hex = (number: number): string => number.toString(16).padStart(2, '0');
  const table = join(folder, 'claims');
  const line = (kind: string, inode: number): string => `1: ${kind}  ADVISORY  WRITE 4711 ${hex(major)}:${hex(minor)}:${inode} 0 EOF\n`;
  await writeFile(table, line('FLOCK', ino + 1) + line('POSIX', ino));
  expect(await holdingOf(folder, table)).toBe('nobody');
  await writeFile(table, line('FLOCK', ino));
  expect(await holdingOf(folder, table)).toEqual({ holder: { who: 'another process, which is not named' } });
});
