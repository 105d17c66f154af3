/** The settings of a fence agent as they stand in the configuration: maps of names that only the agent knows, with secrets in them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSettings, Secret, settingsJsonSchema } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/fence-agent/driver.ts';
import { driverLookup } from '../../src/devices/lookup.ts';
import { loadConfiguration } from '../../src/config/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-agent-config-'));
  await writeFile(join(folder, 'password'), 'S3cret!\n', { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(device: string): Promise<Awaited<ReturnType<typeof loadConfiguration>>> {
  const file = join(folder, 'bailiff.yaml');
  const text = `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
  db1: { fence: [[{ device: pdu-a, outlet: 3 }]] }
devices:
  pdu-a: { driver: fence-agent, agent: fence_apc, outlets: true, ${device} }
`;
  await writeFile(file, text);
  return await loadConfiguration(file, { drivers: driverLookup(file) });
}

describe('a fence agent in the configuration', () => {
  it('has parameters of any name, and secrets by reference', async () => {
    const loaded = await load('parameters: { ip: 192.0.2.7, ipport: 2222, ssh: true }, secrets: { password: { file: ./password } }');
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const device = loaded.configuration.devices.get('pdu-a');
    expect(device?.evidence).toBe('device');
    expect(device?.settings['parameters']).toEqual({ ip: '192.0.2.7', ipport: '2222', ssh: 'true' });
    const password = (device?.settings['secrets'] as Record<string, Secret> | undefined)?.['password'];
    expect([password instanceof Secret, password?.reveal(), JSON.stringify(device)]).toEqual([
      true,
      'S3cret!',
      expect.not.stringContaining('S3cret!'),
    ]);
  });

  it.each([
    ['secrets: { password: in-the-open }', 'literal-secret', 'devices.pdu-a.secrets.password'],
    ['secrets: { password: { file: ./nowhere } }', 'secret-missing', 'devices.pdu-a.secrets.password'],
    [
      'secondReading: { agent: fence_x, secrets: { password: in-the-open } }',
      'literal-secret',
      'devices.pdu-a.secondReading.secrets.password',
    ],
    ['parameters: { ip: [1, 2] }', 'wrong-setting', 'devices.pdu-a.parameters.ip'],
    ['parameters: { "a=b": 1 }', 'wrong-setting', 'devices.pdu-a.parameters'],
    ['parameters: 7', 'wrong-setting', 'devices.pdu-a.parameters'],
    ['secrets: 7', 'wrong-setting', 'devices.pdu-a.secrets'],
    ['secondReading: { agent: fence_x, colour: red }', 'unknown-key', 'devices.pdu-a.secondReading.colour'],
  ])('%s is a problem', async (device, code, path) => {
    const loaded = await load(device);
    expect(loaded.ok ? [] : loaded.problems.map((each) => [each.code, each.path])).toContainEqual([code, path]);
    expect(JSON.stringify(loaded)).not.toContain('in-the-open');
  });

  it('renders as JSON Schema', () => {
    const schema = settingsJsonSchema(driver.settings) as { properties: Record<string, Record<string, unknown>> };
    expect(schema.properties['parameters']).toMatchObject({
      type: 'object',
      maxProperties: 64,
      propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    });
    expect(schema.properties['secrets']).toMatchObject({ additionalProperties: { oneOf: expect.any(Array) } });
  });

  it('bounds how much it takes', () => {
    const faults = (more: object) => checkSettings(driver.settings, { agent: 'fence_x', ...more }).problems.map(({ path }) => path);
    expect(faults({ parameters: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, 1])) })).toEqual(['parameters']);
    expect(faults({ parameters: { ip: 'x'.repeat(4097) } })).toEqual(['parameters.ip']);
    expect(faults({ parameters: { ip: Number.NaN } })).toEqual(['parameters.ip']);
    expect(faults({ secrets: { password: 'literal' } })).toEqual(['secrets.password']);
  });
});
