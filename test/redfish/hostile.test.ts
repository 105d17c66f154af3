/** Whatever a device says, only exactly Off is off, links stay on the device, and nothing throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseResource, pathOn, saidIn, texts } from '../../drivers/redfish/resource.ts';
import { normalPin, PDU_SETTINGS, prepare, SYSTEM_SETTINGS } from '../../drivers/redfish/settings.ts';
import { isUuid, sameUuid } from '../../drivers/redfish/members.ts';
import { checkSettings } from '../../drivers/kit/contract.ts';
import { type Stage, stage, WITHIN } from './stage.ts';

const ORIGIN = 'https://192.0.2.1:443';

describe('hostile resources', () => {
  it('never read off but for exactly Off', { timeout: 60_000 }, async () => {
    const here: Stage = await stage();
    const device = here.open({ system: '/redfish/v1/Systems/Blade-1' });
    const words = fc.constantFrom('off', 'OFF', ' Off', 'Off\u0000', 'Оff', 'On', 'PoweringOff', '');
    const value = fc.oneof(words, fc.string(), fc.jsonValue());
    try {
      await fc.assert(
        fc.asyncProperty(value, fc.dictionary(fc.string(), fc.jsonValue()), async (PowerState, more) => {
          here.mock.manners.body = JSON.stringify({ ...more, PowerState, '@odata.id': '/redfish/v1/Systems/Blade-1' });
          const { power, why } = await device.read('', WITHIN);
          expect(power).toBe(PowerState === 'Off' ? 'off' : PowerState === 'On' ? 'on' : 'unknown');
          expect(why === undefined).toBe(power !== 'unknown');
        }),
        { numRuns: 150 },
      );
    } finally {
      await here.end();
    }
  });

  it('any text is parsed or not, and its messages are short', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const resource = parseResource(text);
        expect(saidIn(resource).text.length).toBeLessThan(64 * 1024);
        expect(Array.isArray(texts(resource) ?? [])).toBe(true);
      }),
    );
  });
});

describe('links', () => {
  it('lead to a path on the device, or nowhere', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.webPath(), fc.anything()), (link) => {
        const path = pathOn(ORIGIN, link);
        if (path === undefined) return;
        expect(path.startsWith('/')).toBe(true);
        expect(new URL(path, ORIGIN).origin).toBe(new URL(ORIGIN).origin);
        expect(/[\s\\]/.test(path)).toBe(false);
      }),
    );
  });

  it.each([
    ['/redfish/v1/Systems/1', '/redfish/v1/Systems/1'],
    ['https://192.0.2.1/redfish/v1/', '/redfish/v1/'],
    ['https://192.0.2.1:443/x?y=1#z', '/x?y=1'],
    ['//192.0.2.2/x', undefined],
    ['/.//192.0.2.2/x', undefined],
    ['https://192.0.2.1//192.0.2.2/x', undefined],
    ['https://192.0.2.1:8443/x', undefined],
    ['http://192.0.2.1/x', undefined],
    ['https://192.0.2.1@192.0.2.2/x', undefined],
    ['https://u:p@192.0.2.1/x', undefined],
    ['/x\r\nHost: other', undefined],
    ['\\\\192.0.2.2\\x', undefined],
    ['javascript:alert(1)', undefined],
    ['', undefined],
  ])('%j: %s', (link, path) => expect(pathOn(ORIGIN, link)).toBe(path));
});

describe('settings', () => {
  it('take pins in every spelling for the same', () => {
    const pin = Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':');
    for (const spelt of [pin, pin.toLowerCase(), pin.replaceAll(':', ''), `SHA256:${pin}`, `sha-256=${pin}`]) {
      expect(normalPin(spelt)).toBe(pin);
      const raw = { host: 'bmc', username: 'u', tls: { pins: [spelt] } };
      expect(checkSettings(SYSTEM_SETTINGS, raw).problems.map(({ path }) => path)).toEqual(['password']);
      expect(typeof prepare(checkSettings(PDU_SETTINGS, raw).settings)).toBe('object');
    }
    for (const wrong of [pin.slice(3), `${pin}:00`, 'sha1:00', pin.replace('0', 'g')]) {
      expect(
        checkSettings(SYSTEM_SETTINGS, { host: 'bmc', username: 'u', tls: { pins: [wrong] } }).problems.map(({ path }) => path),
      ).toContain('tls.pins[0]');
    }
  });

  it('compare UUIDs by their digits alone', () => {
    const uuid = '4C4C4544-0042-3510-8052-B9C04F4E3732';
    expect([isUuid(uuid), sameUuid(uuid, uuid.toLowerCase()), sameUuid(uuid.replaceAll('-', ''), uuid)]).toEqual([true, true, true]);
    expect([isUuid('437XR1138R2'), sameUuid(undefined, uuid), sameUuid('', ''), sameUuid(uuid, `${uuid.slice(0, -1)}3`)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
