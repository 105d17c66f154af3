/** What `bailiff discover` learns of a Redfish service; a password goes only to a certificate that was vouched for. */
import { afterEach, expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { type Discovered, type DriverModule, type Problem, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/redfish/driver.ts';
import { driver as pduDriver } from '../../drivers/redfish/pdu.ts';
import { type Stage, stage, USER } from './stage.ts';

const LOGIN = { username: USER.name, password: Secret.fixed(USER.password) };
const stages: Stage[] = [];
afterEach(async () => void (await Promise.all(stages.splice(0).map((one) => one.end()))));

async function start(...options: Parameters<typeof stage>): Promise<Stage> {
  const started = await stage(...options);
  stages.push(started);
  return started;
}

async function ask(port: number, given: Readonly<Record<string, unknown>>, module: DriverModule = driver): Promise<Discovered | Problem> {
  const found = await module.discover?.('127.0.0.1', { port, ...given }, watchedTools(realClock), { ms: 5_000 });
  if (found === undefined) throw new Error('it has no discover');
  return found;
}

const pinOf = ({ mock }: Stage): string => mock.certificate?.fingerprint ?? '';

it('shows the fingerprint to pin, and sends no password before it is pinned', async () => {
  const started = await start();
  const pins = [pinOf(started)];
  for (const given of [{}, LOGIN]) {
    const found = await ask(started.mock.port, given);
    expect(found).toMatchObject({ configuration: { port: started.mock.port, ...given, tls: { pins } }, warnings: [] });
    expect('found' in found && found.found.join('\n')).toMatch(new RegExp(`fingerprint ${pins[0]}[\\s\\S]*compare the fingerprint`));
  }
  expect(started.mock.count.logins).toBe(0);
});

it('looks inside where the certificate is pinned: systems for the one driver, outlets for the other', async () => {
  const started = await start();
  const given = { ...LOGIN, tls: { pins: [pinOf(started)] } };
  expect(await ask(started.mock.port, given)).toMatchObject({ warnings: [expect.stringMatching(/Blade-1, Blade-2/)] });
  const one = await ask(started.mock.port, { ...given, system: 'Blade-1' });
  expect(one).toMatchObject({ warnings: [], configuration: { ...given, system: 'Blade-1' } });
  const strip = await ask(started.mock.port, given, pduDriver);
  expect(strip).toMatchObject({ warnings: [], outlets: ['A1', 'A2', 'A3', 'A4'].map((plug) => ({ plug, reading: { power: 'on' } })) });
  expect(started.mock.count.logins).toBeGreaterThan(0);
});

it('sends no password to another certificate than the pinned one, and says whose it is', async () => {
  const started = await start();
  const found = await ask(started.mock.port, { ...LOGIN, tls: { pins: ['AB'.repeat(32)] } });
  expect(found).toMatchObject({ warnings: [expect.stringContaining(`shows a certificate with the fingerprint ${pinOf(started)}`)] });
  expect(started.mock.count.logins).toBe(0);
});

it('tells a service without power equipment apart, and silence', async () => {
  const board = await start({ strips: [] });
  expect(await ask(board.mock.port, {}, pduDriver)).toMatchObject({ code: 'redfish-other-kind', next: expect.stringContaining('redfish') });
  const { port } = board.mock;
  await board.mock.stop();
  expect(await ask(port, {})).toMatchObject({ code: 'redfish-unreachable' });
});
