/** The parts of `bailiff check` that are plain functions: names, levels, keys, and what is called not fit. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { notFit } from '../../src/cli/check.ts';
import { type CheckedDevice, checkOne } from '../../src/cli/check-devices.ts';
import { checkKeys } from '../../src/cli/check-keys.ts';
import { checkLevels } from '../../src/cli/check-levels.ts';
import { resolveNames } from '../../src/cli/check-names.ts';
import { parseConfiguration } from '../../src/config/index.ts';
import { DeviceLine } from '../../src/coordinator/device-line/line.ts';
import type { DevicePool } from '../../src/coordinator/ports.ts';
import { UNASKED } from '../coordinator/ports.ts';
import { sampleDrivers } from '../config/sample-drivers.ts';
import { ENVIRONMENT, GOOD } from '../config/wrong-cases.ts';

describe('names', () => {
  it('are asked once each, in one spelling; addresses are not asked', async () => {
    const asked: string[] = [];
    const names = await resolveNames(['BMC.example.', 'bmc.example', '192.0.2.1', '::FFFF:192.0.2.7', 'fe80::1%eth0'], async (name) => {
      asked.push(name);
      return await Promise.resolve([{ address: '2001:DB8:0::9' }, { address: '2001:db8::9' }]);
    });
    expect(asked).toEqual(['bmc.example']);
    expect(Object.fromEntries([...names].map(([name, { addresses }]) => [name, addresses]))).toEqual({
      'bmc.example': ['2001:db8::9'],
      '192.0.2.1': ['192.0.2.1'],
      '192.0.2.7': ['192.0.2.7'],
      'fe80::1%eth0': ['fe80::1%eth0'],
    });
  });

  it('that lead nowhere say so, whatever the resolver does', async () => {
    const names = await resolveNames(
      ['gone', 'empty', 'late'],
      async (name) => {
        if (name === 'gone') throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
        return name === 'empty' ? [] : await new Promise(() => undefined);
      },
      1,
    );
    expect([...names.values()].map(({ problem }) => problem?.says)).toEqual([
      'The name gone leads to no address (ENOTFOUND).',
      'The name empty leads to no address (it has no address).',
      'The name late leads to no address (no answer within 1 ms).',
    ]);
  });

  it('are at most four under way at once, as many as the system resolves', async () => {
    let most = 0;
    let now = 0;
    await resolveNames(
      Array.from({ length: 12 }, (_, at) => `n${at}`),
      async () => {
        now += 1;
        most = Math.max(most, now);
        await Promise.resolve();
        now -= 1;
        return [{ address: '192.0.2.1' }];
      },
    );
    expect(most).toBe(4);
  });
});

describe('levels', () => {
  const configured = async (text: string) => {
    const loaded = await parseConfiguration(text, 'bailiff.yaml', { drivers: sampleDrivers, files: 'leave', environment: ENVIRONMENT });
    if (!loaded.ok) throw new Error('the file does not load');
    return loaded.configuration;
  };
  const device = (name: string, more: Partial<CheckedDevice> = {}): CheckedDevice => ({
    device: name,
    driver: 'any',
    health: { ok: true, found: [] },
    outlets: [],
    problems: [],
    ...more,
  });
  const all = ['db1-bmc', 'db2-bmc', 'pdu-a', 'pdu-b'];
  const broken = { health: { ok: false, found: [] } };

  it('are fit where every outlet is, and say how they could end', async () => {
    const nodes = checkLevels(
      await configured(GOOD),
      all.map((name) => device(name, name === 'pdu-b' ? broken : {})),
    );
    expect(nodes).toEqual([
      {
        node: 'db1',
        levels: [
          { level: 1, outlets: ['db1-bmc'], fit: true, ends: 'confirmed' },
          { level: 2, outlets: ['pdu-a:4', 'pdu-b:4'], fit: false, ends: 'confirmed' },
        ],
      },
      expect.objectContaining({ node: 'db2' }),
    ]);
  });

  it('none of which is fit leave a node that cannot be fenced', async () => {
    const nodes = checkLevels(
      await configured(GOOD),
      all.map((name) => device(name, name === 'db2-bmc' ? {} : broken)),
    );
    expect(nodes.map(({ problem }) => problem?.code)).toEqual(['no-level-fit', undefined]);
  });

  it('a level with a device on the node itself proves nothing, however fit it is', async () => {
    const text = GOOD.replace('devices:\n', 'devices:\n  inside: { driver: ssh-target, host: 192.0.2.99 }\n').replace(
      '{ device: db1-bmc }',
      '{ device: inside }',
    );
    const nodes = checkLevels(
      await configured(text),
      [...all, 'inside'].map((name) => device(name, name.startsWith('pdu') ? broken : {})),
    );
    expect(nodes[0]).toMatchObject({ levels: [{ fit: true, ends: 'unconfirmed' }, { fit: false }], problem: { code: 'no-level-fit' } });
  });

  it('a level with a device that cannot be used can confirm nothing, and says by whom', async () => {
    const { devices, ...rest } = await configured(GOOD);
    const unusable = { code: 'driver-not-loadable', says: 'the driver could not be imported', next: 'mend it' } as const;
    const known = [...devices].map(([name, one]) => [name, name === 'pdu-b' ? { ...one, settings: {}, unusable } : one] as const);
    const nodes = checkLevels(
      { ...rest, devices: new Map(known) },
      all.map((name) => device(name, name === 'pdu-b' ? broken : {})),
    );
    expect(nodes[0]?.levels).toEqual([
      { level: 1, outlets: ['db1-bmc'], fit: true, ends: 'confirmed' },
      { level: 2, outlets: ['pdu-a:4', 'pdu-b:4'], fit: false, ends: 'unconfirmed', unusable: ['pdu-b'] },
    ]);
  });

  it('an outlet of another node that is missing is no matter of this level', async () => {
    const missing = { code: 'no-such-plug', says: 'none', next: '' };
    const strip = device('pdu-a', {
      outlets: [
        { plug: '4', nodes: ['db1'], power: 'on' },
        { plug: '5', nodes: ['db2'], power: 'unknown', problem: missing },
      ],
    });
    const nodes = checkLevels(await configured(GOOD), [device('db1-bmc'), device('db2-bmc'), strip, device('pdu-b')]);
    expect(nodes.map(({ levels }) => levels[1]?.fit)).toEqual([true, false]);
  });

  it('a device that is really another one is in no level fit', async () => {
    const shared = { problems: [{ code: 'outlet-shared', says: 'one', next: '' }] };
    const nodes = checkLevels(
      await configured(GOOD),
      all.map((name) => device(name, shared)),
    );
    expect(nodes.map(({ problem }) => problem?.code)).toEqual(['no-level-fit', 'no-level-fit']);
  });
});

describe('a device', () => {
  const nodes = new Map([['db1', { name: 'db1', votes: 1, links: [], fence: [[{ device: 'd', outlet: '' }]] }]]);
  const never = async (): Promise<never> => await new Promise(() => undefined);
  const checkedOn = async (over: Partial<DevicePool>) => {
    const clock = new VirtualClock(1000);
    const pool: DevicePool = {
      order: async () => await Promise.reject(new Error('it was ordered something')),
      read: async () => await Promise.resolve({ power: 'on', source: 'a board' }),
      ...UNASKED,
      health: async () => await Promise.resolve({ ok: true, found: ['logged in'] }),
      close: async () => await Promise.resolve(),
      ...over,
    };
    const checked = checkOne({ nodes }, 'd', new DeviceLine(pool, clock, new AbortController().signal));
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(11_000);
    }
    return await checked;
  };

  it('is fit where its driver says so and its outlet reads', async () => {
    const checked = await checkedOn({});
    expect(checked).toMatchObject({ health: { ok: true, found: ['logged in'] }, outlets: [{ power: 'on' }] });
  });

  it('that is not well is asked nothing more', async () => {
    const problem = { code: 'x', says: 'y', next: 'z' };
    const read = async (): Promise<never> => await Promise.reject(new Error('it was read'));
    expect(await checkedOn({ read, health: async () => await Promise.resolve({ ok: false, found: [], problem }) })).toEqual({
      health: { ok: false, found: [], problem },
      outlets: [],
      places: new Map(),
    });
  });

  it('whose driver never comes back is not fit, and holds nobody up', async () => {
    expect(await checkedOn({ health: never })).toMatchObject({ health: { ok: false, problem: { code: 'driver-overdue' } } });
    expect(await checkedOn({ read: never })).toMatchObject({ health: { ok: true }, outlets: [{ problem: { code: 'driver-overdue' } }] });
  });
});

describe('keys of arbiters', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailiff-keys-'));
    const { publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(folder, 'a.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(join(folder, 'b.jwk'), JSON.stringify(publicKey.export({ format: 'jwk' })));
    writeFileSync(
      join(folder, 'rsa.pub'),
      generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are named with their file; one key of two arbiters is seen in any form', async () => {
    const arbiters = ['a.pub', 'rsa.pub', 'b.jwk'].map((name, at) => ({ id: `arb-${at}`, publicKey: join(folder, name) }));
    const keys = await checkKeys({ arbiters });
    expect(keys.map(({ problem, warning }) => (problem ?? warning)?.code)).toEqual([undefined, 'key-unreadable', 'key-shared']);
    expect(keys[1]?.problem?.says).toContain('rsa.pub cannot be used: it is an RSA key');
    expect(keys[0]?.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(notFit({ findings: [], keys, names: [], devices: [], nodes: [] })).toEqual(['the key of arb-1']);
  });
});
