/** A full disk, for real: a file-size limit of the process. Nothing is ordered, nothing is called finished, and the words say so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { openJournal } from '../../src/store/index.ts';
import { BAILIFF, TestRack, TWO_NODES } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
});
afterAll(async () => await rack.down());

/** Runs the command under `ulimit -f 0`: no file may grow, as on a full disk (EFBIG instead of ENOSPC). Pipes are not files. */
async function onFullDisk(...words: readonly string[]): Promise<Answered> {
  return await onDiskOf(0, ...words);
}

interface Answered {
  readonly code: number | null;
  readonly value: Record<string, unknown>;
}

/** No file may become longer than so many blocks of 512 bytes (POSIX). */
async function onDiskOf(blocks: number, ...words: readonly string[]): Promise<Answered> {
  const script = `trap "" XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`;
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

const BLOCK = 512;

/** So many bytes of the next line must find no room; ids and times of two runs differ by less. */
const SLACK = 60;

/**
 * Makes room for the start and the command of a fence, and for no more: `lines` are those of an earlier one. The journal is filled up with
 * a remark, so that the limit falls between two lines.
 */
async function fillUp(stateDir: string, lines: readonly string[]): Promise<number> {
  const path = join(stateDir, 'journal', 'journal-00000001.jsonl');
  const [start = '', command = ''] = ['restored', 'command'].map((kind) =>
    lines.findLast((line) => line.includes(`"event":{"kind":"${kind}"`)),
  );
  const needed = start.length + command.length + 2;
  const remark = async (says: string): Promise<number> => {
    const store = await openJournal(stateDir);
    if ('code' in store) throw new Error(store.says);
    expect(await store.append(Date.now(), { kind: 'noted', by: 'test', reason: 'test', says })).toEqual(expect.any(Number));
    await store.close();
    return (await stat(path)).size;
  };
  const before = await remark('');
  const overhead = (await remark('')) - before;
  const ends = before + 2 * overhead + needed + SLACK;
  await remark('x'.repeat((BLOCK - (ends % BLOCK)) % BLOCK));
  return Math.ceil(ends / BLOCK);
}

test('one write fails before the order: what was answered is over, and no later command shoots for it', async () => {
  const stateDir = join(rack.folder, 'state');
  for (const words of [['unfence'], ['fence'], ['unfence']] as const)
    expect((await rack.json(words[0], 'db1', '--reason', 'tested', '--by', 'anna')).code).toBe(0);
  const lines = (await readFile(join(stateDir, 'journal', 'journal-00000001.jsonl'), 'utf8')).trimEnd().split('\n');
  const blocks = await fillUp(stateDir, lines);
  const withheld = await onDiskOf(blocks, 'fence', 'db1', '--reason', 'tested', '--by', 'anna');
  expect(withheld).toMatchObject({ code: 4, value: { outcome: 'withheld', code: 'journal-unwritable' } });
  // The command is in the journal, and nothing that ends it: only the last words know.
  const written = (await readFile(join(stateDir, 'journal', 'journal-00000001.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(written.at(-1)).toContain('"event":{"kind":"command"');
  expect((await rack.json('status', 'db1')).value.nodes).toMatchObject([{ operation: null }]);
  expect((await rack.json('unfence', 'db2', '--reason', 'unrelated')).code).toBe(0);
  expect(rack.lab.lamp('db1')).toBe(true);
  expect((await rack.json('history', 'db1', '--last', '1')).value.operations).toMatchObject([
    { outcome: 'withheld', code: 'journal-unwritable' },
  ]);
});
