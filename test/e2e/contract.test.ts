/** What programs and tired eyes rely on: every ending has its JSON and its exit code, and no text from outside writes the terminal. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
const SECTIONS = {
  arbiters: [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }],
  policy: { tieBreaker: 'reference-ips', timeout: '8s', storm: { targets: 2, within: '10m' } },
  verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
};

beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  for (const name of ['arb-1', 'other']) expect((await rack.bailiff('verdict', 'keygen', name)).code).toBe(0);
  await rack.configure(SECTIONS);
});
afterAll(async () => await rack.down());

const REASON = ['--reason', 'tested'] as const;

describe('a command line that is not understood', () => {
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no argument', ['fence', ...REASON], /node/],
    ['no reason', ['fence', 'db1'], /--reason/],
    ['an unknown option', ['status', '--no-such'], /--no-such/],
    ['an unknown command', ['no-such'], /no-such/],
    ['an unknown command of a command', ['verdict', 'sing'], /Did you mean sign/],
    ['a bad duration', ['fence', 'db1', ...REASON, '--timeout', '5'], /with its unit/],
    ['a bad count', ['history', '--last', 'x'], /whole number/],
    ['a reason without end', ['fence', 'db1', '--reason', 'x'.repeat(1001)], /at most 1000 characters/],
    ['a name without end', ['attest', 'db1', ...REASON, '--by', 'x'.repeat(101)], /at most 100 characters/],
  ];

  test.each(wrong)('%s: a problem on standard output with --json, exit 2', async (_what, words, says) => {
    const { code, value } = await rack.json(...words);
    expect([code, value.code]).toEqual([2, 'usage']);
    expect(value.says).toMatch(says);
    expect(value.next).toMatch(/^See bailiff.* --help\.$/);
  });

  test('people are told on standard error, and what follows -- is no option', async () => {
    const { code, out, err } = await rack.bailiff('status', '--no-such', '--', '--json');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain("unknown option '--no-such'");
  });
});

describe('JSON', () => {
  test('of the configuration in force: secrets as their origin', async () => {
    const { code, value } = await rack.json('config', 'show');
    expect(code).toBe(0);
    expect(value).toMatchObject({
      cluster: 'orders',
      nodes: { db1: { fence: [[{ device: 'db1-bmc' }]] } },
      devices: { 'db1-bmc': { driver: 'ipmi', settings: { password: { secret: expect.stringMatching(/^file \//) } } } },
    });
  });

  test.each([
    ['config', 'schema'],
    ['verdict', 'schema'],
  ])('of %s %s, with the flag or without', async (...words) => {
    const { code, value } = await rack.json(...words);
    expect([code, typeof value.properties]).toEqual([0, 'object']);
    expect(JSON.parse((await rack.bailiff(...words)).out)).toEqual(value);
  });

  test('of a configuration that cannot be used: one problem, and all of them', async () => {
    await rack.file('bad.yaml', 'cluster: orders\nnodes: 7\n');
    const { code, value } = await rack.json('fence', 'db1', ...REASON, '--config', 'bad.yaml');
    expect([code, value.code]).toEqual([2, 'configuration']);
    expect(value.says).toContain('bad.yaml');
    expect(typeof value.next).toBe('string');
    expect((value.problems as { line: number }[]).length).toBeGreaterThan(0);
  });

  test('of a signed verdict', async () => {
    const { value } = await rack.json('verdict', 'sign', await rack.file('s.json', verdictJson()), '--key', 'arb-1.key');
    expect(value.jws).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });
});

describe('a node that is not there', () => {
  test.each(['fence', 'unfence', 'attest'])('%s: refused, exit 3', async (command) => {
    const { code, value } = await rack.json(command, 'db9', ...REASON);
    expect([code, value.outcome, value.code]).toEqual([3, 'refused', 'unknown-target']);
    expect(value.next).toContain('db1, db2');
    const told = await rack.bailiff(command, 'db9', ...REASON);
    expect([told.code, told.out]).toEqual([3, expect.stringMatching(/^refused\n {2}unknown-target: db9 /)]);
  });

  test.each(['status', 'plan', 'history'])('%s: a usage error, exit 2', async (command) => {
    const { code, value } = await rack.json(command, 'db9');
    expect([code, value.outcome, value.code]).toEqual([2, undefined, 'unknown-target']);
  });

  test('history still knows a node that the configuration has forgotten', async () => {
    expect((await rack.json('fence', 'db2', ...REASON)).code).toBe(0);
    const yaml = await readFile(join(rack.folder, 'bailiff.yaml'), 'utf8');
    await rack.file('renamed.yaml', yaml.replace(/^ {2}db2:/m, '  db3:'));
    const { code, value } = await rack.json('history', 'db2', '--config', 'renamed.yaml');
    expect([code, value.operations]).toMatchObject([0, [{ target: 'db2', outcome: 'confirmed' }]]);
    expect((await rack.json('unfence', 'db2', ...REASON)).code).toBe(0);
  });
});

describe('verdicts at the door', () => {
  const sign = async (over: Readonly<Record<string, unknown>>, key: string): Promise<string> => {
    const signed = await rack.json('verdict', 'sign', await rack.file('d.json', verdictJson(over)), '--key', key);
    return await rack.file('d.jws', String(signed.value.jws));
  };

  test.each([
    ['by another key', {}, 'other.key', 'bad-signature'],
    ['of an unknown issuer', { issuer: 'nobody' }, 'other.key', 'unknown-issuer'],
  ])('%s: refused, exit 3, planned or submitted', async (_what, over, key, code) => {
    const file = await sign(over, key);
    for (const words of [
      ['verdict', 'submit', file],
      ['plan', '--verdict', file],
    ])
      expect(await rack.json(...words)).toMatchObject({ code: 3, value: { outcome: 'refused', code } });
  });

  test('a key of our own that cannot be used is a matter of configuration', async () => {
    const file = await sign({}, 'arb-1.key');
    const right = await readFile(join(rack.folder, 'arb-1.pub'), 'utf8');
    await rack.file('arb-1.pub', 'no key\n');
    for (const words of [
      ['verdict', 'submit', file],
      ['plan', '--verdict', file],
    ]) {
      const { code, value } = await rack.json(...words);
      expect([code, value.outcome, value.code]).toEqual([2, undefined, 'key-unreadable']);
    }
    await rack.file('arb-1.pub', right);
  });

  test('a verdict file that is not there was not refused: it was not read', async () => {
    for (const words of [
      ['verdict', 'submit', 'none.jws'],
      ['plan', '--verdict', 'none.jws'],
    ])
      expect(await rack.json(...words)).toMatchObject({ code: 2, value: { code: 'file-not-read' } });
  });

  test('a private key that others can read signs nothing', async () => {
    await chmod(join(rack.folder, 'other.key'), 0o644);
    const { code, value } = await rack.json('verdict', 'sign', await rack.file('p.json', verdictJson()), '--key', 'other.key');
    expect([code, value.code]).toEqual([2, 'secret-permissions']);
    expect(value.says).toContain('mode 644');
    expect(value.next).toContain('chmod 600 other.key');
    await chmod(join(rack.folder, 'other.key'), 0o600);
  });

  test('what is not JSON is said to be so, with its line and without its text', async () => {
    const broken = await rack.file('broken.json', '{\n  "id": "hunter2",\n  "epoch" 1\n}\n');
    for (const words of [
      ['verdict', 'sign', broken, '--key', 'arb-1.key'],
      ['lab', 'up', '--rack', broken],
    ]) {
      const { code, value } = await rack.json(...words);
      expect([code, value.code]).toEqual([2, 'not-json']);
      expect(value.says).toMatch(/broken\.json is not JSON: see line 3/);
      expect(value.says).not.toContain('hunter2');
    }
    expect(await rack.json('lab', 'up', '--rack', 'none.json')).toMatchObject({ code: 2, value: { code: 'file-not-read' } });
  });
});

test('a node that is marked fenced and is switched on by hand: told, exit 5', async () => {
  expect((await rack.json('fence', 'db1', ...REASON)).code).toBe(0);
  expect((await rack.json('status')).code).toBe(0);
  rack.lab.power('db1', 'on');
  const { code, value } = await rack.json('status');
  expect(code).toBe(5);
  expect(value.nodes).toMatchObject([{ node: 'db1', contradiction: 'fenced-but-on' }, { node: 'db2' }]);
  expect((value.nodes as object[])[1]).not.toHaveProperty('contradiction');
  const told = await rack.bailiff('status');
  expect([told.code, told.out]).toEqual([5, expect.stringMatching(/db1 .* on .*marked fenced\n[\s\S]*fenced-but-on: db1/)]);
  expect((await rack.json('unfence', 'db1', ...REASON)).code).toBe(0);
  expect((await rack.json('status')).code).toBe(0);
});

test('texts from outside cannot write the terminal or a line of a log', async () => {
  const evil = 'x\u001b[2J\u009b31m\u0007\r\n2026-01-01 db1 is OFF: confirmed\u202e';
  const fenced = await rack.bailiff('fence', 'db1', '--reason', evil, '--by', 'an\u001b[1mna');
  expect(fenced.code).toBe(0);
  const id = /bailiff story (\S+)/.exec(fenced.out)?.[1] ?? '';
  for (const words of [
    ['story', id],
    ['story', id, '--json'],
    ['history'],
    ['status'],
    ['pending'],
    ['fence', evil, ...REASON],
    ['no-such', evil],
    [evil],
    ['history', '--last', evil],
  ]) {
    const { out, err } = await rack.bailiff(...words);
    expect(`${out}${err}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(`${out}${err}`).not.toMatch(/^2026-01-01 db1/m);
  }
  const { out } = await rack.bailiff('story', id);
  expect(out).toContain('an\\e[1mna orders off of db1 (x\\e[2J\\u009b31m\\u0007\\r\\n2026-01-01 db1 is OFF: confirmed\\u202e)');
  const told = await rack.json('story', id);
  const [command] = (told.value.events as { kind: string; command?: { reason: string } }[]).filter(({ kind }) => kind === 'command');
  expect(command?.command?.reason).toBe(evil);
  expect((await rack.json('unfence', 'db1', ...REASON)).code).toBe(0);
});

describe('check', () => {
  test('looks at the state folder like at a device', async () => {
    const { code, value } = await rack.json('check');
    expect(code).toBe(0);
    expect(value.state).toMatchObject({ folder: join(rack.folder, 'state'), ok: true, found: [expect.stringContaining('journal intact')] });
    expect((await rack.bailiff('check')).out).toMatch(/^fit {6}state folder /m);
  });

  test('a state folder that is none: not fit, exit 1', async () => {
    await rack.file('taken', '');
    await rack.configure({ ...SECTIONS, stateDir: 'taken' });
    const { code, value } = await rack.json('check');
    expect([code, value.state]).toMatchObject([1, { ok: false, problem: { code: 'state-folder-unusable' } }]);
    await rack.configure(SECTIONS);
  });
});

/** Last, for it cannot be mended. */
describe('a damaged journal', () => {
  beforeAll(async () => {
    rack.lab.power('db1', 'off');
    const file = join(rack.folder, 'state', 'journal', 'journal-00000001.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, lines.map((line, index) => (index === 3 ? line.replace(/.$/, '!') : line)).join('\n'));
  });

  test('status: what is fenced is unknown, not absent; exit 5; the power is read all the same', async () => {
    const { code, value } = await rack.json('status');
    expect(code).toBe(5);
    expect(value.journal).toMatchObject({ code: 'journal-damaged' });
    expect(value.nodes).toMatchObject([
      { node: 'db1', fenced: 'unknown', operation: 'unknown', outlets: [{ power: 'off' }] },
      { node: 'db2', fenced: 'unknown', operation: 'unknown', outlets: [{ power: 'on' }] },
    ]);
    const told = await rack.bailiff('status');
    expect([told.code, told.out]).toEqual([5, expect.stringContaining('the journal cannot be read')]);
  });

  test('journal verify says how much is before the damage', async () => {
    const { code, out, err } = await rack.bailiff('journal', 'verify');
    expect([code, out]).toEqual([1, expect.stringMatching(/^damaged: 2 events before the damage\n$/)]);
    expect(err).toContain('journal-damaged');
  });

  test('check: not fit, exit 1', async () => {
    const { code, value } = await rack.json('check');
    expect([code, value.state]).toMatchObject([1, { ok: false, problem: { code: 'journal-damaged' } }]);
  });
});
