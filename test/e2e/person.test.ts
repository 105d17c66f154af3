/** A person as the last level: the command does not sit on the state folder while it waits, and their word ends it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  const devices = { hands: { driver: 'manual', who: 'the operator on duty' } };
  rack = await TestRack.up(
    { ...TWO_NODES, devices: [] },
    {
      devices,
      nodes: { db1: { fence: [[{ device: 'hands' }]] }, db2: { fence: [] } },
      policy: { tieBreaker: 'reference-ips' },
    },
  );
});
afterAll(async () => await rack.down());

test('nobody can read a person: status says so, and all that can be read is known', async () => {
  const { code, value } = await rack.json('status');
  expect(code).toBe(0);
  expect(value.nodes).toMatchObject([
    { outlets: [{ device: 'hands', power: 'unknown', person: 'the operator on duty' }] },
    { outlets: [] },
  ]);
  const { out } = await rack.bailiff('status', 'db1');
  expect(out).toMatch(/db1 +1 +hands +- +by hand: the operator on duty; a person cannot be read\n/);
  expect(out).not.toMatch(/unknown|person-needed/);
  expect(out).toContain('db1: only a person can cut its power, and nothing can read it: go and look');
});

test('plan says that it waits for a person, how their word is given, and for how long', async () => {
  const { code, value } = await rack.json('plan', 'db1');
  expect([code, (value.steps as object[]).at(-1)]).toMatchObject([0, { waitsFor: 'attestation' }]);
  const { out } = await rack.bailiff('plan', 'db1');
  expect(out).toMatch(/^Plan for db1 \(.*; it waits for a person, as told below\):\n/);
  expect(out).toMatch(
    /level 1: call a person \(hands\) and wait for their word \(bailiff attest db1\) for at most 60 min; nobody comes: it ends unproven\n/,
  );
  expect(out).not.toContain('read off');
});

test('fence ends withheld, pending shows what is awaited, attest settles it by name', async () => {
  const { code, value } = await rack.json('fence', 'db1', '--reason', 'tested');
  expect([code, value.outcome, value.code]).toEqual([4, 'withheld', 'person-needed']);
  expect(value.operations).toMatchObject([{ waitsFor: 'attestation', until: expect.stringMatching(/Z$/) }]);
  const { value: shown } = await rack.json('pending');
  expect(shown).toMatchObject({
    pending: [{ waitsFor: 'attestation', target: 'db1', until: expect.stringMatching(/Z$/) }],
    over: [],
    calls: [{ code: 'person-needed', ends: 'with bailiff attest db1' }],
  });
  expect((await rack.bailiff('pending')).out).toMatch(/^OPERATION .* UNTIL .*\n.* attestation .*\ncalled .* person-needed: /);
  expect((await rack.bailiff('status')).out).toMatch(/open: db1 is being fenced .*: a person must cut its power and say so\n/);
  const unnamed = await rack.json('attest', 'db1', '--reason', 'both cords pulled', '--by', 'anna');
  expect([unnamed.code, unnamed.value.code]).toEqual([2, 'name-not-confirmed']);
  const attested = await rack.json('attest', 'db1', '--reason', 'both cords pulled', '--by', 'anna', '--confirm-node', 'db1');
  expect([attested.code, attested.value.outcome]).toEqual([0, 'attested']);
  expect((await rack.json('pending')).value).toEqual({ pending: [], over: [], calls: [] });
  expect((await rack.bailiff('pending')).out).toBe('Nothing waits for a person.\n');
  const [node] = (await rack.json('status', 'db1')).value.nodes as [{ fenced: { how: string } }];
  expect(node.fenced.how).toBe('attested');
});

interface Shown {
  readonly operation: string;
  readonly waitsFor: string;
  readonly levels?: readonly { readonly outlets: readonly { readonly device: string; readonly order: string }[] }[];
}

describe('a device first, then a person, and every verdict needs an approval', () => {
  const MUTE = { ...NO_FAULTS, faults: [{ kind: 'mute' }] } as const;
  const REASON = ['--reason', 'tested', '--by', 'anna'];
  let both: TestRack;
  let epoch = 0;
  const set = async (policy: Readonly<Record<string, string>>): Promise<void> => {
    const own = Object.fromEntries([...both.lab.devices].map(([name, { configuration }]) => [name, configuration]));
    await both.configure({
      arbiters: [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }],
      devices: { ...own, hands: { driver: 'manual', who: 'the operator on duty' } },
      nodes: { db1: { fence: [[{ device: 'db1-bmc' }], [{ device: 'hands' }]] }, db2: { fence: [[{ device: 'db2-bmc' }]] } },
      verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
      policy: { tieBreaker: 'reference-ips', timeout: '6s', answerWithin: '1s', storm: { targets: 9, within: '10m' }, ...policy },
    });
  };
  const submitted = async (): Promise<{ readonly code: number | null; readonly value: Record<string, unknown> }> => {
    epoch += 1;
    const json = await both.file('v.json', verdictJson({ id: `v${epoch}`, epoch, claim: 'misbehaving' }));
    const jws = await both.file('v.jws', (await both.bailiff('verdict', 'sign', json, '--key', 'arb-1.key')).out);
    return await both.json('verdict', 'submit', jws);
  };
  const pending = async (): Promise<readonly Shown[]> => (await both.json('pending')).value.pending as Shown[];

  beforeAll(async () => {
    both = await TestRack.up(TWO_NODES);
    expect((await both.bailiff('verdict', 'keygen', 'arb-1')).code).toBe(0);
    await set({ mode: 'approval' });
  });
  afterAll(async () => await both.down());

  test('what has ordered a device anything is unconfirmed so far, and tells the orders', async () => {
    both.lab.fault('db1-bmc', MUTE);
    const { code, value } = await both.json('fence', 'db1', ...REASON);
    expect([code, value.outcome, value.code]).toEqual([5, 'unconfirmed', 'person-needed']);
    expect(value.says).toContain('Ordered before: db1-bmc off (no answer, reads unknown)');
    expect(value.next).toMatch(/^Treat db1 as running until then/);
    const [open] = value.operations as [Shown];
    expect(open.levels?.[0]?.outlets).toMatchObject([{ device: 'db1-bmc', order: 'unknown' }]);
    const resumed = await both.bailiff('resume');
    expect([resumed.code, resumed.out]).toEqual([5, expect.stringMatching(/^db1 waits for a person: \w+ \(off, confirm\)/)]);
    const said = await both.json('attest', 'db1', ...REASON, '--confirm-node', 'db1');
    expect([said.code, said.value.outcome]).toEqual([0, 'attested']);
    both.lab.fault('db1-bmc', NO_FAULTS);
    expect((await both.bailiff('unfence', 'db1', ...REASON)).code).toBe(0);
  });

  test('approve lets go of the state folder where only a person can go on', async () => {
    both.lab.fault('db1-bmc', MUTE);
    const first = await submitted();
    expect([first.code, first.value.outcome, first.value.code]).toEqual([4, 'withheld', 'awaiting-approval']);
    const [waiting] = await pending();
    const approved = await both.json('approve', waiting?.operation ?? '', ...REASON, '--id', 'yes-1');
    expect([approved.code, approved.value.outcome, approved.value.code]).toEqual([5, 'unconfirmed', 'person-needed']);
    const said = await both.json('attest', 'db1', '--reason', 'pulled both cords', '--by', 'bert', '--confirm-node', 'db1');
    expect([said.code, said.value.outcome]).toEqual([0, 'attested']);
    const again = await both.json('approve', waiting?.operation ?? '', ...REASON, '--id', 'yes-1');
    expect([again.code, again.value.outcome]).toEqual([0, 'attested']);
    both.lab.fault('db1-bmc', NO_FAULTS);
    expect((await both.bailiff('unfence', 'db1', ...REASON)).code).toBe(0);
  });

  test('what comes too late is refused, and calls nobody', async () => {
    await submitted();
    const [waiting] = await pending();
    const denied = await both.json('deny', waiting?.operation ?? '', ...REASON);
    expect([denied.code, denied.value.outcome, denied.value.code]).toEqual([4, 'withheld', 'denied']);
    expect((await both.json('pending')).value).toEqual({ pending: [], over: [], calls: [] });
    for (const word of ['approve', 'deny']) {
      const late = await both.json(word, waiting?.operation ?? '', ...REASON);
      expect([late.code, late.value.outcome, late.value.code]).toEqual([3, 'refused', 'not-pending']);
    }
    expect((await both.json('approve', 'nonsense', ...REASON)).value.code).toBe('not-pending');
    expect((await both.json('pending')).value).toEqual({ pending: [], over: [], calls: [] });
  });

  test('plan says that a verdict waits for an approval', async () => {
    const { steps } = (await both.json('plan', 'db2')).value as { steps: readonly { what: string; waitsFor?: string }[] };
    expect(steps.find(({ waitsFor }) => waitsFor === 'approval')?.what).toBe(
      'hold: a verdict or a program waits for a person (bailiff approve) for at most 60 min; nobody comes: it ends withheld; a person who gives the command does not wait',
    );
  });

  test('what nobody approved in time is shown as over, and not offered any more', async () => {
    await set({ mode: 'approval', approvalWindow: '1s' });
    await submitted();
    const told = async (): Promise<Record<string, unknown>> => (await both.json('pending')).value;
    await expect.poll(told, { interval: 300 }).toMatchObject({ pending: [], over: [{ target: 'db1', waitsFor: 'approval' }], calls: [] });
    const { out } = await both.bailiff('pending');
    expect(out).toMatch(
      /^Nothing waits for a person\.\nover: \w+ \(off db1\) cannot be decided any more: its time was over at .*Z\n {2}next: /,
    );
    expect(out).not.toContain('bailiff approve');
    expect((await both.bailiff('status')).out).toMatch(
      /: nobody has decided it, and its time was over at .*Z\n {2}next: bailiff resume ends it/,
    );
    expect((await both.json('resume')).value.operations).toMatchObject([{ outcome: 'withheld', code: 'approval-expired' }]);
    const { calls } = await told();
    expect(calls).toMatchObject([{ code: 'approval-expired', target: 'db1', ends: expect.stringContaining('bailiff fence db1') }]);
    expect((await both.bailiff('pending')).out).toContain('approval-expired');
    expect((await both.json('fence', 'db1', ...REASON)).code).toBe(0);
    expect((await both.json('pending')).value).toEqual({ pending: [], over: [], calls: [] });
    expect((await both.bailiff('unfence', 'db1', ...REASON)).code).toBe(0);
    await set({ mode: 'approval' });
  });

  test('the time of a person is over when it is over, however often a process is started anew', async () => {
    await set({ approvalWindow: '3s' });
    both.lab.fault('db1-bmc', MUTE);
    expect((await both.bailiff('fence', 'db1', ...REASON)).code).toBe(5);
    const resumed = async (): Promise<unknown> => {
      await both.bailiff('resume');
      return (await both.json('history', 'db1', '--last', '1')).value.operations;
    };
    await expect.poll(resumed, { interval: 500, timeout: 60_000 }).toMatchObject([{ outcome: 'unconfirmed' }]);
    both.lab.fault('db1-bmc', NO_FAULTS);
    expect(await pending()).toEqual([]);
  });
});
