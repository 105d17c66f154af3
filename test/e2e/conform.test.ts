/** `bailiff conform --allow-power` is a named person's command: recorded, alone on the devices, and never on an outlet that carries a node. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRack } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up({
    cluster: 'orders',
    nodes: [{ name: 'db1', feeds: ['pdu-a/4'] }, { name: 'db2' }],
    devices: [
      { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
      { name: 'pdu-a', kind: 'pdu', family: 'apc-rpdu2', outlets: 8 },
    ],
  });
});
afterAll(async () => await rack.down());

const conform = async (...words: readonly string[]) => await rack.json('conform', ...words, '--only', 'C01', 'C02');

test('an outlet that carries a node is refused, fenced or not', async () => {
  expect(await conform('db1-bmc', '--allow-power', '--reason', 'x')).toMatchObject({ code: 2, value: { code: 'outlet-in-use' } });
  expect(await conform('pdu-a', '--outlet', '4', '--allow-power', '--reason', 'x')).toMatchObject({
    code: 2,
    value: { code: 'outlet-in-use' },
  });
  const second = await conform('pdu-a', '--outlet', '8', '--second-outlet', '4', '--allow-power', '--reason', 'x');
  expect(second).toMatchObject({ code: 2, value: { code: 'outlet-in-use' } });
  expect(rack.lab.machines.get('db1')?.lampLog.every(({ on }) => on)).toBe(true);
});

test('a spare outlet is switched only with a reason, and that is in the journal', async () => {
  expect((await conform('pdu-a', '--outlet', '8', '--allow-power')).code).toBe(2);
  expect(rack.lab.relay('pdu-a/8')?.carriedOut).toMatchObject({ off: 0 });
  const { code, value } = await conform('pdu-a', '--outlet', '8', '--allow-power', '--reason', 'new PDU', '--by', 'anna');
  expect([code, value.conforms]).toEqual([0, true]);
  expect((await rack.json('journal', 'verify')).value).toMatchObject({ ok: true, entries: 1 });
});

test('without --allow-power nothing is switched and nobody has to say why', async () => {
  const { code, value } = await rack.json('conform', 'db1-bmc', '--only', 'C01', 'C14');
  expect([code, value]).toEqual([0, expect.objectContaining({ conforms: true, kept: 1, notTried: 1, notApplicable: 0 })]);
  const { out } = await rack.bailiff('conform', 'pdu-a', '--outlet', '8', '--only', 'C01', 'C14');
  expect(out.trimEnd().split('\n').slice(-2)).toEqual([
    '1 kept, 0 broken, 1 not tried, 0 not applicable: snmp-pdu on pdu-a keeps what was tried; nothing was switched',
    'One case switches power and can be tried while no node hangs on it: bailiff conform pdu-a --outlet 8 --allow-power --reason TEXT',
  ]);
  expect(rack.lab.lamp('db1')).toBe(true);
});
