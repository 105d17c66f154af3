import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJournal, verifyJournal } from '../../src/store/index.ts';
import { sealEvent, sealHead } from '../../src/store/line.ts';
import { all, loadAndClose, newFolder, opened, refused } from './folder.ts';

const pathOf = (folder: string, segment: number): string => join(folder, 'journal', `journal-0000000${segment}.jsonl`);

/** Three segments of three events each; the second begins with a snapshot, the third merely continues. */
const threeSegments = async (): Promise<string> => {
  const folder = await newFolder();
  const store = await opened(folder, { maxEntriesPerSegment: 3 });
  for (let n = 1; n <= 3; n += 1) await store.append(n, { event: n });
  await store.snapshot(4, { upTo: 3 });
  for (let n = 4; n <= 9; n += 1) await store.append(n, { event: n });
  await store.close();
  return folder;
};

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Everyone who meets the damage says the same, and nobody opens it for writing. */
const expectDamage = async (folder: string, says: string): Promise<void> => {
  const problem = { code: 'journal-damaged', says: expect.stringContaining(says), next: expect.stringContaining('journal verify') };
  expect(await refused(folder)).toMatchObject(problem);
  expect(await readJournal(folder)).toMatchObject(problem);
  expect(await verifyJournal(folder)).toMatchObject({ ok: false, problem });
};

describe('damage in the middle', () => {
  it('is found whichever byte of whichever kept line changed, and file, line and byte are named', async () => {
    const folder = await threeSegments();
    const bytes = await Promise.all([1, 2, 3].map((segment) => readFile(pathOf(folder, segment))));
    await fc.assert(
      fc.asyncProperty(fc.nat(2), share, fc.integer({ min: 1, max: 255 }), async (which, where, flip) => {
        const whole = bytes[which] as Buffer;
        // The newest segment's last newline is left alone: without it, its last line is torn and not damaged.
        const at = Math.floor(where * (whole.length - (which === 2 ? 1 : 0)));
        const changed = Buffer.from(whole);
        changed[at] = (whole[at] as number) ^ flip;
        const path = pathOf(folder, which + 1);
        await writeFile(path, changed);
        const begins = at === 0 ? 0 : whole.lastIndexOf(0x0a, at - 1) + 1;
        const line = whole.subarray(0, begins).filter((byte) => byte === 0x0a).length + 1;
        const verified = await verifyJournal(folder);
        await writeFile(path, whole);
        expect(verified.ok).toBe(false);
        expect(verified.problem?.says).toContain(`${path}:${line} (byte ${begins})`);
      }),
      {
        numRuns: 400,
        examples: [
          [0, 0, 1],
          [1, 0, 1],
          [2, 0.999, 4],
        ],
      },
    );
    expect(await verifyJournal(folder)).toEqual({ ok: true, entries: 9, segments: 3, warnings: [] });
  });

  it('finds a line that was taken out, put twice, or swapped with its neighbour', async () => {
    const folder = await threeSegments();
    const path = pathOf(folder, 2);
    const whole = await readFile(path, 'utf8');
    const [head, a, b, c] = whole.split('\n') as [string, string, string, string];
    const write = (...lines: string[]): Promise<void> => writeFile(path, lines.map((line) => `${line}\n`).join(''));
    await write(head, a, c);
    await expectDamage(folder, `${path}:3 `);
    await write(head, a, a, b, c);
    await expectDamage(folder, `${path}:3 `);
    await write(head, b, a, c);
    await expectDamage(folder, `${path}:2 `);
    await write(a, b, c);
    await expectDamage(folder, `${path}:1 (byte 0): the line is not the head of a segment`);
    await write(head, head, a, b, c);
    await expectDamage(folder, `${path}:2 `);
    await write(head, a, b);
    await expectDamage(folder, `${pathOf(folder, 3)}:1 `);
  });

  it('finds a line with a good hash that is not chained, is of another format, or is no entry', async () => {
    const folder = await threeSegments();
    const path = pathOf(folder, 3);
    const whole = await readFile(path, 'utf8');
    const foreign = sealEvent('f'.repeat(64), { n: 10, at: 10, event: 'forged' });
    await writeFile(path, whole + foreign.bytes.toString());
    await expectDamage(folder, `${path}:5 `);
    const last = JSON.parse(whole.trimEnd().split('\n').at(-1) ?? '') as { hash: string };
    for (const n of [9, 11]) {
      await writeFile(path, whole + sealEvent(last.hash, { n, at: 10, event: 'misnumbered' }).bytes.toString());
      await expectDamage(folder, `${path}:5 (byte ${Buffer.byteLength(whole)}): the line does not follow number 9`);
    }
    const head = sealHead('f'.repeat(64), { segment: 3, n: 6, at: 1 });
    await writeFile(path, head.bytes);
    await expectDamage(folder, 'is not chained to the line before it');
  });

  it('takes a single zero in an acknowledged line for damage, not for a torn end', async () => {
    const folder = await threeSegments();
    const path = pathOf(folder, 3);
    const whole = await readFile(path);
    const lastBegins = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (const at of [lastBegins - 1, lastBegins + 1, whole.length - 2]) {
      await writeFile(path, Buffer.from(whole).fill(0, at, at + 1));
      await expectDamage(folder, path);
    }
  });

  it('finds a missing, an empty and a renamed segment', async () => {
    const folder = await threeSegments();
    const second = await readFile(pathOf(folder, 2));
    await rm(pathOf(folder, 2));
    await expectDamage(folder, 'journal-00000002.jsonl is missing');
    await writeFile(pathOf(folder, 2), '');
    await expectDamage(folder, 'the file is empty');
    await writeFile(pathOf(folder, 2), second);
    await rename(pathOf(folder, 3), pathOf(folder, 4));
    await writeFile(pathOf(folder, 3), second);
    await expectDamage(folder, 'says that it begins segment 2');
  });

  it('cannot rebuild the state when every segment up to the last snapshot is gone', async () => {
    const folder = await threeSegments();
    await rm(pathOf(folder, 1));
    expect((await loadAndClose(folder)).snapshot).toEqual({ upTo: 3 });
    await rm(pathOf(folder, 2));
    await expectDamage(folder, 'no kept segment carries a snapshot');
  });

  it('of what is older than the last snapshot is told by who looks at the past, and keeps nobody from starting', async () => {
    const folder = await threeSegments();
    const path = pathOf(folder, 1);
    const changed = (await readFile(path, 'utf8')).replace('{"event":2}', '{"event":8}');
    await writeFile(path, changed);
    const problem = { code: 'journal-damaged', says: expect.stringContaining(`${path}:3 `) };
    expect(await verifyJournal(folder)).toMatchObject({ ok: false, entries: 1, problem });
    const loaded = await loadAndClose(folder);
    expect(loaded.snapshot).toEqual({ upTo: 3 });
    expect(loaded.entries.map(({ n }) => n)).toEqual([4, 5, 6, 7, 8, 9]);
    const view = await readJournal(folder);
    if ('code' in view) throw new Error(view.says);
    await expect(all(view.history())).rejects.toThrow('journal-damaged');
    expect(await readFile(path, 'utf8')).toBe(changed);
  });

  it('leaves every byte of a damaged journal as it was, and gives the folder back', async () => {
    const folder = await threeSegments();
    const path = pathOf(folder, 2);
    const changed = (await readFile(path, 'utf8')).replace('{"event":5}', '{"event":8}');
    await writeFile(path, changed);
    await refused(folder);
    await refused(folder);
    expect(await readFile(path, 'utf8')).toBe(changed);
  });
});
