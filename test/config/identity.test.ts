/** What is one device and what is two: a broken driver and a person are each only themselves, so that nothing else is stopped by them. */
import { describe, expect, it } from 'vitest';
import { driver as manual } from '../../drivers/manual/driver.ts';
import { type DriverLookup, formatProblem, lintConfiguration, parseConfiguration } from '../../src/config/index.ts';
import { sampleModules } from './sample-drivers.ts';

const modules = [...sampleModules, manual];
const drivers: DriverLookup = {
  names: modules.map(({ name }) => name),
  find: (word) => {
    if (word === './broken.mjs') throw new Error('not installed');
    return modules.find(({ name }) => name === word);
  },
};

const text = (fences: Readonly<Record<'db1' | 'db2', string>>, devices: string): string => `cluster: orders
stateDir: state
self: { id: witness-1 }
nodes:
  db1: { fence: ${fences.db1} }
  db2: { fence: ${fences.db2} }
devices:
${devices}
  bmc1: { driver: ipmi, host: 198.51.100.11, username: fencer, password: { env: PW } }
  bmc2: { driver: ipmi, host: 198.51.100.12, username: fencer, password: { env: PW } }
`;

/** Codes of errors, and the device rules among the warnings. */
async function found(fences: Readonly<Record<'db1' | 'db2', string>>, devices: string): Promise<readonly string[]> {
  const loaded = await parseConfiguration(text(fences, devices), 'bailiff.yaml', {
    drivers,
    environment: { PW: 'secret' },
    unloadable: 'keep',
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return lintConfiguration(loaded.configuration, loaded.where, 'bailiff.yaml', new Set())
    .filter(({ code, severity }) => severity === 'error' || /^(outlet|device)-/.test(code))
    .map(({ code, path }) => `${code} ${path}`);
}

describe('devices whose driver cannot be had', () => {
  const two = '  one: { driver: ./broken.mjs, host: 10.0.0.1 }\n  other: { driver: ./broken.mjs, host: 10.0.0.2 }';

  it('are two devices for two nodes', async () => {
    const fences = { db1: '[[{ device: one }], [{ device: bmc1 }]]', db2: '[[{ device: other }], [{ device: bmc2 }]]' };
    expect(await found(fences, two)).toEqual([]);
  });

  it('are two feeds in one level', async () => {
    const feeds = '[[{ device: one, outlet: 4 }, { device: other, outlet: 4 }]]';
    expect(await found({ db1: feeds, db2: '[[{ device: bmc2 }]]' }, `${two}\n  spare: { driver: web, host: 10.0.0.3 }`)).toEqual([
      'device-unused devices.spare',
      'device-unused devices.bmc1',
    ]);
  });

  it('are one where the file itself says so', async () => {
    const fences = { db1: '[[{ device: one }], [{ device: bmc1 }]]', db2: '[[{ device: one }, { device: other }], [{ device: bmc2 }]]' };
    expect(await found(fences, two)).toEqual(['outlet-shared nodes.db2.fence[0][0]']);
  });
});

describe('a person', () => {
  const anna = '  anna: { driver: manual, who: Anna }';

  it('is called for two nodes, by one entry', async () => {
    const fences = { db1: '[[{ device: bmc1 }], [{ device: anna }]]', db2: '[[{ device: bmc2 }], [{ device: anna }]]' };
    expect(await found(fences, anna)).toEqual([]);
  });

  it('is called for two nodes, by two entries that are written alike', async () => {
    const fences = { db1: '[[{ device: bmc1 }], [{ device: anna }]]', db2: '[[{ device: bmc2 }], [{ device: again }]]' };
    expect(await found(fences, `${anna}\n  again: { driver: manual, who: Anna }`)).toEqual([]);
  });

  it('stands once in a level', async () => {
    const fences = { db1: '[[{ device: bmc1 }], [{ device: anna }, { device: anna }]]', db2: '[[{ device: bmc2 }]]' };
    expect(await found(fences, anna)).toEqual(['outlet-repeated nodes.db1.fence[1][1]']);
  });
});
