/** A driver of others that cannot be had, throws, or makes up what it tells: an error for whoever loads plainly, one device less for whoever must fence today. */
import { describe, expect, it } from 'vitest';
import { type DescribedDriver, type DriverLookup, lintConfiguration, parseConfiguration } from '../../src/config/index.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD } from './wrong-cases.ts';

const PLACE = 'devices.db1-bmc.driver';
const OTHERS = GOOD.replace('driver: ipmi\n', 'driver: ./theirs.js\n');

const throws = (): never => {
  throw new Error('out of order\nand a stack');
};

/** What a stranger's module gives back, whatever the contract says. */
const gives = (hook: 'kindOf' | 'place' | 'settingsProblem' | 'normalPlug', value: unknown) => (known: DescribedDriver) => ({
  ...known,
  [hook]: () => value,
});

const load = async (unloadable: 'error' | 'keep', theirs: (ipmi: DescribedDriver) => DescribedDriver) => {
  const drivers: DriverLookup = {
    names: sampleDrivers.names,
    find: async (word, module) => {
      if (word !== './theirs.js') return await sampleDrivers.find(word, module);
      const ipmi = await sampleDrivers.find('ipmi', undefined);
      return ipmi === undefined ? undefined : theirs(ipmi);
    },
  };
  return await parseConfiguration(OTHERS, 'bailiff.yaml', { drivers, environment: ENVIRONMENT, unloadable });
};

describe.each([
  ['cannot be loaded', 'driver-not-loadable', throws],
  ['throws over what fits together', 'driver-threw', (ipmi: DescribedDriver) => ({ ...ipmi, settingsProblem: throws })],
  ['throws over its kind', 'driver-threw', (ipmi: DescribedDriver) => ({ ...ipmi, kindOf: throws })],
  ['throws over its place', 'driver-threw', (ipmi: DescribedDriver) => ({ ...ipmi, place: throws })],
  ['makes up what it can prove', 'driver-malformed', gives('kindOf', { evidence: 'banana', plugs: 'none' })],
  ['makes up whether outlets are named', 'driver-malformed', gives('kindOf', { evidence: 'device', plugs: 7 })],
  ['gives back a number for its kind', 'driver-malformed', gives('kindOf', 42)],
  ['gives back no kind', 'driver-malformed', gives('kindOf', undefined)],
  ['gives back a number for what does not fit together', 'driver-malformed', gives('settingsProblem', 42)],
  ['promises to say later what does not fit together', 'driver-malformed', gives('settingsProblem', Promise.resolve('this'))],
  ['gives back a number for a host', 'driver-malformed', gives('place', { host: 42, port: 1, inside: '' })],
  ['gives back half a place', 'driver-malformed', gives('place', { host: 'bmc1' })],
])('a driver that %s', (_what, code, theirs) => {
  it('is an error at its line', async () => {
    const loaded = await load('error', theirs);
    const problems = loaded.ok ? [] : loaded.problems.map(({ code: given, path, says }) => ({ code: given, path, says }));
    expect(problems).toEqual([
      { code, path: PLACE, says: expect.stringMatching(code === 'driver-malformed' ? /^the driver gave back / : /: out of order$/) },
    ]);
  });

  it('is a device that proves nothing where others must go on, and lint warns of it', async () => {
    const loaded = await load('keep', theirs);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { devices, nodes } = loaded.configuration;
    expect(devices.get('db1-bmc')).toMatchObject({ evidence: 'device', settings: {}, unusable: { code } });
    expect([...devices.values()].filter(({ unusable }) => unusable !== undefined)).toHaveLength(1);
    expect(
      nodes
        .get('db1')
        ?.fence.flat()
        .map(({ device }) => device),
    ).toContain('db1-bmc');
    const warned = lintConfiguration(loaded.configuration, loaded.where).filter((finding) => finding.code === code);
    expect(warned).toMatchObject([{ severity: 'warning', path: PLACE }]);
  });
});

it.each([
  ['throws over an outlet', 'driver-threw', (known: DescribedDriver) => ({ ...known, normalPlug: throws })],
  ['makes up an outlet', 'driver-malformed', gives('normalPlug', 42)],
])('a driver that %s is an error always: two nodes on one outlet would go unseen', async (_what, code, theirs) => {
  const drivers: DriverLookup = {
    names: sampleDrivers.names,
    find: async (word, module) => {
      const found = await sampleDrivers.find(word, module);
      return found !== undefined && word === 'snmp-pdu' ? theirs(found) : found;
    },
  };
  const loaded = await parseConfiguration(GOOD, 'bailiff.yaml', { drivers, environment: ENVIRONMENT, unloadable: 'keep' });
  const problems = loaded.ok ? [] : loaded.problems;
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).toMatchObject({ code, path: expect.stringMatching(/\.outlet$/) });
});
