/** An agent that calls unknown "off" is not believed by us: fence_apc_snmp on a simulated PDU, and an outlet that does not exist. */
import { expect, it } from 'vitest';
import { checkSettings, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/fence-agent/driver.ts';
import { startPdu, tools } from '../snmp-pdu/stage.ts';
import { run } from './snmp-stage.ts';
import { describeWithStrangers } from './strangers.ts';

const within = { ms: 30_000 };

function open(port: number, more: Readonly<Record<string, unknown>> = {}): PowerDriver {
  const raw = {
    agent: 'fence_apc_snmp',
    parameters: { ip: '127.0.0.1', ipport: port, snmp_version: '2c', power_wait: 0 },
    secrets: { community: Secret.fixed('private') },
    outlets: true,
    ...more,
  };
  const { settings, problems } = checkSettings(driver.settings, raw);
  expect(problems).toEqual([]);
  return driver.open('pdu-a', settings, tools);
}

describeWithStrangers(['fence_apc_snmp'], 'fence_apc_snmp under our driver', (path) => {
  it('says off of an outlet that does not exist, and is not believed', async () => {
    const pdu = await startPdu('apc-rpdu');
    const args = ['--ip=127.0.0.1', `--ipport=${pdu.port}`, '--plug=33', '-d', '2c', '-c', 'private', '-o', 'status'];
    expect(await run(path('fence_apc_snmp'), args)).toMatchObject({ code: 2, text: expect.stringContaining('Status: OFF') });
    const reading = await open(pdu.port).read('33', within);
    expect(reading).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-off-in-doubt', lasting: true } });
  });

  it('cuts the outlet that it is told, and its off still proves nothing alone; its on is taken', async () => {
    const pdu = await startPdu('apc-rpdu');
    const device = open(pdu.port);
    expect(device.evidence).toBe('target');
    expect(await device.read('5', within)).toMatchObject({ power: 'on' });
    expect(await device.order('5', 'off', within)).toEqual({ result: 'accepted' });
    expect(pdu.outlets.all.map((outlet) => outlet.relay.closed)).toEqual(pdu.outlets.all.map((outlet) => outlet.row !== 5));
    expect(await device.read('5', within)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-off-in-doubt' } });
  });

  it('with a second agent that reads the same outlet properly, both off is off', async () => {
    const pdu = await startPdu('apc-rpdu');
    const second = { agent: `${import.meta.dirname}/../fence-agent/agents/fence_second`, parameters: { says: 'off' } };
    const device = open(pdu.port, { secondReading: second });
    expect(device.evidence).toBe('device');
    await device.order('5', 'off', within);
    expect(await device.read('5', within)).toMatchObject({ power: 'off', source: 'fence_apc_snmp status and fence_second status' });
    const against = open(pdu.port, { secondReading: { ...second, parameters: { says: 'on' } } });
    expect(await against.read('5', within)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-contradicted' } });
  });

  it('lists outlets, of which it knows no state', async () => {
    const pdu = await startPdu('apc-rpdu');
    const listed = await open(pdu.port).list?.(within);
    if (listed === undefined || 'code' in listed) throw new Error(JSON.stringify(listed));
    expect(listed.length).toBe(pdu.outlets.all.length);
    expect(listed.every(({ reading }) => reading.power === 'unknown')).toBe(true);
  });
});
