/** What `bailiff discover` learns of an SSH server: the keys to pin, and nothing that would need a login. */
import { afterEach, expect, it } from 'vitest';
import { checkSettings, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ssh/driver.ts';
import { freshKeyPair } from '../../hardware-mocks/ssh/index.ts';
import { toolsOn } from '../doubles/tools.ts';
import { clock, PASSWORD, type Rack, rack } from './rack.ts';

const tools = toolsOn(clock);
const racks: Rack[] = [];
afterEach(async () => void (await Promise.all(racks.splice(0).map((one) => one.close()))));

async function start(...options: Parameters<typeof rack>): Promise<Rack> {
  const started = await rack(...options);
  racks.push(started);
  return started;
}

async function ask(port: number, given: Readonly<Record<string, unknown>> = {}, ms = 10_000) {
  return await driver.discover?.('127.0.0.1', { port, ...given }, tools, { ms });
}

it('shows every host key, asks for a dialect and a login, and logs in nowhere', async () => {
  const { mock } = await start('apc-aos');
  expect(await ask(mock.port)).toEqual({
    found: [
      'an SSH server; it was not logged in to',
      `host key ssh-ed25519 ${mock.fingerprints[0]}`,
      expect.stringContaining('compare the keys'),
      expect.stringMatching(/^set dialect .*apc-aos.*generic$/),
      expect.stringContaining('key, agent and password'),
    ],
    warnings: [],
    configuration: { port: mock.port, hostKey: [`ssh-ed25519 ${mock.fingerprints[0]}`] },
  });
  expect(mock.count.logins).toBe(0);
});

it('gives back what was given, so that the settings are whole and work', async () => {
  const { mock } = await start('apc-aos');
  const given = { dialect: 'apc-aos', username: 'fencer', password: Secret.fixed(PASSWORD), hostKey: [`SHA256:${'A'.repeat(43)}`] };
  const found = await ask(mock.port, given);
  if (found === undefined || 'code' in found) throw new Error(found?.says);
  const { settings, problems } = checkSettings(driver.settings, { host: '127.0.0.1', ...found.configuration });
  expect(problems).toEqual([]);
  expect(driver.settingsProblem?.(settings)).toBeUndefined();
  const opened = driver.open('strip', settings, tools);
  expect(await opened.read('1', { ms: 5_000 })).toMatchObject({ power: 'on' });
  await opened.close();
});

it('asks old firmware in its own algorithms, and warns of them', async () => {
  const rsa = freshKeyPair('rsa');
  const { mock } = await start('apc-aos', { oldAlgorithms: true, hostKeys: [rsa.privateKey] });
  const found = await ask(mock.port);
  expect(found).toMatchObject({
    configuration: { legacyAlgorithms: true, hostKey: [`ssh-rsa ${mock.fingerprints[0]}`] },
    warnings: [expect.stringContaining('old algorithms')],
  });
});

it('keeps a known_hosts file that was given, and says where nobody answers', async () => {
  const { mock } = await start('apc-aos');
  const found = await ask(mock.port, { knownHosts: '/etc/ssh/ssh_known_hosts' });
  expect(found).toMatchObject({ configuration: { knownHosts: '/etc/ssh/ssh_known_hosts' } });
  expect(found).not.toHaveProperty('configuration.hostKey');
  mock.manners.halfOpen = true;
  expect(await ask(mock.port, {}, 100)).toMatchObject({ code: 'ssh-deadline' });
});
