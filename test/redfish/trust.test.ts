/** Who gets the password: the device that is pinned or vouched for, and nobody else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../hardware-mocks/index.ts';
import { type Stage, stage, WITHIN } from './stage.ts';

let on: Stage | undefined;
let folder: string;
const begin = async (...given: Parameters<typeof stage>): Promise<Stage> => {
  on = await stage(...given);
  return on;
};
const pem = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-trust-'));
});
afterEach(async () => {
  await on?.end();
  on = undefined;
  rmSync(folder, { recursive: true, force: true });
});

describe('a pinned certificate', () => {
  it.each([
    ['as Node shows it', (pin: string) => pin],
    ['in lower case without colons', (pin: string) => pin.replaceAll(':', '').toLowerCase()],
    ['as openssl prints it', (pin: string) => `sha256=${pin}`],
  ])('is known %s', async (_how, spell) => {
    const here = await begin();
    const pins = [`${'00:'.repeat(31)}00`, spell(here.mock.certificate?.fingerprint ?? '')];
    expect((await here.open({ tls: { pins } }).read('', WITHIN)).power).toBe('on');
  });

  it('that changed is refused with both fingerprints shown, and nothing is sent', async () => {
    const here = await begin();
    const device = here.open();
    expect((await device.read('', WITHIN)).power).toBe('on');
    const before = here.mock.certificate?.fingerprint ?? '';
    const { requests } = here.mock.count;
    here.mock.changeCertificate(makeCertificate({ name: 'somebody else' }));
    here.mock.dropConnections();
    expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-certificate-changed', lasting: true } });
    const result = await device.order('', 'off', WITHIN);
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'redfish-certificate-changed', lasting: true } });
    expect('why' in result && result.why.says.includes(before) && result.why.says.includes(here.mock.certificate?.fingerprint ?? '?')).toBe(
      true,
    );
    expect([here.mock.count.requests, here.machines[0].lamp]).toEqual([requests, true]);
  });
});

describe('a certificate authority', () => {
  const authority = makeCertificate({ name: 'house CA', isAuthority: true });

  it('vouches for the devices that it signed', async () => {
    const here = await begin({ certificate: makeCertificate({ name: 'bmc', issuer: authority }) });
    const tls = { ca: pem('ca.pem', authority.certificate) };
    expect((await here.open({ tls }).read('', WITHIN)).power).toBe('on');
  });

  it.each([
    ['signed by somebody else', makeCertificate({ name: 'bmc' }), undefined],
    ['for another name', makeCertificate({ name: 'bmc', issuer: authority, alternatives: ['other.example'] }), undefined],
    ['for the address, when a name is expected', makeCertificate({ name: 'bmc', issuer: authority }), 'bmc.example'],
    ['that ended', makeCertificate({ name: 'bmc', issuer: authority, to: new Date(Date.now() - 1000) }), undefined],
    ['that has not begun', makeCertificate({ name: 'bmc', issuer: authority, from: new Date(Date.now() + 86_400_000) }), undefined],
  ])('does not vouch for one %s', async (_which, certificate, serverName) => {
    const here = await begin({ certificate });
    const tls = { ca: pem('ca.pem', authority.certificate), ...(serverName === undefined ? {} : { serverName }) };
    const result = await here.open({ tls }).order('', 'off', WITHIN);
    expect(result).toMatchObject({ result: 'rejected', why: { code: 'redfish-certificate-refused', lasting: true } });
    expect([here.mock.count.requests, here.machines[0].lamp]).toEqual([0, true]);
  });

  it('vouches by the name in the certificate where that is given', async () => {
    const here = await begin({ certificate: makeCertificate({ name: 'bmc', issuer: authority, alternatives: ['bmc.example'] }) });
    const tls = { ca: pem('ca.pem', authority.certificate), serverName: 'bmc.example' };
    expect((await here.open({ tls }).read('', WITHIN)).power).toBe('on');
  });

  it.each(['', 'no certificate'])('is no empty file: that would trust the whole world (%j)', async (text) => {
    const here = await begin();
    const reading = await here.open({ tls: { ca: pem('ca.pem', text) } }).read('', WITHIN);
    expect([reading.power, reading.why?.code, here.mock.count.connections]).toEqual(['unknown', 'redfish-ca-unreadable', 0]);
  });
});

describe('settings', () => {
  it.each([
    [{ tls: undefined }, /tls.ca or tls.pins is needed/],
    [{ tls: {} }, /tls.ca or tls.pins is needed/],
    [{ insecure: true }, /leave tls and legacyTls out/],
    [{ tls: { ca: '/a', pins: ['0'.repeat(64)] } }, /give one of them/],
  ])('%j are refused, and nothing is sent', async (settings, says) => {
    const here = await begin();
    const device = here.open(settings);
    const result = await device.order('', 'off', WITHIN);
    expect(result).toMatchObject({
      result: 'rejected',
      why: { code: 'redfish-settings', lasting: true, says: expect.stringMatching(says) },
    });
    expect((await device.read('', WITHIN)).power).toBe('unknown');
    expect((await device.check(WITHIN)).ok).toBe(false);
    expect(here.mock.count.connections).toBe(0);
  });

  it('allow plain HTTP only when it is asked for, and check warns of it', async () => {
    const here = await begin({ certificate: 'plain' });
    const device = here.open();
    expect(await device.order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect((await device.check(WITHIN)).found.join('\n')).toMatch(/warning: plain HTTP/);
    const tls = here.open({ insecure: false, tls: { pins: ['0'.repeat(64)] } });
    expect(await tls.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-tls-failed' } });
  });

  it('take old TLS only when it is asked for', async () => {
    const here = await begin({ newestTls: 'TLSv1.1' });
    expect(await here.open().read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-tls-failed' } });
    expect((await here.open({ legacyTls: true }).read('', WITHIN)).power).toBe('on');
  });
});

describe('the certificates of the mock', () => {
  it('are what they say', () => {
    const issuer = makeCertificate({ name: 'ca', isAuthority: true });
    const made = makeCertificate({ name: 'bmc', issuer, to: new Date('2060-01-02T03:04:05Z'), alternatives: ['a.example', '10.0.0.7'] });
    const read = new X509Certificate(made.certificate);
    expect([read.subject, read.issuer, read.ca]).toEqual(['CN=bmc', 'CN=ca', false]);
    expect([read.checkHost('a.example'), read.checkIP('10.0.0.7'), read.checkIP('10.0.0.8')]).toEqual(['a.example', '10.0.0.7', undefined]);
    expect(new Date(read.validTo).toISOString()).toBe('2060-01-02T03:04:05.000Z');
    expect(read.verify(new X509Certificate(issuer.certificate).publicKey)).toBe(true);
    expect(new X509Certificate(issuer.certificate).ca).toBe(true);
  });
});
