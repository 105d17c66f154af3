/** Power strips, and what check and discover tell. */
import { describe, expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { discoverService } from '../../drivers/redfish/discover.ts';
import { driver as pdu } from '../../drivers/redfish/pdu.ts';
import { makeCertificate, VirtualClock } from '../../hardware-mocks/index.ts';
import { oneStage } from './one-stage.ts';
import { READER, type Stage, WITHIN } from './stage.ts';

const begin = oneStage();
const closed = ({ relays }: Stage): readonly boolean[] => [...relays.values()].map((relay) => relay.closed);

describe('an outlet', () => {
  it('is switched alone, and read with its load', async () => {
    const here = await begin();
    here.relays.get('A2')?.attach(() => 230);
    const strip = here.open({}, pdu);
    expect(await strip.read('A2', WITHIN)).toMatchObject({ power: 'on', watts: 230, amps: 1 });
    expect(await strip.order('A2', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(closed(here)).toEqual([true, false, true, true]);
    expect(await strip.read('A2', WITHIN)).toMatchObject({ power: 'off', watts: 0 });
    expect(await strip.order('A2', 'on', WITHIN)).toEqual({ result: 'accepted' });
    expect(closed(here)).toEqual([true, true, true, true]);
  });

  it('reads unknown while it is in transition', async () => {
    const clock = new VirtualClock();
    const here = await begin({ clock });
    const relay = here.relays.get('A1');
    if (relay !== undefined) relay.delayMs = 80;
    const strip = here.open({}, pdu);
    expect(await strip.order('A1', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(await strip.read('A1', WITHIN)).toMatchObject({
      power: 'unknown',
      why: { says: expect.stringMatching(/PoweringOff.*in transition/) },
    });
    clock.advance(80);
    expect((await strip.read('A1', WITHIN)).power).toBe('off');
    expect(relay?.closed).toBe(false);
  });

  it('that is locked is not ordered, and stays so', async () => {
    const here = await begin();
    here.held.add('A3');
    const strip = here.open({}, pdu);
    expect(await strip.order('A3', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'redfish-outlet-locked', lasting: true },
    });
    expect(here.mock.log.filter((line) => line.startsWith('> POST'))).toEqual([]);
    expect((await strip.read('A3', WITHIN)).power).toBe('on');
  });

  it('is listed with the others', async () => {
    const here = await begin();
    here.relays.get('A4')?.order('off');
    const listed = (await here.open({}, pdu).list?.(WITHIN)) ?? [];
    if ('code' in listed) throw new Error(listed.says);
    expect(listed.map(({ plug, name, reading }) => `${plug} ${name ?? ''} ${reading.power}`)).toEqual([
      'A1 Outlet A1 on',
      'A2 Outlet A2 on',
      'A3 Outlet A3 on',
      'A4 Outlet A4 off',
    ]);
  });

  it('of one of two strips needs the strip to be named', async () => {
    const here = await begin();
    const relays = new Map([...here.relays]);
    await here.end();
    const two = await begin({ strips: ['left', 'right'].map((id) => ({ id, outlets: relays })) });
    expect(await two.open({}, pdu).order('A1', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'redfish-ambiguous' } });
    expect(await two.open({ pdu: 'SN-right' }, pdu).order('A1', 'off', WITHIN)).toEqual({ result: 'accepted' });
  });

  it('does not exist on a device without power equipment', async () => {
    const here = await begin({ strips: [] });
    expect(await here.open({}, pdu).order('A1', 'off', WITHIN)).toMatchObject({ result: 'unknown', why: { code: 'redfish-no-action' } });
  });
});

describe('check', () => {
  it('tells what it found, and switches nothing', async () => {
    const here = await begin({ vendor: 'Dell', product: 'Integrated Dell Remote Access Controller' });
    const { ok, found, identity } = await here.open().check(WITHIN);
    expect(ok).toBe(true);
    expect(identity).toEqual({ guid: expect.stringMatching(/^[0-9a-f]{32}$/), serial: 'SN-db1', maker: 'bailiff', name: 'db1' });
    expect(found.join('\n')).toMatch(
      /Redfish 1\.17\.0 of Dell.*\nTLSv1\.3, certificate (?:[0-9A-F]{2}:){31}.*\nlogged in as fencer by password\nsystem \/redfish\/v1\/Systems\/Blade-1: .*SN-db1/,
    );
    expect(found.join('\n')).toMatch(
      /no uuid or serial is configured.*\nreads on\nwhen the mains come back: LastState\niDRAC has few sessions.*\ntakes ForceOff and On\nuser fencer may switch: its role Operator has ConfigureComponents$/,
    );
    expect(here.mock.log.filter((line) => line.startsWith('> POST'))).toEqual([]);
  });

  it.each([
    ['ended', { to: new Date(Date.now() - 1_000) }, /the certificate ended on/],
    ['will end soon', { to: new Date(Date.now() + 10 * 86_400_000) }, /the certificate ends on .*pin its successor/],
    ['has not begun', { from: new Date(Date.now() + 86_400_000) }, /begins only on .*a clock is wrong/],
  ])('warns of a pinned certificate that %s', async (_when, dates, says) => {
    const here = await begin({ certificate: makeCertificate({ name: 'bmc', ...dates }) });
    const { ok, found } = await here.open().check(WITHIN);
    expect([ok, found.find((line) => says.test(line)) !== undefined]).toEqual([true, true]);
  });

  it.each([
    [{ resetTypes: ['On', 'GracefulShutdown'] }, 'redfish-not-offered'],
    [{ noActions: true }, 'redfish-no-action'],
    [{ powerState: null }, 'redfish-power-unknown'],
    [{ answersAll: 403 }, 'redfish-not-permitted'],
  ] as const)('is not content with %j', async (manners, code) => {
    const here = await begin({ manners });
    const { ok, problem } = await here.open().check(WITHIN);
    expect([ok, problem?.code]).toEqual([false, code]);
  });

  it('finds the outlets of a strip', async () => {
    const here = await begin();
    const { ok, found } = await here.open({}, pdu).check(WITHIN);
    expect([ok, found.slice(-2)]).toEqual([
      true,
      ['has 4 outlets: A1, A2, A3, A4', 'user fencer may switch: its role Operator has ConfigureComponents'],
    ]);
  });
});

describe('discover', () => {
  it('shows the fingerprint to pin and sends no password', async () => {
    const here = await begin({ vendor: 'bailiff' });
    const tools = watchedTools(realClock);
    const service = await discoverService({ device: 'new', host: '127.0.0.1', port: here.mock.port }, tools, WITHIN);
    expect(service).toMatchObject({
      fingerprint: here.mock.certificate?.fingerprint,
      vendor: 'bailiff',
      version: '1.17.0',
      systems: undefined,
      powerEquipment: true,
    });
    expect(here.mock.log.some((line) => /authorization|x-auth-token/i.test(line))).toBe(false);
    expect([here.mock.count.logins, tools.liveTimers()]).toEqual([0, 0]);
    await expect.poll(() => here.mock.open, { timeout: WITHIN.ms }).toBe(0);
  });

  it('says so where there is no Redfish service', async () => {
    const here = await begin({ certificate: 'plain' });
    const service = await discoverService({ device: 'new', host: '127.0.0.1', port: here.mock.port }, watchedTools(realClock), WITHIN);
    expect(service).toMatchObject({ code: 'redfish-tls-failed' });
  });
});

describe('a reader', () => {
  it('may look at outlets and not switch them', async () => {
    const { Secret } = await import('../../drivers/kit/contract.ts');
    const here = await begin();
    const strip = here.open({ username: READER.name, password: Secret.fixed(READER.password) }, pdu);
    expect((await strip.read('A1', WITHIN)).power).toBe('on');
    expect(await strip.order('A1', 'off', WITHIN)).toMatchObject({
      result: 'rejected',
      why: { code: 'redfish-not-permitted', lasting: true },
    });
    expect(closed(here)).toEqual([true, true, true, true]);
  });
});
