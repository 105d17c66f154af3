/** Every profile against the mock of its family: the two tables were made apart, so a slip in either shows as a lamp that disagrees. */
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../drivers/snmp-pdu/profiles/index.ts';
import { FAMILIES } from '../../hardware-mocks/pdu/index.ts';
import { onMock, plugOfOutlet, WITHIN } from './stage.ts';

it('has a mock for every profile and a profile for every mock', () => {
  expect(FAMILIES.map((family) => family.name).sort()).toEqual(PROFILES.map((profile) => profile.name).sort());
});

describe.each(PROFILES.map((profile) => profile.name))('profile %s', (name) => {
  it('switches the outlet that is meant, and no other; the lamp agrees with every reading', async () => {
    const { pdu, pduDriver } = await onMock(name);
    const plug = plugOfOutlet(name, 3);
    expect(await pduDriver.read(plug, WITHIN)).toMatchObject({ power: 'on' });
    expect(await pduDriver.order(plug, 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.read(plug, WITHIN)).toMatchObject({ power: 'off' });
    expect(pdu.outlets.all.map((outlet) => outlet.relay.closed)).toEqual(pdu.outlets.all.map((outlet) => outlet.row !== 3));
    expect(await pduDriver.read(plugOfOutlet(name, 2), WITHIN)).toMatchObject({ power: 'on' });
    expect(await pduDriver.order(plug, 'on', WITHIN)).toEqual({ result: 'accepted' });
    expect(await pduDriver.read(plug, WITHIN)).toMatchObject({ power: 'on' });
    expect(pdu.outlet(3).relay.closed).toBe(true);
    expect(pdu.outlets.audit.map(({ outlet, action }) => [outlet, action])).toEqual([
      [3, 'off'],
      [3, 'on'],
    ]);
  });

  it('rejects an outlet that the PDU does not have, and reads it as unknown', async () => {
    const { pdu, pduDriver } = await onMock(name);
    const missing = plugOfOutlet(name, pdu.outlet(pdu.outlets.all.length).number + 1);
    const ordered = await pduDriver.order(missing, 'off', WITHIN);
    expect(ordered).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet' } });
    expect(await pduDriver.read(missing, WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'no-such-outlet' } });
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('takes neither a state on its way nor one that the family has no word for as off', async () => {
    const { pdu, pduDriver } = await onMock(name);
    const plug = plugOfOutlet(name, 1);
    pdu.faults.apply({ seed: 1, faults: [{ kind: 'transitional' }] });
    expect(await pduDriver.read(plug, WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-state-unknown' } });
    pdu.faults.clear();
    pdu.outlets.broken.add(pdu.outlet(1));
    const reading = await pduDriver.read(plug, WITHIN);
    expect(reading).toMatchObject({ power: 'unknown' });
  });

  it('lists all outlets with their plugs, in order', async () => {
    const { pdu, pduDriver } = await onMock(name);
    const listed = await pduDriver.list(WITHIN);
    if ('code' in listed) throw new Error(listed.says);
    expect(listed).toHaveLength(pdu.outlets.all.length);
    expect(listed.every((outlet) => outlet.reading.power === 'on')).toBe(true);
    const last = listed.at(-1);
    expect(await pduDriver.order(last?.plug ?? '', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(pdu.outlet(pdu.outlets.all.length).relay.closed).toBe(false);
  });
});
