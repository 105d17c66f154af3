import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../src/store/index.ts';
import { takeOwnership } from '../../src/store/owner.ts';
import { loadAndClose, newFolder, opened, refused } from './folder.ts';
import { start } from './process-runner.ts';

describe('one writer', () => {
  it('tells the second process the pid of the first one, and since when', async () => {
    const folder = await newFolder();
    const first = start('race', folder);
    first.go();
    const { owns } = await first.until((told) => told.owns !== undefined);
    const problem = await refused(folder);
    expect(problem.code).toBe('state-in-use');
    expect(problem.says).toMatch(new RegExp(`in use by process ${owns} \\(it has held it since 20\\d\\d-`));
    expect(await readJournal(folder)).toMatchObject({ entries: [], warnings: [] });
    first.go();
    await first.ended;
    await loadAndClose(folder);
  });

  it('is one within one process too', async () => {
    const folder = await newFolder();
    const store = await opened(folder);
    expect(await refused(folder)).toMatchObject({ code: 'state-in-use', says: expect.stringContaining(`process ${process.pid} `) });
    await store.close();
    await loadAndClose(folder);
  });

  it('leaves the folder free the moment it is ended by kill -9, also when a child of its lives on', async () => {
    const folder = await newFolder();
    const first = start('parent', folder);
    const { child } = await first.until((told) => told.owns !== undefined);
    first.end();
    await first.ended;
    try {
      await loadAndClose(folder);
      expect(() => process.kill(child as number, 0)).not.toThrow();
    } finally {
      process.kill(child as number, 'SIGKILL');
    }
  });

  it('is exactly one of many that race, for a fresh folder and after the owner was ended by kill -9', { timeout: 180_000 }, async () => {
    for (let round = 0; round < 12; round += 1) {
      const folder = await newFolder();
      if (round % 2 === 1) {
        const earlier = start('race', folder);
        earlier.go();
        await earlier.until((told) => told.owns !== undefined);
        earlier.end();
        await earlier.ended;
      }
      const racers = Array.from({ length: 6 }, () => start('race', folder));
      for (const racer of racers) await racer.until((told) => told.ready !== undefined);
      for (const racer of racers) racer.go();
      const ends = await Promise.all(racers.map((racer) => racer.until((told) => told.owns !== undefined || told.problem !== undefined)));
      const owners = ends.filter((told) => told.owns !== undefined);
      expect(owners).toHaveLength(1);
      for (const told of ends.filter(({ problem }) => problem !== undefined)) {
        expect(told.problem).toMatchObject({ code: 'state-in-use', says: expect.stringContaining(`process ${owners[0]?.owns} `) });
      }
      racers.find((racer) => racer.told.some((told) => told.owns !== undefined))?.go();
      await Promise.all(racers.map((racer) => racer.ended));
    }
  });

  it('does not believe a name that a crash left behind, even if a process has that pid now', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'owner'), JSON.stringify({ pid: process.pid, startedAt: 1, ticks: '1' }));
    await loadAndClose(folder);
    expect(await readFile(join(folder, 'owner'), 'utf8')).toBe('');
  });

  it('does not guess when it cannot find out', async () => {
    const folder = await newFolder();
    const missing = await takeOwnership(folder, 1, join(folder, 'no-such-command'));
    expect(missing).toMatchObject({ code: 'state-owner-unknown', says: expect.stringContaining('is not installed') });
    expect(missing).toMatchObject({ next: expect.stringContaining('package util-linux') });
    const unusable = await takeOwnership(folder, 1, join(folder, 'owner'));
    expect(unusable).toMatchObject({ code: 'state-owner-unknown', says: expect.stringContaining('could not be run (EACCES)') });
    // Called with flock's arguments, a shell finds no script of the name 3.
    const failing = await takeOwnership(folder, 1, 'sh');
    expect(failing).toMatchObject({ code: 'state-owner-unknown', says: expect.stringContaining('sh ended with') });
    await loadAndClose(folder);
  });
});
