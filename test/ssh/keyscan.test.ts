/** The child that asks for certificates: what it is given, and that it is held within its bounds. The real one is met in test/foreign. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanWith } from '../../drivers/ssh/keyscan.ts';
import { RunningDeadline } from '../../drivers/kit/deadline.ts';
import { deadlineTexts } from '../../drivers/ssh/problems.ts';
import { toolsOn } from '../doubles/tools.ts';
import { authority, certificateLine, certify, deviceKey } from './authority.ts';
import { clock, until } from './rack.ts';

const tools = toolsOn(clock);
const certificate = certify({ key: deviceKey(), by: authority() });
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyscan-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

const deadlineOf = (ms: number, signal?: AbortSignal): RunningDeadline =>
  new RunningDeadline(tools, { device: 'pdu-a', address: 'x:22' }, { ms, ...(signal === undefined ? {} : { signal }) }, deadlineTexts);

async function scan(body: string, ms = 20_000, host = 'pdu-a.example') {
  const deadline = deadlineOf(ms);
  const scanned = await scanWith(await script('scan', body))({ host, port: 2222 }, deadline);
  deadline.end();
  return scanned;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('asking for certificates', () => {
  it('hands over the address as one word behind the options, no secret, and half of the time that is left', async () => {
    const seen = join(folder, 'seen');
    await scan(`printf '%s\\n' "$@" > ${seen}; env >> ${seen}`, 9_001, '$(touch x);-oProxyCommand=x');
    const lines = (await readFile(seen, 'utf8')).split('\n');
    expect(lines.slice(0, 9)).toEqual([
      ...['-c', '-t', 'ed25519,ecdsa,rsa', '-T'],
      expect.stringMatching(/^(?:3|4)$/),
      ...['-p', '2222', '--', '$(touch x);-oProxyCommand=x'],
    ]);
    // What the shell adds by itself.
    const usual = ['PATH', 'LC_ALL', 'PWD', 'OLDPWD', 'SHLVL', '_', ''];
    const names = lines.slice(9).map((line) => line.slice(0, Math.max(0, line.indexOf('='))));
    expect(names.filter((name) => !usual.includes(name))).toEqual([]);
  });

  it('takes what is there, among lines that are something else', async () => {
    const line = `h ${certificateLine(certificate)}`;
    expect((await scan(`cat <<'X'\nnonsense\n${line}X\nexit 1`)).certificates).toEqual([certificate]);
  });

  it('says why there is none', async () => {
    expect(await scan('true')).toEqual({ certificates: [], why: 'it offers none' });
    expect((await scan('echo "# banner" >&2; echo "connect: Connection refused" >&2; exit 1')).why).toBe(
      'it offers none (ssh-keyscan says "connect: Connection refused")',
    );
    const deadline = deadlineOf(20_000);
    expect((await scanWith(join(folder, 'missing'))({ host: 'h', port: 22 }, deadline)).why).toContain('is not installed here');
    await writeFile(join(folder, 'plain'), 'x');
    expect((await scanWith(join(folder, 'plain'))({ host: 'h', port: 22 }, deadline)).why).toContain('could not be started: EACCES');
    deadline.end();
  });

  it('ends it where it floods', async () => {
    const pidFile = join(folder, 'flood.pid');
    const scanned = await scan(`echo $$ > ${pidFile}; exec yes ssh-ed25519-cert-v01@openssh.com`);
    expect(scanned).toEqual({ certificates: [], why: expect.stringContaining('said more than') });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await until(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
  });

  it.each(['the deadline passes', 'the caller gives up'])('ends it when %s, and does not begin when there is no time', async (cause) => {
    const pidFile = join(folder, 'slow.pid');
    const slow = await script('slow', `echo $$ > ${pidFile}; exec sleep 60`);
    await rm(pidFile, { force: true });
    const abort = new AbortController();
    let pass = (): void => undefined;
    const timer = (_ms: number, run: () => void) => {
      pass = run;
      return () => undefined;
    };
    const deadline = new RunningDeadline(
      { ...tools, after: timer },
      { device: 'pdu-a', address: 'x:22' },
      { ms: 60_000, signal: abort.signal },
      deadlineTexts,
    );
    const scanning = scanWith(slow)({ host: 'h', port: 22 }, deadline);
    const pid = async (): Promise<number> => Number(await readFile(pidFile, 'utf8').catch(() => '0'));
    for (let left = 1_000; left > 0 && (await pid()) === 0; left -= 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const child = await pid();
    expect(isAlive(child)).toBe(true);
    if (cause === 'the deadline passes') pass();
    else abort.abort();
    expect((await scanning).why).toContain('no time');
    await until(() => !isAlive(child));
    expect(isAlive(child)).toBe(false);
    expect((await scanWith(slow)({ host: 'h', port: 22 }, deadline)).why).toContain('no time');
  });
});
