/** "Off" that will not last, and "off" of which the PDU itself is not sure: what the state column alone does not tell. */
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../hardware-mocks/pdu/index.ts';
import { onMock, plugOfOutlet, WITHIN } from './stage.ts';

const rebooting = FAMILIES.filter((family) => family.commands.some((command) => Object.values(command.takes).includes('reboot')));

/** Families whose objects say plain "off" in the middle of a reboot: they have no word, no flag and no column for it. */
const BLIND = ['tripplite-tlp', 'tripplite-ups-outlet', 'eaton-switched-epdu', 'enlogic', 'raritan-px2', 'netio'];

describe('an outlet that somebody else reboots', () => {
  it.each(rebooting.map((family) => family.name))('%s: is not off while it is without power', async (name) => {
    const { pdu, pduDriver } = await onMock(name);
    pdu.outlets.order(pdu.outlet(2), 'reboot', 'a hand');
    expect(pdu.outlet(2).relay.closed).toBe(false);
    const reading = await pduDriver.read(plugOfOutlet(name, 2), WITHIN);
    expect([name, reading.power]).toEqual([name, BLIND.includes(name) ? 'off' : 'unknown']);
    await pduDriver.order(plugOfOutlet(name, 2), 'off', WITHIN);
    expect(await pduDriver.read(plugOfOutlet(name, 2), WITHIN)).toMatchObject({ power: 'off' });
  });

  it.each(['apc-msp', 'apc-vm', 'cyberpower-epdu2', 'servertech-sentry3', 'servertech-sentry4'])(
    '%s: an outlet that is off and about to come back by itself is not off',
    async (name) => {
      const { pdu, pduDriver } = await onMock(name, { delayMs: 3_600_000 });
      pdu.outlet(2).relay.order('off');
      expect(await pduDriver.read(plugOfOutlet(name, 2), WITHIN)).toMatchObject({ power: 'off' });
      pdu.outlets.order(pdu.outlet(2), 'delayedOn', 'a hand');
      expect(pdu.outlet(2).relay.closed).toBe(false);
      const says = expect.stringMatching(/pending|about to switch|on its way/);
      expect(await pduDriver.read(plugOfOutlet(name, 2), WITHIN)).toMatchObject({ power: 'unknown', why: { says } });
    },
  );
});

describe('a PDU that has lost the place of its relay', () => {
  it.each(['apc-rpdu2', 'apc-rpdu2-chained', 'apc-easy', 'enlogic'])('%s: tells it in the command column, and is heard', async (name) => {
    const { pdu, pduDriver } = await onMock(name);
    pdu.outlet(2).relay.order('off');
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'off' });
    pdu.outlets.broken.add(pdu.outlet(2));
    const says = expect.stringContaining('outletUnknown');
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-state-unknown', says } });
  });
});

describe('a condition that does not hold', () => {
  it('says whether waiting helps', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2');
    pdu.outlets.hung.add(pdu.outlet(1));
    expect(await pduDriver.read('1', WITHIN)).toMatchObject({ why: { next: expect.stringContaining('read again until the deadline') } });
    pdu.outlets.broken.add(pdu.outlet(2));
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ why: { next: expect.stringContaining('waiting does not help') } });
  });
});

describe('metered outlets of the second CyberPower tree', () => {
  it('contradict an off while current flows', async () => {
    const { pdu, pduDriver } = await onMock('cyberpower-epdu2');
    pdu.outlet(2).relay.attach(() => 230);
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'on', amps: 1, watts: 230 });
    pdu.outlet(2).relay.order('off');
    pdu.outlets.metering = 230;
    expect(await pduDriver.read('2', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'outlet-contradiction' } });
  });
});
