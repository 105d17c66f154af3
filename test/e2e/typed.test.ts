/** What people type in other words or in another order than we thought: it is understood, or said plainly. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoredFrom } from '../../src/coordinator/restore.ts';
import { readJournal } from '../../src/store/index.ts';
import { TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
const SECTIONS = {
  arbiters: [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }],
  policy: { tieBreaker: 'reference-ips', timeout: '60s', storm: { targets: 2, within: '10m' } },
  verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
};

beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  expect((await rack.bailiff('verdict', 'keygen', 'arb-1')).code).toBe(0);
  await rack.configure(SECTIONS);
});
afterAll(async () => await rack.down());

async function isOpen(node: string): Promise<boolean> {
  const view = await readJournal(join(rack.folder, 'state'));
  if ('code' in view) return false;
  const state = restoredFrom(view.snapshot, view.entries);
  return !('code' in state) && state.operations.values().some((operation) => operation.target === node);
}

describe('help', () => {
  test.each([
    [
      ['help', 'fence'],
      ['fence', '--help'],
    ],
    [
      ['help', 'verdict', 'sign'],
      ['verdict', 'sign', '--help'],
    ],
    [['help'], ['--help']],
  ])('bailiff %j is bailiff %j', async (words, same) => {
    const told = await rack.bailiff(...words);
    expect(told).toEqual(await rack.bailiff(...same));
    expect([told.code, told.out]).toEqual([0, expect.stringMatching(/^Examples?:$/m)]);
  });

  test('of a command that does not exist is a usage error', async () => {
    expect((await rack.bailiff('help', 'no-such')).code).toBe(2);
  });
});

test('the version, for people and for programs', async () => {
  const { out } = await rack.bailiff('--version');
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await rack.json('-V')).toEqual({ code: 0, value: { version: out.trim() } });
});

test('an option before the command: said where options belong', async () => {
  const { code, out } = await rack.bailiff('--json', 'status');
  expect([code, JSON.parse(out)]).toMatchObject([2, { code: 'usage', next: 'Options come after the command. See bailiff status --help.' }]);
  const { err } = await rack.bailiff('-c', 'bailiff.yaml', 'status');
  expect(err).toContain('options come after the command');
});

test.each([['db1'], ['--reboot']])('plan --verdict with %s: nothing that was typed is passed over', async (word) => {
  const { code, value } = await rack.json('plan', word, '--verdict', 'v.jws');
  expect([code, value.code, value.says]).toEqual([2, 'usage', expect.stringContaining('--verdict')]);
});

test('a program lifts no limit: asking for both is a usage error', async () => {
  const { code, value } = await rack.json('fence', 'db1', '--reason', 'tested', '--program', '--override', 'storm-limit');
  expect([code, value.code, value.says]).toEqual([2, 'usage', expect.stringContaining('--override')]);
});

test('plan logs in nowhere, and looks at no secret', async () => {
  const secret = join(rack.folder, 'secrets', 'db1-bmc');
  await chmod(secret, 0o640);
  expect([(await rack.bailiff('plan', 'db1')).code, (await rack.bailiff('status')).code]).toEqual([0, 2]);
  await chmod(secret, 0o600);
});

test('a program that has to wait for a person is told what waits', async () => {
  await rack.configure({ stateDir: './asking', policy: { mode: 'approval', tieBreaker: 'reference-ips' } });
  const { code, value } = await rack.json('fence', 'db1', '--reason', 'tested', '--program');
  expect([code, value]).toMatchObject([4, { code: 'awaiting-approval', operations: [{ target: 'db1', action: 'off', phase: 'pending' }] }]);
  await rack.configure(SECTIONS);
});

describe('verdict sign --valid-for', () => {
  const { issuedAt: _issued, expiresAt: _expires, ...timeless } = JSON.parse(verdictJson({ id: 'fresh' })) as Record<string, unknown>;

  test('sets both times anew: a verdict without them, and one that has expired, would be admitted', async () => {
    const past = { ...timeless, issuedAt: '2026-01-05T08:00:00Z', expiresAt: '2026-01-05T08:02:00Z' };
    for (const [name, verdict] of Object.entries({ timeless, past })) {
      const file = await rack.file(`${name}.json`, JSON.stringify(verdict));
      const signed = await rack.json('verdict', 'sign', file, '--key', 'arb-1.key', '--valid-for', '2m');
      const jws = String(signed.value.jws);
      const { issuedAt, expiresAt } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as Record<string, string>;
      expect(Date.parse(expiresAt ?? '') - Date.parse(issuedAt ?? '')).toBe(120_000);
      const planned = await rack.json('plan', '--verdict', await rack.file(`${name}.jws`, jws));
      expect([planned.code, planned.value.admitted]).toEqual([0, true]);
    }
  });

  test('a public key signs nothing, and nobody is told to hide it', async () => {
    const file = await rack.file('timeless.json', JSON.stringify(timeless));
    const { code, value } = await rack.json('verdict', 'sign', file, '--key', 'arb-1.pub', '--valid-for', '2m');
    expect([code, value.code, value.says]).toEqual([2, 'key-unreadable', expect.stringContaining('it holds a public key')]);
  });

  test("without it the times are the arbiter's own: they must be there", async () => {
    const file = await rack.file('none.json', JSON.stringify(timeless));
    const { code, value } = await rack.json('verdict', 'sign', file, '--key', 'arb-1.key');
    expect([code, value.code, value.says]).toEqual([2, 'malformed-verdict', expect.stringContaining('issuedAt')]);
  });

  test.each([
    ['a field twice', (text: string) => Buffer.from(text.replace('{', '{"e\\u0070och":9,')), 'malformed-verdict', 'epoch: stands twice'],
    [
      'bytes that are no UTF-8',
      (text: string) => Buffer.from(text.replace('heartbeat', 'h\u00e4rt'), 'latin1'),
      'malformed-verdict',
      'reason: holds bytes',
    ],
    ['a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`), 'malformed-verdict', 'byte order mark'],
    [
      'a field too many',
      (text: string) => Buffer.from(text.replace('{', '{"extra":1,')),
      'malformed-verdict',
      'extra: is not a field here',
    ],
    ['no JSON', (text: string) => Buffer.from(text.slice(0, -1)), 'not-json', 'it ends too early'],
  ])('%s is told before anything is signed', async (_what, spoil, code, says) => {
    await writeFile(join(rack.folder, 'spoilt.json'), spoil(verdictJson()));
    const signed = await rack.json('verdict', 'sign', 'spoilt.json', '--key', 'arb-1.key');
    expect([signed.code, signed.value.code, signed.value.says, signed.value.jws]).toEqual([
      2,
      code,
      expect.stringContaining(says),
      undefined,
    ]);
  });

  test('what is no verdict stays none', async () => {
    const { code, value } = await rack.json(
      'verdict',
      'sign',
      await rack.file('list.json', '[]'),
      '--key',
      'arb-1.key',
      '--valid-for',
      '2m',
    );
    expect([code, value.code]).toEqual([2, 'malformed-verdict']);
  });
});

test('Ctrl-C with --json: a problem like any other, and what is open', async () => {
  rack.lab.fault('db1-bmc', { seed: 1, faults: [{ kind: 'mute' }] });
  const fencing = rack.start(['fence', 'db1', '--reason', 'tested', '--json']);
  while (!(await isOpen('db1'))) await setTimeout(20);
  fencing.kill('SIGINT');
  const { code, out } = await fencing.ended;
  expect([code, JSON.parse(out)]).toMatchObject([
    130,
    { outcome: 'interrupted', code: 'interrupted', next: expect.stringContaining('bailiff resume'), operations: [{ target: 'db1' }] },
  ]);
});

test('a journal that cannot be read is not called damaged', async () => {
  await mkdir(join(rack.folder, 'other'));
  await writeFile(join(rack.folder, 'other', 'journal'), 'not a folder');
  await rack.configure({ stateDir: './other' });
  const { code, out, err } = await rack.bailiff('journal', 'verify');
  expect([code, out]).toEqual([1, 'unreadable: it could not be checked\n']);
  expect(err).toContain('journal-unreadable');
});
