/** A person as the last level: the command does not sit on the state folder while it waits, and their word ends it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRack, TWO_NODES } from './rack.ts';

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

test('fence ends withheld, pending shows what is awaited, attest settles it by name', async () => {
  const { code, value } = await rack.json('fence', 'db1', '--reason', 'tested');
  expect([code, value.outcome, value.code]).toEqual([4, 'withheld', 'person-needed']);
  const [waiting] = (await rack.json('pending')).value.pending as [{ waitsFor: string; target: string }];
  expect(waiting).toMatchObject({ waitsFor: 'attestation', target: 'db1' });
  const unnamed = await rack.json('attest', 'db1', '--reason', 'both cords pulled', '--by', 'anna');
  expect([unnamed.code, unnamed.value.code]).toEqual([2, 'name-not-confirmed']);
  const attested = await rack.json('attest', 'db1', '--reason', 'both cords pulled', '--by', 'anna', '--confirm-node', 'db1');
  expect([attested.code, attested.value.outcome]).toEqual([0, 'attested']);
  expect((await rack.json('pending')).value.pending).toEqual([]);
  const [node] = (await rack.json('status', 'db1')).value.nodes as [{ fenced: { how: string } }];
  expect(node.fenced.how).toBe('attested');
});
