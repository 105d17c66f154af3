/** A full disk, for real: a file-size limit of the process. Nothing is ordered, nothing is called finished, and the words say so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { BAILIFF, TestRack, TWO_NODES } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
});
afterAll(async () => await rack.down());

/** Runs the command under `ulimit -f 0`: no file may grow, as on a full disk (EFBIG instead of ENOSPC). Pipes are not files. */
async function onFullDisk(...words: readonly string[]): Promise<{ readonly code: number | null; readonly value: Record<string, unknown> }> {
  const script = 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"';
  const child = spawn('sh', ['-c', script, process.execPath, BAILIFF, ...words, '--json'], {
    cwd: rack.folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, value: JSON.parse(out) as Record<string, unknown> };
}

test('fence on a full disk: withheld, exit 4, and the node stays on', async () => {
  const { code, value } = await onFullDisk('fence', 'db1', '--reason', 'tested');
  expect([code, value.outcome, value.code]).toEqual([4, 'withheld', 'journal-unwritable']);
  expect(rack.lab.lamp('db1')).toBe(true);
});

test('resume on a full disk does not say that nothing was open', async () => {
  rack.lab.fault('db1-bmc', { seed: 1, faults: [{ kind: 'mute' }] });
  const fencing = rack.start(['fence', 'db1', '--reason', 'tested']);
  const isOpen = async (): Promise<boolean> => {
    const nodes = (await rack.json('status', 'db2', 'db1')).value.nodes as { operation: string | null }[];
    return nodes.some(({ operation }) => operation !== null);
  };
  while (!(await isOpen()));
  fencing.kill('SIGKILL');
  await fencing.ended;
  const resumed = await onFullDisk('resume');
  expect([resumed.code, resumed.value.code]).toEqual([4, 'journal-unwritable']);
  expect(await isOpen()).toBe(true);
  rack.lab.fault('db1-bmc', NO_FAULTS);
  const { code, value } = await rack.json('resume');
  expect(code).toBe(0);
  expect(value.operations).toMatchObject([{ target: 'db1', outcome: 'confirmed' }]);
});
