/** What has a bound: who waits, how long a device may make us wait, how old a connection may be, and what a login may answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { makeCertificate } from '../../hardware-mocks/index.ts';
import { http, type PlainService, plainService, type Says, SESSIONS, SYSTEM } from './plain-service.ts';
import { WITHIN } from './stage.ts';

let on: PlainService | undefined;
const begin = async (says: Says): Promise<PlainService> => {
  on = await plainService(says);
  return on;
};
afterEach(async () => {
  await on?.end();
  on = undefined;
});
const connections = ({ heard }: PlainService): number => new Set(heard.map(({ socket }) => socket)).size;

describe('bounds', () => {
  it('two calls are under way at once, 64 wait, and more are refused', async () => {
    const service = await begin(() => 'nothing');
    const device = service.open({ system: SYSTEM });
    const abort = new AbortController();
    const within = { ...WITHIN, signal: abort.signal };
    const calls = Array.from({ length: 70 }, () => device.read('', within));
    await expect.poll(() => service.heard.length).toBe(2);
    expect(connections(service)).toBe(2);
    abort.abort();
    const codes = (await Promise.all(calls)).map(({ why }) => why?.code);
    const many = (code: string): number => codes.filter((each) => each === code).length;
    expect([many('redfish-aborted'), many('redfish-queue-full')]).toEqual([66, 4]);
    expect(service.heard.length).toBe(2);
  });

  it('a connection that was idle for too long is not used, even where its timer did not ring', async () => {
    const service = await begin(() => undefined);
    let later = 0;
    const usual = watchedTools(realClock);
    const device = service.open({ system: SYSTEM, idle: '10s' }, { ...usual, now: () => usual.now() + later });
    for (const passed of [0, 9_000, 18_000, 29_000]) {
      later = passed;
      expect((await device.read('', WITHIN)).power).toBe('on');
    }
    expect(connections(service)).toBe(2);
  });

  it('no device makes us wait longer than two seconds at once', async () => {
    let asked = 0;
    const service = await begin(({ path }) => {
      asked += path === SYSTEM ? 1 : 0;
      return asked === 1 ? http(503, '', { 'Retry-After': '3600' }) : undefined;
    });
    const usual = watchedTools(realClock);
    const begun = usual.now();
    const quick = {
      ...usual,
      now: () => begun + (usual.now() - begun) * 20,
      after: (ms: number, run: () => void) => usual.after(ms / 20, run),
    };
    expect((await service.open({ system: SYSTEM }, quick).read('', { ms: 60_000 })).power).toBe('on');
  });

  it.each([
    [http(429, '', { 'Retry-After': '0' })],
    [http(400, { error: { '@Message.ExtendedInfo': [{ MessageId: 'IDRAC.2.8.SYS518', Message: 'Try later.' }] } })],
  ])('a device that has no time says so: %j', async (answer) => {
    const service = await begin(() => answer);
    expect((await service.open({ system: SYSTEM }).read('', WITHIN)).why?.code).toBe('redfish-busy');
  });

  it('a file of certificates that is larger than any is not read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bailiff-bounds-'));
    try {
      const file = join(folder, 'ca.pem');
      writeFileSync(file, `${makeCertificate({ name: 'ca', isAuthority: true }).certificate}${' '.repeat(1024 * 1024)}`);
      const service = await begin(() => undefined);
      const device = service.open({ insecure: false, tls: { ca: file } });
      expect((await device.read('', WITHIN)).why).toMatchObject({ code: 'redfish-ca-unreadable', says: expect.stringContaining('larger') });
      expect(service.heard).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('an order', () => {
  it.each(['<html>Welcome</html>', '["ForceOff"]', '{"half":'])('answered with 200 and %j is unknown, not accepted', async (body) => {
    const service = await begin(({ method }) => (method === 'POST' ? http(200, body) : undefined));
    expect(await service.open().order('', 'off', WITHIN)).toMatchObject({ result: 'unknown', why: { code: 'redfish-unusable-answer' } });
  });
});

describe('a login', () => {
  const answering = (answer: string): Promise<PlainService> =>
    begin(({ method, path }) => (method === 'POST' && path === SESSIONS ? answer : undefined));

  it.each(['', 'two words', '\u00e9', 'x'.repeat(5_000)])('with the token %j is none', async (token) => {
    const service = await answering(http(201, {}, { 'X-Auth-Token': token, Location: `${SESSIONS}/1` }));
    const reading = await service.open({ auth: 'session' }).read('', WITHIN);
    expect([reading.power, reading.why?.code]).toEqual(['unknown', 'redfish-unusable-answer']);
  });

  it.each([
    ['in the body alone', http(201, { '@odata.id': `${SESSIONS}/7` }, { 'X-Auth-Token': 'token' }), [`${SESSIONS}/7`]],
    [
      'with another name of the device',
      http(201, { '@odata.id': `${SESSIONS}/8` }, { 'X-Auth-Token': 'token', Location: 'https://bmc.example/x' }),
      [`${SESSIONS}/8`],
    ],
    ['nowhere', http(201, {}, { 'X-Auth-Token': 'token' }), []],
  ])('whose session is told %s is given back there', async (_where, answer, given) => {
    const service = await answering(answer);
    const device = service.open({ auth: 'session' });
    expect((await device.read('', WITHIN)).power).toBe('on');
    await device.close();
    expect(service.heard.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual(given);
  });

  it('that wants a new password first says so, and is not called refused', async () => {
    const message = { MessageId: 'Base.1.18.PasswordChangeRequired', Message: 'Change it.' };
    const service = await answering(http(403, { error: { '@Message.ExtendedInfo': [message] } }));
    expect((await service.open({ auth: 'session' }).read('', WITHIN)).why).toMatchObject({
      code: 'redfish-password-must-change',
      lasting: true,
    });
  });

  it('that was refused once is not held back where the device took the same password right after', async () => {
    const held: Array<(answer: string) => void> = [];
    const service = await begin(({ path, socket }) => {
      if (path !== SYSTEM || held.length >= 2) return undefined;
      held.push((answer) => void socket.write(answer));
      return 'nothing';
    });
    const device = service.open({ system: SYSTEM });
    const first = device.read('', WITHIN);
    await expect.poll(() => held.length).toBe(1);
    const second = device.read('', WITHIN);
    await expect.poll(() => held.length).toBe(2);
    held[0]?.(http(401));
    expect((await first).why?.code).toBe('redfish-login-refused');
    held[1]?.(http(404));
    expect((await second).why?.code).not.toBe('redfish-login-refused');
    expect((await device.read('', WITHIN)).power).toBe('on');
  });
});
