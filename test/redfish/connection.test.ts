/** Connections that break, hang, lead elsewhere or say more than they were asked. */
import { describe, expect, it } from 'vitest';
import type { RedfishManners } from '../../hardware-mocks/index.ts';
import { oneStage } from './one-stage.ts';
import { type Stage, WITHIN } from './stage.ts';

const begin = oneStage();
const SYSTEM = '/redfish/v1/Systems/Blade-1';

describe('a connection', () => {
  it('is kept for the next call, also when answers come in chunks', async () => {
    const here = await begin({ manners: { chunked: true } });
    const device = here.open();
    for (let round = 0; round < 4; round += 1) expect((await device.read('', WITHIN)).power).toBe('on');
    expect(here.mock.count).toMatchObject({ connections: 1, requests: 6 });
  });

  it('is made anew where the device will not keep it', async () => {
    const here = await begin({ manners: { refusesKeepAlive: true } });
    const device = here.open();
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect(here.mock.count.connections).toBe(5);
  });

  it('is not even asked to be kept by the quirk connection-close', async () => {
    const here = await begin();
    const device = here.open({ quirks: ['connection-close'] });
    expect((await device.read('', WITHIN)).power).toBe('on');
    expect(here.mock.log.filter((line) => line.startsWith('>')).every((line) => line.includes('Connection: close'))).toBe(true);
    expect(here.mock.count.connections).toBe(3);
  });

  it('that turns out to be dead is replaced once, within the same call', async () => {
    const here = await begin();
    const device = here.open();
    expect((await device.read('', WITHIN)).power).toBe('on');
    here.mock.manners.dropsKeptConnections = true;
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect((await device.read('', WITHIN)).power).toBe('off');
    expect([here.machines[0].lamp, here.machines[0].carriedOut.off]).toEqual([false, 1]);
  });

  it('is closed when nobody has used it for a while', async () => {
    const here = await begin();
    const device = here.open({ idle: '30ms' });
    expect((await device.read('', WITHIN)).power).toBe('on');
    await expect.poll(() => here.mock.open, { timeout: WITHIN.ms }).toBe(0);
    expect((await device.read('', WITHIN)).power).toBe('on');
  });

  it('that hangs does not keep an order from passing', async () => {
    const here = await begin();
    const device = here.open();
    expect((await device.read('', WITHIN)).power).toBe('on');
    const deliver = here.mock.keepBack();
    const hanging = device.read('', WITHIN);
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(here.machines[0].lamp).toBe(false);
    deliver();
    await device.close();
    expect((await hanging).power).toBe('unknown');
  });

  it.each([
    [{ halfOpen: true }, 'redfish-deadline'],
    [{ slowHandshakeMs: 60_000 }, 'redfish-deadline'],
    [{ closesAfterHeaders: true }, 'redfish-connection-lost'],
    [{ truncatesBody: 20 }, 'redfish-connection-lost'],
    [{ padding: 1_100_000 }, 'redfish-unusable-answer'],
    [{ contentEncoding: 'gzip' }, 'redfish-unusable-answer'],
    [{ body: '{"Systems":' }, 'redfish-unusable-answer'],
    [{ body: '{"@odata.id":"/redfish/v1/Systems/Blade-2","PowerState":"Off"}' }, 'redfish-unusable-answer'],
    [{ answersAll: 403 }, 'redfish-not-permitted'],
    [{ answersAll: 403, messageId: 'Base.1.8.PasswordChangeRequired' }, 'redfish-password-must-change'],
    [{ answersAll: 404 }, 'redfish-not-found'],
    [{ answersAll: 500 }, 'redfish-unusable-answer'],
    [{ answersAll: 503, retryAfter: 0 }, 'redfish-busy'],
    [{ answersAll: 503, messageId: 'IDRAC.2.4.RAC0218', retryAfter: 0 }, 'redfish-no-free-session'],
    [{ answersAll: 503, retryAfter: 3_600 }, 'redfish-busy'],
  ] as const)('with %j reads unknown (%s)', async (manners, code) => {
    const here = await begin({ manners });
    const slow = 'halfOpen' in manners || 'slowHandshakeMs' in manners;
    const reading = await here.open().read('', { ms: slow ? 150 : 1_900 });
    expect([reading.power, reading.why?.code]).toEqual(['unknown', code]);
    expect(here.machines[0].lamp).toBe(true);
  });

  it('to a device that is slow to shake hands is waited for', async () => {
    const here = await begin({ manners: { slowHandshakeMs: 120 } });
    expect((await here.open().read('', WITHIN)).power).toBe('on');
  });

  it('to a device that is busy is tried again', async () => {
    const here = await begin({ faults: { seed: 1, faults: [{ kind: 'busy', times: 2 }] }, manners: { retryAfter: 0 } });
    expect((await here.open().read('', WITHIN)).power).toBe('on');
  });

  it('gives its session back although a call hangs, and never takes long over it', async () => {
    const here = await begin();
    const device = here.open({ auth: 'session' });
    expect((await device.read('', WITHIN)).power).toBe('on');
    expect(here.mock.count.sessions.open).toBe(1);
    const deliver = here.mock.keepBack();
    const hanging = device.read('', WITHIN);
    await device.close();
    expect([(await hanging).power, here.mock.count.sessions.open]).toEqual(['unknown', 0]);
    deliver();
    const silent = here.open({ auth: 'session' });
    expect((await silent.read('', WITHIN)).power).toBe('on');
    here.mock.faults.apply({ seed: 1, faults: [{ kind: 'mute' }] });
    await silent.close();
    await expect.poll(() => here.mock.open, { timeout: WITHIN.ms }).toBe(0);
  });
});

describe('a redirection', () => {
  const elsewhere = (mock: Stage['mock']): RedfishManners => mock.manners;

  it.each([301, 302, 303, 307, 308] as const)('of a reading is followed on the device (%i)', async (redirectStatus) => {
    const here = await begin({ manners: { redirectStatus, redirects: { '/redfish/v1/Systems/Old': SYSTEM } } });
    expect(await here.open({ system: '/redfish/v1/Systems/Old' }).read('', WITHIN)).toEqual({ power: 'on', source: `GET ${SYSTEM}` });
  });

  it.each([
    [307, 'accepted'],
    [308, 'accepted'],
    [301, 'unknown'],
    [303, 'unknown'],
  ] as const)('of an order (%i): %s', async (redirectStatus, result) => {
    const path = `${SYSTEM}/Actions/ComputerSystem.Reset`;
    const here = await begin({ manners: { redirectStatus, redirects: { [path]: `${path}/` } } });
    // The mock takes the path with a slash for the same: only the first request is redirected.
    here.mock.redirectsOnce = true;
    expect((await here.open().order('', 'off', WITHIN)).result).toBe(result);
    expect(here.machines[0].lamp).toBe(result !== 'accepted');
  });

  it.each([
    'https://127.0.0.2/x',
    'http://127.0.0.1/x',
    '//other.example/x',
    'https://127.0.0.1:1/x',
    'https://u:p@127.0.0.1/x',
    'file:///etc/passwd',
    '',
  ])('to another place (%s) is not followed', async (to) => {
    const here = await begin();
    elsewhere(here.mock).redirects = { [SYSTEM]: to };
    const result = await here.open().order('', 'off', WITHIN);
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'redfish-elsewhere', lasting: true } });
  });

  it('without end is given up', async () => {
    const here = await begin({ manners: { redirects: { [SYSTEM]: SYSTEM } } });
    expect(await here.open().read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-unusable-answer' } });
    expect(here.mock.count.requests).toBeLessThan(10);
  });
});
