/** A strip that names its outlets by other paths than before: each is found again by its id. */
import { afterEach, describe, expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import type { PowerDriver } from '../../drivers/kit/contract.ts';
import { driver as pdu } from '../../drivers/redfish/pdu.ts';
import { http, type PlainService, plainService, type Says } from './plain-service.ts';
import { WITHIN } from './stage.ts';

let on: PlainService | undefined;
afterEach(async () => {
  await on?.end();
  on = undefined;
});

describe('outlets whose paths have changed', () => {
  const EQUIPMENT = '/redfish/v1/PowerEquipment';
  const STRIP = `${EQUIPMENT}/RackPDUs/1`;
  const link = (path: string): object => ({ '@odata.id': path });
  /** A strip whose outlet A1 is at `now.base`. */
  const strip = (now: { base: string; gone?: boolean }): Says => {
    return ({ method, path }) => {
      const outlet = `${now.base}/A1`;
      const control = `${outlet}/Actions/Outlet.PowerControl`;
      if (method === 'POST') return http(path === control ? 204 : 404);
      const known: Readonly<Record<string, object>> = {
        '/redfish/v1/': { PowerEquipment: link(EQUIPMENT) },
        [EQUIPMENT]: { RackPDUs: link(`${EQUIPMENT}/RackPDUs`) },
        [`${EQUIPMENT}/RackPDUs`]: { Members: [link(STRIP)] },
        [STRIP]: { Outlets: link(`${STRIP}/Outlets`) },
        [`${STRIP}/Outlets`]: { Members: [link(outlet)] },
        [outlet]: { PowerState: 'Off', Actions: { '#Outlet.PowerControl': { target: control } } },
      };
      const body = now.gone === true && path === outlet ? undefined : known[path];
      return body === undefined ? http(404) : http(200, { '@odata.id': path, ...body });
    };
  };
  const begun = async (): Promise<{
    readonly now: { base: string; gone?: boolean };
    readonly service: PlainService;
    readonly device: PowerDriver;
  }> => {
    const now: { base: string; gone?: boolean } = { base: `${STRIP}/Outlets` };
    const service = await plainService(strip(now));
    on = service;
    const device = service.open({}, watchedTools(realClock), pdu);
    expect(await device.read('A1', WITHIN)).toMatchObject({ power: 'off', source: `GET ${STRIP}/Outlets/A1` });
    return { now, service, device };
  };

  it('are found again, for a reading and for an order', async () => {
    const { now, service, device } = await begun();
    now.base = '/redfish/v1/Outlets';
    expect(await device.read('A1', WITHIN)).toMatchObject({ power: 'off', source: 'GET /redfish/v1/Outlets/A1' });
    now.base = '/redfish/v1/Elsewhere';
    expect(await device.order('A1', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(service.heard.flatMap(({ method, path }) => (method === 'POST' ? [path] : []))).toEqual([
      '/redfish/v1/Elsewhere/A1/Actions/Outlet.PowerControl',
    ]);
  });

  it('are looked for once, not without end', async () => {
    const { now, service, device } = await begun();
    const before = service.heard.length;
    now.gone = true;
    expect(await device.read('A1', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-not-found' } });
    expect(service.heard.slice(before).filter(({ path }) => path === `${STRIP}/Outlets/A1`)).toHaveLength(2);
  });
});
