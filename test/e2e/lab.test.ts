/** What `bailiff lab up` leaves alone, and what a command says whose words cannot be written. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAILIFF, startIn } from './rack.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-lab-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const up = async () => await startIn(folder, ['lab', 'up', '--folder', '.', '--json']).ended;
const configuration = async (): Promise<string> => await readFile(join(folder, 'bailiff.yaml'), 'utf8');

describe('lab up', () => {
  test('overwrites no configuration that is not of a lab', async () => {
    await writeFile(join(folder, 'bailiff.yaml'), 'cluster: the-real-one\n');
    const { code, out } = await up();
    expect([code, (JSON.parse(out) as { code: string }).code]).toEqual([2, 'not-a-lab']);
    expect(await configuration()).toBe('cluster: the-real-one\n');
    await rm(join(folder, 'bailiff.yaml'));
  });

  test('leaves the files of a lab that runs there as they are, and may begin anew when it is gone', async () => {
    for (let time = 0; time < 2; time += 1) {
      const first = spawn(process.execPath, [BAILIFF, 'lab', 'up', '--folder', '.'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
      await once(first.stdout, 'data');
      const before = await configuration();
      const second = await up();
      expect([second.code, (JSON.parse(second.out) as { code: string }).code]).toEqual([2, 'lab-is-up']);
      expect(await configuration()).toBe(before);
      expect((await startIn(folder, ['status', '--json']).ended).code).toBe(0);
      first.kill('SIGTERM');
      await once(first, 'close');
    }
  });
});

describe('a command whose words are lost', () => {
  // Linux: every write to /dev/full ends with ENOSPC.
  test('does not end with 0', async () => {
    const child = spawn('sh', ['-c', 'exec "$0" "$@" >/dev/full', process.execPath, BAILIFF, 'config', 'schema'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(70);
    expect(err).toMatch(/^output-not-written: .*ENOSPC/);
  });
});
