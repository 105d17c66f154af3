/**
 * Other people's tools drive our mock Redfish service over real TLS: what we simulate is what they expect of a management controller, our
 * certificate is one that OpenSSL takes, and each claim of theirs is held against the lamp.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Stage, stage, USER } from '../redfish/stage.ts';
import { describeWithStrangers } from './strangers.ts';

let on: Stage;
let folder: string;

const begin = async (...given: Parameters<typeof stage>): Promise<void> => {
  await on.end();
  on = await stage(...given);
  writeFileSync(join(folder, 'certificate.pem'), on.mock.certificate?.certificate ?? '');
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-redfish-'));
  on = await stage();
  writeFileSync(join(folder, 'certificate.pem'), on.mock.certificate?.certificate ?? '');
});

afterEach(async () => {
  await on.end();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly exit: number | null;
  readonly out: string;
}

/** Runs a stranger to its end, at most 60 s; standard output and error together. It trusts the mock's certificate and no other. */
function run(path: string, parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const trust = join(folder, 'certificate.pem');
    const env = { PATH: process.env['PATH'], REQUESTS_CA_BUNDLE: trust, SSL_CERT_FILE: trust, no_proxy: '127.0.0.1' };
    const child = spawn(path, parameters, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, env });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        out = (out + chunk.toString()).slice(-20_000);
      });
    }
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, out }));
  });
}

const lamps = (): readonly boolean[] => on.machines.map(({ lamp }) => lamp);

describeWithStrangers(['fence_redfish'], 'fence_redfish', (path) => {
  const fence = (...words: readonly string[]): Promise<Ended> =>
    run(path('fence_redfish'), [
      ...['--ip', '127.0.0.1', '--ipport', String(on.mock.port), '--username', USER.name, '--password', USER.password],
      ...['--ssl-secure', '--power-wait', '0', ...words],
    ]);
  const blade = ['--systems-uri', '/redfish/v1/Systems/Blade-1'];

  it('reads, cuts and restores the power, and is content with the certificate', async () => {
    expect(await fence(...blade, '-o', 'status')).toMatchObject({ exit: 0, out: expect.stringMatching(/Status: ON/) });
    expect(await fence(...blade, '-o', 'off')).toMatchObject({ exit: 0, out: expect.stringMatching(/Powered OFF/) });
    expect(lamps()).toEqual([false, true]);
    expect(await fence(...blade, '-o', 'status')).toMatchObject({ exit: 2, out: expect.stringMatching(/Status: OFF/) });
    expect(await fence(...blade, '-o', 'on')).toMatchObject({ exit: 0 });
    expect(lamps()).toEqual([true, true]);
  });

  it('waits for a machine that is slow to go, and takes PoweringOff for on', async () => {
    on.machines[0].offDelayMs = 1_500;
    expect(await fence(...blade, '-o', 'off')).toMatchObject({ exit: 0 });
    expect(lamps()).toEqual([false, true]);
  });

  it('takes the last of several systems when none is named', async () => {
    expect(await fence('-o', 'off')).toMatchObject({ exit: 0 });
    expect(lamps()).toEqual([true, false]);
  });

  it('does not get past a wrong password', async () => {
    expect((await fence('--password', 'wrong', ...blade, '-o', 'off')).exit).toBe(1);
    expect(lamps()).toEqual([true, true]);
  });
});

describeWithStrangers(['redfishtool'], 'redfishtool', (path) => {
  const tool = (auth: string, ...words: readonly string[]): Promise<Ended> =>
    run(path('redfishtool'), [
      '-r',
      `127.0.0.1:${on.mock.port}`,
      '-u',
      USER.name,
      '-p',
      USER.password,
      '-S',
      'Always',
      '-A',
      auth,
      ...words,
    ]);

  it.each(['Basic', 'Session'])('reads, cuts and restores the power with %s authentication', async (auth) => {
    expect((await tool(auth, 'Systems', '-I', 'Blade-1', '-P', 'PowerState')).out).toMatch(/"PowerState": "On"/);
    expect(await tool(auth, 'Systems', '-I', 'Blade-1', 'reset', 'ForceOff')).toMatchObject({ exit: 0 });
    expect(lamps()).toEqual([false, true]);
    expect((await tool(auth, 'Systems', '-I', 'Blade-1', '-P', 'PowerState')).out).toMatch(/"PowerState": "Off"/);
    expect(await tool(auth, 'Systems', '-I', 'Blade-1', 'reset', 'On')).toMatchObject({ exit: 0 });
    expect(lamps()).toEqual([true, true]);
    expect(on.mock.count.sessions).toMatchObject({ open: 0, leaked: 0 });
  });

  it('is refused a reset type that is not in the list', async () => {
    await begin({ manners: { resetTypes: ['On', 'GracefulShutdown'] } });
    expect((await tool('Basic', 'Systems', '-I', 'Blade-1', 'reset', 'ForceOff')).exit).not.toBe(0);
    expect(lamps()).toEqual([true, true]);
  });
});

const SUSHY = `
import sys, sushy
port, kind, ca = sys.argv[1:4]
auth = (sushy.auth.SessionAuth if kind == 'session' else sushy.auth.BasicAuth)(username='${USER.name}', password='${USER.password}')
root = sushy.Sushy('https://127.0.0.1:%s/redfish/v1' % port, verify=ca, auth=auth)
blade = root.get_system('/redfish/v1/Systems/Blade-1')
print(blade.identity, blade.power_state.value, sorted(each.value for each in blade.get_allowed_reset_system_values()))
blade.reset_system(sushy.ResetType.FORCE_OFF)
blade.refresh(force=True)
print(blade.power_state.value)
auth.close()
`;

describeWithStrangers(['sushy'], 'the Python library sushy', (path) => {
  const sushy = (kind: string): Promise<Ended> =>
    run(path('sushy'), ['-c', SUSHY, String(on.mock.port), kind, join(folder, 'certificate.pem')]);

  it.each(['basic', 'session'])('reads and cuts the power with %s authentication', async (kind) => {
    const { exit, out } = await sushy(kind);
    expect(out).toMatch(/^Blade-1 On \['ForceOff', 'ForceRestart', 'GracefulShutdown', 'On', 'PowerCycle', 'PushPowerButton'\]\nOff\n$/);
    expect([exit, lamps()]).toEqual([0, [false, true]]);
    expect(on.mock.count.sessions).toMatchObject({ open: 0, opened: kind === 'session' ? 1 : 0 });
  });

  it('sees that a machine is on its way, which is not off', async () => {
    on.machines[0].offDelayMs = 60_000;
    const { exit, out } = await sushy('basic');
    expect(out).toMatch(/\nPoweringOff\n$/i);
    expect([exit, lamps()]).toEqual([0, [true, true]]);
  });
});
