/** The same thing asked again: the same answer, nothing done twice, and whether the answer still holds. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestRack, TWO_NODES, verdictJson } from './rack.ts';

let rack: TestRack;
let epoch = 0;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  expect((await rack.bailiff('verdict', 'keygen', 'arb-1')).code).toBe(0);
  await rack.configure({
    arbiters: [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }],
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
    policy: { tieBreaker: 'reference-ips', timeout: '8s', offTime: '100ms', storm: { targets: 99, within: '10m' } },
  });
});
afterAll(async () => await rack.down());
beforeEach(async () => {
  const { code } = await rack.bailiff('unfence', 'db1', '--reason', 'begin', '--by', 'anna');
  expect(code).toBe(0);
});

async function signed(): Promise<string> {
  epoch += 1;
  const json = await rack.file('v.json', verdictJson({ id: `v${epoch}`, epoch, claim: 'misbehaving' }));
  return await rack.file('v.jws', (await rack.bailiff('verdict', 'sign', json, '--key', 'arb-1.key')).out);
}

describe('a verdict', () => {
  test('whose target was ordered on since: the same outcome, said to be of the past', async () => {
    const file = await signed();
    expect((await rack.json('verdict', 'submit', file, '--current')).value).not.toHaveProperty('supersededBy');
    await rack.bailiff('unfence', 'db1', '--reason', 'mended', '--by', 'bert');
    const again = await rack.json('verdict', 'submit', file);
    expect([again.code, again.value.outcome]).toEqual([0, 'confirmed']);
    expect(again.value.supersededBy).toMatchObject([{ target: 'db1', by: 'bert' }]);
    const told = await rack.bailiff('verdict', 'submit', file);
    expect(told.out).toMatch(/^db1 was OFF at \d{4}-[-0-9T:.]+Z, and has been ordered on since: confirmed/);
    expect(told.out).toContain('superseded: bert ordered db1 on at ');
    expect(rack.lab.lamp('db1')).toBe(true);
  });

  test('exits 6 where the caller asks what is true now', async () => {
    const file = await signed();
    expect((await rack.bailiff('verdict', 'submit', file)).code).toBe(0);
    expect((await rack.bailiff('verdict', 'submit', file, '--current')).code).toBe(0);
    await rack.bailiff('unfence', 'db1', '--reason', 'mended', '--by', 'bert');
    expect((await rack.bailiff('verdict', 'submit', file, '--current')).code).toBe(6);
  });
});

describe('a command with an id', () => {
  test('is carried out once', async () => {
    const words = ['fence', 'db1', '--reason', 'hook', '--by', 'drbd', '--program', '--id', 'hook-1'];
    const first = await rack.json(...words);
    expect([first.code, rack.lab.lamp('db1')]).toEqual([0, false]);
    await rack.bailiff('unfence', 'db1', '--reason', 'mended', '--by', 'bert');
    const again = await rack.json(...words);
    expect([again.code, again.value.operation, rack.lab.lamp('db1')]).toEqual([0, first.value.operation, true]);
    expect(again.value.supersededBy).toMatchObject([{ target: 'db1', by: 'bert' }]);
    expect((await rack.bailiff(...words, '--current')).code).toBe(6);
  });

  test('reboots once', async () => {
    const words = ['fence', 'db1', '--reboot', '--reason', 'kernel', '--by', 'anna', '--id', 'reboot-1'];
    const first = await rack.json(...words);
    const again = await rack.json(...words);
    expect([first.code, again.code, again.value.operation]).toEqual([0, 0, first.value.operation]);
    expect(
      ((await rack.json('history', 'db1')).value.operations as { action: string }[]).filter((one) => one.action === 'reboot'),
    ).toHaveLength(1);
  });

  test('is refused with other content', async () => {
    expect((await rack.bailiff('fence', 'db1', '--reason', 'one thing', '--by', 'anna', '--id', 'mine')).code).toBe(0);
    const other = await rack.json('fence', 'db2', '--reason', 'another', '--by', 'anna', '--id', 'mine');
    expect([other.code, other.value.code, rack.lab.lamp('db2')]).toEqual([3, 'command-altered', true]);
  });

  test('an id is a word', async () => {
    const wrong = await rack.json('fence', 'db1', '--reason', 'x', '--id', 'two words');
    expect([wrong.code, wrong.value.code]).toEqual([2, 'usage']);
  });
});
