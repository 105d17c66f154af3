/** An outlet that carries a node is never taken for a spare one, however it is written; what cannot be told apart is refused. */
import { describe, expect, it } from 'vitest';
import type { ListedOutlet } from '../../drivers/kit/contract.ts';
import { notSpare, type Spare } from '../../src/cli/spare-outlet.ts';
import type { Configuration, DeviceConfiguration } from '../../src/config/index.ts';

const reading = { power: 'on', source: 'a strip' } as const;
const LISTED: readonly ListedOutlet[] = ['web1', 'web2', 'spare', 'Outlet 4', 'twin', 'twin', 'web7', '3'].map((name, at) => ({
  plug: String(at + 1),
  name,
  reading,
}));

const entry = (name: string, more: Partial<DeviceConfiguration> = {}): DeviceConfiguration => ({
  name,
  driver: 'snmp-pdu',
  evidence: 'device',
  place: { host: '192.0.2.7', port: 161, inside: '' },
  settings: {},
  confirm: { readings: 2, gap: 25 },
  lateness: 5000,
  ...more,
});

/** Nodes by the outlets on which they hang; `pdu` and whatever else there is. */
const rack = (
  outlets: Readonly<Record<string, readonly (readonly [device: string, outlet: string])[]>>,
  others: readonly DeviceConfiguration[] = [],
  pdu = entry('pdu'),
): Pick<Configuration, 'nodes' | 'devices'> => ({
  nodes: new Map(
    Object.entries(outlets).map(([name, level]) => [
      name,
      { name, votes: 1, links: [], fence: [level.map(([device, outlet]) => ({ device, outlet }))] },
    ]),
  ),
  devices: new Map([pdu, ...others].map((one) => [one.name, one])),
});

const normalPlug = (_settings: unknown, plug: string): string => plug.replace(/^1\.(?=\d+$)/, '');

async function refused(
  configuration: Pick<Configuration, 'nodes' | 'devices'>,
  plugs: readonly string[],
  more: Partial<Spare> = {},
): Promise<string | undefined> {
  const list = async () => await Promise.resolve(LISTED);
  return (await notSpare(configuration, { device: 'pdu', module: { normalPlug }, plugs, list, ...more }))?.code;
}

const neverAsked = async (): Promise<never> => await Promise.reject(new Error('it was asked'));

describe('an outlet that carries a node', () => {
  const db1 = rack({ db1: [['pdu', '4']] });

  it.each([
    ['as it is written', '4'],
    ['in the other way to write it', '1.4'],
    ['by its label', 'Outlet 4'],
    ['by its label with the prefix', 'name:Outlet 4'],
    ['as the device as a whole', ''],
  ])('%s', async (_how, plug) => {
    expect(await refused(db1, [plug])).toBe('outlet-in-use');
    expect(await refused(db1, ['8', plug])).toBe('outlet-in-use');
  });

  it('by its number, where the node names the label', async () => {
    expect(await refused(rack({ db1: [['pdu', 'Outlet 4']] }), ['4'])).toBe('outlet-in-use');
  });

  it('by a label of digits, which is not the outlet of that number', async () => {
    expect(await refused(rack({ db1: [['pdu', '8']] }), ['name:3'])).toBe('outlet-in-use');
    expect(await refused(rack({ db1: [['pdu', '3']] }), ['name:3'])).toBeUndefined();
  });

  it.each([
    ['address', entry('other')],
    ['address with another protocol', entry('other', { driver: 'redfish-pdu', place: { host: '192.0.2.7', port: 443, inside: '' } })],
  ])('under another entry of one %s', async (_what, other) => {
    expect(await refused(rack({ db1: [['other', '4']] }, [other]), ['1.4'])).toBe('outlet-in-use');
    expect(await refused(rack({ db1: [['other', '4']] }, [other]), ['8'])).toBeUndefined();
  });
});

describe('what cannot be told apart is refused', () => {
  it.each([
    ['a label that the device does not list', 'nobody'],
    ['a label that two outlets have', 'twin'],
  ])('%s', async (_what, label) => {
    expect(await refused(rack({ db1: [['pdu', '4']] }), [label])).toBe('outlet-unresolved');
    expect(await refused(rack({ db1: [['pdu', label]] }), ['8'])).toBe('outlet-unresolved');
  });

  it('a label, where the device tells nothing', async () => {
    const silent = { list: async () => await Promise.resolve({ code: 'pdu-silent', says: 'silent', next: '' }) };
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['Outlet 8'], silent)).toBe('outlet-unresolved');
  });

  it('two ways to write a number, where the driver knows no one text for them', async () => {
    const bare = { module: {}, list: async () => await Promise.resolve({ code: 'outlets-not-listed', says: 'none', next: '' }) };
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['1.4'], bare)).toBe('outlet-unresolved');
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['04'], bare)).toBe('outlet-unresolved');
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['8'], bare)).toBeUndefined();
  });

  it('an outlet whose name the driver makes up or throws over', async () => {
    const made = { normalPlug: () => 42 as unknown as string };
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['8'], { module: made })).toBe('driver-malformed');
    const throws = {
      normalPlug: () => {
        throw new Error('no');
      },
    };
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['8'], { module: throws })).toBe('driver-threw');
  });
});

describe('a spare outlet', () => {
  it('is told by numbers alone, without asking the device', async () => {
    expect(await refused(rack({ db1: [['pdu', '4']] }), ['8', '1.7'], { list: neverAsked })).toBeUndefined();
  });

  it('is told by a label that the device lists', async () => {
    expect(await refused(rack({ db1: [['pdu', 'Outlet 4']] }), ['spare'])).toBeUndefined();
  });

  it('is any outlet of a device on which no node hangs, such as another one behind the loopback', async () => {
    const at = (port: number) => ({ place: { host: '127.0.0.1', port, inside: '' } });
    expect(await refused(rack({ db1: [['other', '4']] }, [entry('other', at(2))], entry('pdu', at(1))), ['4'])).toBeUndefined();
  });
});
