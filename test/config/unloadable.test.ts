/** A driver of others that cannot be had, or throws: an error for whoever loads plainly, one device less for whoever must fence today. */
import { describe, expect, it } from 'vitest';
import { type DescribedDriver, type DriverLookup, lintConfiguration, parseConfiguration } from '../../src/config/index.ts';
import { sampleDrivers } from './sample-drivers.ts';
import { ENVIRONMENT, GOOD } from './wrong-cases.ts';

const PLACE = 'devices.db1-bmc.driver';
const OTHERS = GOOD.replace('driver: ipmi\n', 'driver: ./theirs.js\n');

const throws = (): never => {
  throw new Error('out of order\nand a stack');
};

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
])('a driver that %s', (_what, code, theirs) => {
  it('is an error at its line', async () => {
    const loaded = await load('error', theirs);
    const problems = loaded.ok ? [] : loaded.problems.map(({ code: given, path, says }) => ({ code: given, path, says }));
    expect(problems).toEqual([{ code, path: PLACE, says: expect.stringMatching(/: out of order$/) }]);
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

it('a driver that throws over an outlet is an error always: two nodes on one outlet would go unseen', async () => {
  const theirs = (ipmi: DescribedDriver): DescribedDriver => ({ ...ipmi, plugs: 'required', normalPlug: throws });
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
  for (const problem of problems) expect(problem).toMatchObject({ code: 'driver-threw', path: expect.stringMatching(/\.outlet$/) });
});
