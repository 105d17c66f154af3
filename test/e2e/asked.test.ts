/** Who asked for what, and what came of it: also what is open, and what was refused or withheld before any operation was opened. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Said, TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
const set = async (mode: 'approval' | 'automatic'): Promise<void> =>
  await rack.configure({
    arbiters: [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }],
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
    policy: { tieBreaker: 'reference-ips', storm: { targets: 9, within: '10m' }, mode },
  });

const submitted = async (over: Readonly<Record<string, unknown>>): Promise<Said> => {
  const json = await rack.file('v.json', verdictJson({ claim: 'misbehaving', ...over }));
  const jws = await rack.file('v.jws', (await rack.bailiff('verdict', 'sign', json, '--key', 'arb-1.key')).out);
  return await rack.bailiff('verdict', 'submit', jws);
};

let open = '';

beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  expect((await rack.bailiff('verdict', 'keygen', 'arb-1')).code).toBe(0);
  await set('automatic');
  expect((await submitted({ id: 'v-done', epoch: 5 })).code).toBe(0);
  expect((await submitted({ id: 'v-stale', epoch: 4 })).code).toBe(3);
  const survivor = ['fence', 'db2', '--program', '--by', 'watchdog', '--reason', 'it hangs', '--id', 'c-refused'];
  expect((await rack.bailiff(...survivor)).code).toBe(3);
  expect((await rack.bailiff('unfence', 'db1', '--reason', 'mended', '--by', 'anna', '--id', 'c-on')).code).toBe(0);
  await set('approval');
  expect((await submitted({ id: 'v-open', epoch: 6, reason: 'again' })).code).toBe(4);
  const [pending] = (await rack.json('pending')).value.pending as [{ operation: string }];
  open = pending.operation;
});
afterAll(async () => await rack.down());

test('history shows all of it, who asked and why', async () => {
  const { code, value } = await rack.json('history');
  expect(code).toBe(0);
  expect(value.operations).toMatchObject([
    { target: 'db1', action: 'off', outcome: 'confirmed', by: 'arb-1', reason: 'no heartbeat' },
    { target: 'db1', action: 'on', outcome: 'confirmed', by: 'anna', reason: 'mended' },
    { operation: open, outcome: 'open', phase: 'pending', code: 'awaiting-approval', by: 'arb-1', reason: 'again' },
  ]);
  expect(value.withoutOperation).toMatchObject([
    { verdict: 'v-stale', targets: ['db1'], outcome: 'refused', code: 'stale-epoch', by: 'arb-1', reason: 'no heartbeat' },
    { command: 'c-refused', targets: ['db2'], outcome: 'refused', code: 'survivor-protected', by: 'watchdog', reason: 'it hangs' },
  ]);
  const { out } = await rack.bailiff('history');
  expect(out).toMatch(/^WHEN +ID +NODE +ACTION +OUTCOME +TOOK +CODE +BY +REASON\n/);
  expect(out).toMatch(/ c-refused +db2 +off +refused +survivor-protected +watchdog +it hangs\n/);
  expect(out).toMatch(new RegExp(` ${open} +db1 +off +open +awaiting-approval +arb-1 +again\n`));
});

test('one node, and the newest, count the same things', async () => {
  expect((await rack.json('history', 'db2')).value).toMatchObject({ operations: [], withoutOperation: [{ command: 'c-refused' }] });
  expect((await rack.json('history', '--last', '1')).value).toMatchObject({ operations: [{ operation: open }], withoutOperation: [] });
});

test('story takes the id of a verdict and tells its operations', async () => {
  const { code, value } = await rack.json('story', 'v-done');
  expect(code).toBe(0);
  expect(value).toMatchObject({
    verdict: 'v-done',
    outcome: 'confirmed',
    events: [{ kind: 'verdict' }],
    operations: [{ ended: { target: 'db1', outcome: 'confirmed' } }],
  });
  const { out } = await rack.bailiff('story', 'v-done');
  expect(out).toMatch(
    /operation \w+ of verdict v-done:\n[\s\S]*reads db1-bmc after order 1: off[\s\S]*The answer to verdict v-done:\nconfirmed\n$/,
  );
  expect((await rack.bailiff('story', 'v-open')).out).toMatch(
    /It is still open\.\nThe answer to verdict v-open:\nIt is not answered yet\.\n$/,
  );
});

test('of a command too, and of what was refused without any operation', async () => {
  expect((await rack.json('story', 'c-on')).value).toMatchObject({ command: 'c-on', operations: [{ ended: { action: 'on' } }] });
  for (const [kind, id, code] of [
    ['verdict', 'v-stale', 'stale-epoch'],
    ['command', 'c-refused', 'survivor-protected'],
  ] as const) {
    const told = await rack.json('story', id);
    expect([told.code, told.value]).toMatchObject([0, { [kind]: id, outcome: 'refused', code, operations: [] }]);
    expect((await rack.bailiff('story', id)).out).toMatch(
      new RegExp(`No operation was opened for it\\. Its answer:\nrefused: \\[${code}\\]`),
    );
  }
});

test('a decision is told with the operation that it was about, and without one where it named none', async () => {
  const reason = ['--reason', 'not now', '--by', 'anna'];
  expect((await rack.bailiff('deny', 'nonsense', ...reason, '--id', 'd-wrong')).code).toBe(3);
  expect((await rack.bailiff('deny', open, ...reason, '--id', 'd-1')).code).toBe(4);
  expect((await rack.json('story', 'd-1')).value).toMatchObject({
    decision: 'd-1',
    outcome: 'withheld',
    operations: [{ operation: open }],
  });
  expect((await rack.json('story', 'd-wrong')).value).toMatchObject({ decision: 'd-wrong', code: 'not-pending', operations: [] });
  expect((await rack.json('history', '--last', '1')).value).toMatchObject({ operations: [{ outcome: 'withheld', code: 'denied' }] });
});

test('what is under no id is said to be so', async () => {
  const { code, value } = await rack.json('story', 'v-never');
  expect([code, value.code]).toEqual([2, 'unknown-operation']);
});
