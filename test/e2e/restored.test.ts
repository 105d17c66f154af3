/** A journal that is brought back from a backup: nothing is begun until a person has said which epoch counts. */
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  expect((await rack.bailiff('verdict', 'keygen', 'arb-1')).code).toBe(0);
  await rack.configure({
    arbiters: [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }],
    policy: { tieBreaker: 'reference-ips', timeout: '8s', storm: { targets: 9, within: '10m' } },
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
  });
});
afterAll(async () => await rack.down());

async function submit(epoch: number): Promise<Awaited<ReturnType<TestRack['json']>>> {
  const file = await rack.file('verdict.json', verdictJson({ id: `v${epoch}`, epoch, claim: 'misbehaving' }));
  const { out } = await rack.bailiff('verdict', 'sign', file, '--key', 'arb-1.key');
  return await rack.json('verdict', 'submit', await rack.file('verdict.jws', out));
}

const state = (...path: readonly string[]): string => join(rack.folder, 'state', ...path);
const epochNow = async (): Promise<unknown> => (await rack.json('epoch', 'show')).value.epoch;

test('an older copy is told, and brought back with the lowest epoch that counts; old verdicts stay stale', async () => {
  expect(await submit(5)).toMatchObject({ code: 0, value: { outcome: 'confirmed' } });
  await cp(state('journal'), join(rack.folder, 'copy'), { recursive: true });
  expect((await rack.json('unfence', 'db1', '--reason', 'tested')).code).toBe(0);
  expect(await submit(6)).toMatchObject({ code: 0 });
  expect((await rack.json('unfence', 'db1', '--reason', 'tested')).code).toBe(0);

  // What was advised once: the copy in the place of the journal.
  await rm(state('journal'), { recursive: true });
  await cp(join(rack.folder, 'copy'), state('journal'), { recursive: true });
  expect(await submit(7)).toMatchObject({
    code: 2,
    value: { code: 'journal-older', says: expect.stringContaining('epoch 6 was in force') },
  });
  expect(await rack.json('status', 'db1')).toMatchObject({ code: 5, value: { journal: { code: 'journal-older' } } });
  expect(await rack.json('journal', 'verify')).toMatchObject({ code: 1, value: { ok: false, problem: { code: 'journal-older' } } });
  expect(rack.lab.lamp('db1')).toBe(true);

  const restore = (...more: readonly string[]) =>
    rack.json('journal', 'restore', join(rack.folder, 'copy'), '--reason', 'disk replaced', '--by', 'anna', ...more);
  expect(await restore()).toMatchObject({ code: 2, value: { code: 'epoch-missing' } });
  expect(await restore('--lowest-epoch', '5')).toMatchObject({ code: 2, value: { code: 'epoch-too-low' } });
  expect(await rack.json('journal', 'restore', '--lowest-epoch', '7', '--reason', 'x')).toMatchObject({
    code: 2,
    value: { code: 'usage' },
  });
  const restored = await restore('--lowest-epoch', '7');
  expect(restored).toMatchObject({ code: 0, value: { segments: 1, aside: expect.stringContaining('journal-aside-') } });
  expect(await readdir(String(restored.value.aside))).toEqual(['journal-00000001.jsonl']);

  expect(await epochNow()).toBe(7);
  expect(await submit(6)).toMatchObject({ code: 3, value: { outcome: 'refused', code: 'stale-epoch' } });
  expect(rack.lab.lamp('db1')).toBe(true);
  expect(await submit(7)).toMatchObject({ code: 0, value: { outcome: 'confirmed' } });
  expect((await rack.bailiff('journal', 'verify')).code).toBe(0);
});

test('a whole journal does not give way to an empty one by mistake: it knows what is fenced', async () => {
  const restore = (...words: readonly string[]) => rack.json('journal', 'restore', ...words, '--lowest-epoch', '9', '--reason', 'mistaken');
  const kept = { code: 2, value: { code: 'journal-is-intact' } };
  expect(await restore('--empty')).toMatchObject(kept);
  expect(await epochNow()).toBe(7);
  expect((await rack.json('status', 'db1')).value).toMatchObject({ nodes: [{ node: 'db1', fenced: { how: 'confirmed' } }] });
});

test('a person sets the epoch with a reason; the story and the marker know it', async () => {
  expect(await rack.json('epoch', 'set', '1', '--reason', 'arbiter set up anew', '--by', 'anna')).toMatchObject({
    code: 0,
    value: { epoch: 1, before: 7 },
  });
  expect(await epochNow()).toBe(1);
  expect((await rack.json('epoch', 'set', 'x', '--reason', 'no')).code).toBe(2);
  await rm(state('journal'), { recursive: true });
  expect(await rack.json('journal', 'restore', '--empty', '--lowest-epoch', '2', '--reason', 'no copy')).toMatchObject({
    code: 0,
    value: { events: 0, segments: 0 },
  });
  expect(await epochNow()).toBe(2);
});
