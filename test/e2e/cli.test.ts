/** The command as an operator uses it, against a simulated rack over real sockets: outcomes, exit codes, JSON, and nothing secret. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaultPlan, LAB_USER, NO_FAULTS } from '../../hardware-mocks/index.ts';
import { TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
const ARBITERS = [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }];
/** A reference that answers ends its hearing at once, also where ping takes a second to start; eight seconds are enough for everything. */
const QUICK = { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' };
const CALM = { tieBreaker: 'reference-ips', offTime: '100ms', timeout: '8s', storm: { targets: 2, within: '10m' } };

beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  expect((await rack.bailiff('verdict', 'keygen', 'arb-1')).code).toBe(0);
  await rack.configure({ arbiters: ARBITERS, policy: CALM, verify: QUICK });
});
afterAll(async () => await rack.down());

const heal = (): void => {
  for (const device of rack.lab.devices.keys()) rack.lab.fault(device, NO_FAULTS);
  for (const node of rack.lab.machines.keys()) rack.lab.power(node, 'on');
};

async function openOperations(): Promise<number> {
  const nodes = (await rack.json('status', 'db2', 'db1')).value.nodes as { operation: string | null }[];
  return nodes.filter(({ operation }) => operation !== null).length;
}

/** Polls a condition of another process; bounded by the test's own time. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

async function sign(over: Readonly<Record<string, unknown>>): Promise<string> {
  const file = await rack.file('v.json', verdictJson(over));
  const { code, out, err } = await rack.bailiff('verdict', 'sign', file, '--key', 'arb-1.key');
  expect(code, err).toBe(0);
  return await rack.file('v.jws', out);
}

describe('fence, status, unfence', () => {
  test('fence proves it off: exit 0, and the lamp is out', async () => {
    heal();
    const { code, value } = await rack.json('fence', 'db1', '--reason', 'tested', '--by', 'anna');
    expect(value).toMatchObject({ target: 'db1', action: 'off', outcome: 'confirmed' });
    expect(code).toBe(0);
    expect(rack.lab.lamp('db1')).toBe(false);
    const [level] = value.levels as [{ outlets: [{ order: string; readings: { power: string }[] }] }];
    expect(level.outlets[0].order).toBe('accepted');
    expect(level.outlets[0].readings.slice(-2).map(({ power }) => power)).toEqual(['off', 'off']);
  });

  test('status reads every outlet and knows the mark', async () => {
    const { code, value } = await rack.json('status');
    expect(code).toBe(0);
    expect(value.nodes).toMatchObject([
      { node: 'db1', fenced: { how: 'confirmed' }, outlets: [{ device: 'db1-bmc', power: 'off' }] },
      { node: 'db2', fenced: null, outlets: [{ device: 'db2-bmc', power: 'on' }] },
    ]);
  });

  test('fencing what is off already is proven anew, by readings after a new order', async () => {
    expect((await rack.json('fence', 'db1', '--reason', 'again')).value.outcome).toBe('confirmed');
  });

  test('unfence powers on and clears the mark', async () => {
    const { code, value } = await rack.json('unfence', 'db1', '--reason', 'repaired');
    expect([code, value.outcome]).toEqual([0, 'confirmed']);
    expect(rack.lab.lamp('db1')).toBe(true);
    expect((await rack.json('status', 'db1')).value.nodes).toMatchObject([{ fenced: null }]);
  });

  test('--reboot is off, confirmed, on', async () => {
    const { code, value } = await rack.json('fence', 'db1', '--reboot', '--reason', 'kernel');
    expect([code, value.outcome, value.action]).toEqual([0, 'confirmed', 'reboot']);
    expect((value.levels as { wanted: string }[]).map(({ wanted }) => wanted)).toEqual(['off', 'on']);
    expect(rack.lab.lamp('db1')).toBe(true);
    expect(
      rack.lab.machines
        .get('db1')
        ?.lampLog.slice(-2)
        .map(({ on }) => on),
    ).toEqual([false, true]);
  });
});

describe('what is not off is never called off', () => {
  test.each([
    ['accepts and stays on', { seed: 1, faults: [{ kind: 'ignore-orders' }] }, 1, 'failed', 'still-on'],
    ['is mute', { seed: 1, faults: [{ kind: 'mute' }] }, 5, 'unconfirmed', 'not-proven'],
    ['sends garbage', { seed: 1, faults: [{ kind: 'garbage' }] }, 5, 'unconfirmed', 'not-proven'],
  ] satisfies [string, FaultPlan, number, string, string][])('a BMC that %s', async (_what, plan, code, outcome, problem) => {
    heal();
    expect(rack.lab.fault('db1-bmc', plan)).toBeUndefined();
    const ended = await rack.json('fence', 'db1', '--reason', 'tested', '--timeout', '3s');
    expect([ended.value.outcome, ended.value.code, ended.code]).toEqual([outcome, problem, code]);
    expect(typeof ended.value.next).toBe('string');
  });
});

test('a BMC that says off once between two on is not believed', async () => {
  heal();
  // Each datagram counts, repeated ones too: so many between two lies that no repetition of a busy machine skips all of the truth.
  expect(rack.lab.fault('db1-bmc', { seed: 1, faults: [{ kind: 'ignore-orders' }, { kind: 'off-once', every: 5 }] })).toBeUndefined();
  const ended = await rack.json('fence', 'db1', '--reason', 'tested', '--timeout', '3s');
  const [level] = ended.value.levels as [{ outlets: [{ readings: { power: string }[] }] }];
  expect(new Set(level.outlets[0].readings.map(({ power }) => power))).toEqual(new Set(['on', 'off']));
  // Which of the two it ends depends on what was read last; it never ends confirmed.
  expect(['failed', 'unconfirmed']).toContain(ended.value.outcome);
});

describe('verdicts', () => {
  test('a signed verdict is carried out; the same again gets the same answer; an older epoch is refused', async () => {
    heal();
    const file = await sign({ id: 'v7', epoch: 7 });
    expect((await rack.json('verdict', 'submit', file)).value).toMatchObject({ outcome: 'confirmed', epoch: 7 });
    const orders = (): unknown => JSON.stringify(rack.lab.devices.get('db1-bmc')?.count());
    const before = orders();
    const again = await rack.json('verdict', 'submit', file);
    expect([again.code, again.value.outcome]).toEqual([0, 'confirmed']);
    expect(orders()).toBe(before);
    const stale = await rack.json('verdict', 'submit', await sign({ id: 'v6', epoch: 6 }));
    expect([stale.code, stale.value.outcome, stale.value.code]).toEqual([3, 'refused', 'stale-epoch']);
  });

  test('a signature by another key, a changed letter, and no signature at all are refused', async () => {
    expect((await rack.bailiff('verdict', 'keygen', 'other')).code).toBe(0);
    const json = await rack.file('w.json', verdictJson({ id: 'v8', epoch: 8 }));
    const foreign = await rack.bailiff('verdict', 'sign', json, '--key', 'other.key');
    expect(await rack.json('verdict', 'submit', await rack.file('w.jws', foreign.out))).toMatchObject({
      code: 3,
      value: { outcome: 'refused', code: 'bad-signature' },
    });
    const [head, , tail] = foreign.out.trim().split('.');
    const forged = Buffer.from(verdictJson({ targets: ['db2'], survivors: ['db1'] })).toString('base64url');
    expect(await rack.json('verdict', 'submit', await rack.file('w.jws', `${head}.${forged}.${tail}`))).toMatchObject({
      code: 3,
      value: { outcome: 'refused', code: 'bad-signature' },
    });
    expect(await rack.json('verdict', 'submit', json)).toMatchObject({ code: 3, value: { outcome: 'refused', code: 'malformed-verdict' } });
    expect(rack.lab.lamp('db2')).toBe(true);
  });

  test('no reference IP answers: withheld, exit 4, nothing is switched', async () => {
    heal();
    await rack.configure({
      arbiters: ARBITERS,
      policy: CALM,
      verify: { referenceIps: ['127.0.0.1', '240.0.0.1'], need: 2, within: '700ms', listenAgain: '0s' },
    });
    const { code, value } = await rack.json('verdict', 'submit', await sign({ id: 'v9', epoch: 9 }));
    expect([code, value.outcome, value.code]).toEqual([4, 'withheld', 'blind']);
    expect(rack.lab.lamp('db1')).toBe(true);
    await rack.configure({ arbiters: ARBITERS, policy: CALM, verify: QUICK });
  });

  test('approval mode: pending, then approved', async () => {
    heal();
    await rack.configure({ arbiters: ARBITERS, policy: { ...CALM, mode: 'approval' }, verify: QUICK });
    const waiting = await rack.json('verdict', 'submit', await sign({ id: 'v10', epoch: 10 }));
    expect([waiting.code, waiting.value.code]).toEqual([4, 'awaiting-approval']);
    expect(rack.lab.lamp('db1')).toBe(true);
    const [pending] = (await rack.json('pending')).value.pending as [{ operation: string }];
    const done = await rack.json('approve', pending.operation, '--reason', 'seen it', '--by', 'ben');
    expect([done.code, done.value.outcome]).toEqual([0, 'confirmed']);
    expect(rack.lab.lamp('db1')).toBe(false);
    await rack.configure({ arbiters: ARBITERS, policy: CALM, verify: QUICK });
  });
});

describe('two processes, and Ctrl-C', () => {
  test('a second process on the same state folder is told the pid of the first; Ctrl-C leaves a resumable operation', async () => {
    heal();
    rack.lab.fault('db1-bmc', { seed: 1, faults: [{ kind: 'mute' }] });
    const first = rack.start(['fence', 'db1', '--reason', 'tested', '--timeout', '60s']);
    await until(async () => (await openOperations()) > 0);
    const second = await rack.json('fence', 'db2', '--reason', 'tested');
    expect([second.code, second.value.code]).toEqual([2, 'state-in-use']);
    expect(second.value.says).toContain(String(first.pid));
    first.kill('SIGINT');
    const { code, err } = await first.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/Interrupted\. Open, and safe in the journal: \S+ \(off db1, \w+\)/);
    expect(err).toContain('bailiff resume');
    heal();
    const resumed = await rack.json('resume');
    expect(resumed.code).toBe(0);
    expect(resumed.value.operations).toMatchObject([{ target: 'db1', outcome: 'confirmed' }]);
    expect(rack.lab.lamp('db1')).toBe(false);
  });
});

describe('for people and machines', () => {
  test('usage errors exit 2 and attempt nothing', async () => {
    expect((await rack.bailiff('fence', 'db1')).code).toBe(2);
    expect((await rack.bailiff('no-such-command')).code).toBe(2);
    expect((await rack.bailiff('fence', 'db1', '--reason', 'x', '--config', 'missing.yaml')).code).toBe(2);
  });

  test('every command has help with an example or a summary', async () => {
    for (const command of [
      'fence',
      'unfence',
      'status',
      'plan',
      'check',
      'config',
      'verdict',
      'history',
      'story',
      'journal',
      'conform',
      'lab',
      'attest',
      'approve',
    ]) {
      const { code, out } = await rack.bailiff(command, '--help');
      expect([command, code]).toEqual([command, 0]);
      expect(out).toContain(`Usage: bailiff ${command}`);
    }
  });

  test('history, story and journal tell the same', async () => {
    const operations = (await rack.json('history', 'db1')).value.operations as { operation: string; outcome: string }[];
    const last = operations.at(-1);
    expect(last?.outcome).toBe('confirmed');
    const story = await rack.bailiff('story', last?.operation ?? '');
    expect(story.out).toMatch(/orders off|verdict/);
    expect(story.out).toContain('reads db1-bmc after order');
    expect(await rack.json('journal', 'verify')).toMatchObject({ code: 0, value: { ok: true } });
  });

  test('check: all devices are fit; a wrong password is named, with what to do', async () => {
    heal();
    expect((await rack.bailiff('check')).code).toBe(0);
    const secret = join(rack.folder, 'secrets', (await readdir(join(rack.folder, 'secrets')))[0] ?? '');
    const right = await readFile(secret, 'utf8');
    await rack.file(secret.slice(rack.folder.length + 1), 'not-the-password\n');
    const { code, out } = await rack.bailiff('check');
    expect(code).toBe(1);
    expect(out).toContain('not fit');
    expect(out).not.toContain('not-the-password');
    await rack.file(secret.slice(rack.folder.length + 1), right);
  });

  test('no secret in the journal, in any output, or in any argument', async () => {
    const files = await readdir(join(rack.folder, 'state', 'journal'));
    for (const file of files) expect(await readFile(join(rack.folder, 'state', 'journal', file), 'utf8')).not.toContain(LAB_USER.password);
    for (const words of [['config', 'show'], ['check'], ['status'], ['history'], ['plan', 'db1']]) {
      const { out, err } = await rack.bailiff(...words);
      expect(`${out}${err}`).not.toContain(LAB_USER.password);
    }
  });
});
