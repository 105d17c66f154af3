/** How a device comes to be trusted by its certificate: from a file, or asked for; when it is asked, and when not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyName } from '../../drivers/ssh/key-names.ts';
import type { Scan } from '../../drivers/ssh/keyscan.ts';
import { RunningDeadline } from '../../drivers/kit/deadline.ts';
import { deadlineTexts } from '../../drivers/ssh/problems.ts';
import { DeviceTrust, type Trust, type TrustSettings } from '../../drivers/ssh/trust.ts';
import { freshKeyPair } from '../../hardware-mocks/ssh/index.ts';
import { readKey } from '../../hardware-mocks/ssh/keys.ts';
import { authority, certificateLine, certify, deviceKey } from './authority.ts';
import { hostKeyPair, type Rack, rack } from './rack.ts';

const USUAL = { ms: 5_000 };
const where = { device: 'pdu-a', address: '192.0.2.1:22' };
const CA = authority();
const K = readKey(hostKeyPair.publicKey)?.getPublicSSH() ?? Buffer.alloc(0);
const NOW = 1_800_000_000;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trust-'));
});
afterEach(() => rm(folder, { recursive: true }));
const written = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

describe('what is gathered before a connection', () => {
  let now = NOW * 1000;
  let asked = 0;
  let offers: readonly Uint8Array[] = [];
  beforeEach(() => {
    [now, asked, offers] = [NOW * 1000, 0, [certify({ key: K, by: CA, principals: ['pdu-a.example'], before: BigInt(NOW) + 60n })]];
  });
  const scan: Scan = ({ host, port }) => {
    asked += 1;
    expect([host, port]).toEqual(['PDU-A.example', 2222]);
    return Promise.resolve({ certificates: offers, why: 'it offers none' });
  };
  const trust = (more: Partial<TrustSettings>): DeviceTrust => {
    const settings = {
      host: 'PDU-A.example',
      port: 2222,
      hostKey: undefined,
      knownHosts: undefined,
      authorities: [],
      certificateFile: undefined,
    };
    return new DeviceTrust({ ...settings, ...more }, where, { now: () => now }, scan);
  };
  const gather = async (from: DeviceTrust, afresh = false): Promise<Trust> => {
    const tools = { now: () => now, after: () => () => undefined, random: () => 0, bytes: () => new Uint8Array(), debug: () => undefined };
    const deadline = new RunningDeadline(tools, where, USUAL, deadlineTexts);
    const gathered = await from.gather(deadline, afresh);
    deadline.end();
    if ('code' in gathered) throw new Error(gathered.says);
    return gathered;
  };
  const codeOf = (result: object): unknown => ('code' in result ? result.code : 'admitted');

  it('asks the device once, and remembers what it was admitted by for as long as that is valid', async () => {
    const device = trust({ authorities: [CA.blob] });
    const first = await gather(device);
    expect([codeOf(first.judge.judge(K)), first.improvable, asked]).toEqual(['admitted', false, 1]);
    now += 59_999;
    const second = await gather(device);
    expect([codeOf(second.judge.judge(K)), second.improvable, asked]).toEqual(['admitted', true, 1]);
    now += 1;
    const third = await gather(device);
    expect([codeOf(third.judge.judge(K)), third.improvable, asked]).toEqual(['ssh-host-certificate-refused', false, 2]);
  });

  it('asks again where the device shows another key than the one that is remembered', async () => {
    const device = trust({ authorities: [CA.blob] });
    (await gather(device)).judge.judge(K);
    const renewed = deviceKey();
    offers = [certify({ key: renewed, by: CA, principals: ['pdu-a.example'] })];
    const stale = await gather(device);
    expect([codeOf(stale.judge.judge(renewed)), stale.improvable]).toEqual(['ssh-host-certificate-missing', true]);
    const fresh = await gather(device, true);
    expect([codeOf(fresh.judge.judge(renewed)), codeOf(fresh.judge.judge(K)), fresh.improvable, asked]).toEqual([
      'admitted',
      'ssh-host-certificate-missing',
      false,
      2,
    ]);
  });

  it('does not remember what was refused', async () => {
    const device = trust({ authorities: [CA.blob] });
    (await gather(device)).judge.judge(deviceKey());
    await gather(device);
    expect(asked).toBe(2);
  });

  it('does not ask where a key is known without, until that one is not shown', async () => {
    const device = trust({ authorities: [CA.blob], hostKey: [keyName(deviceKey())] });
    const first = await gather(device);
    expect([codeOf(first.judge.judge(K)), first.improvable, asked]).toEqual(['ssh-host-key-changed', true, 0]);
    expect(codeOf((await gather(device, true)).judge.judge(K))).toBe('admitted');
    expect(asked).toBe(1);
  });

  it('does not ask where no authority is trusted, or a file holds the certificates', async () => {
    expect((await gather(trust({ hostKey: [keyName(K)] }), true)).improvable).toBe(false);
    const certificateFile = await written('cert.pub', certificateLine(certify({ key: K, by: CA, principals: ['pdu-a.example'] })));
    const filed = await gather(trust({ authorities: [CA.blob], certificateFile }), true);
    expect([codeOf(filed.judge.judge(K)), filed.improvable, asked]).toEqual(['admitted', false, 0]);
  });

  it('takes the authorities of a known_hosts file for the names that they are trusted for, and its revocations', async () => {
    const file = async (text: string): Promise<DeviceTrust> => trust({ knownHosts: await written('known_hosts', text) });
    const admitted = async (text: string): Promise<unknown> => codeOf((await gather(await file(text))).judge.judge(K));
    expect(await admitted(`@cert-authority [*.example]:2222 ${CA.line}`)).toBe('admitted');
    expect(await admitted(`@cert-authority *.example ${CA.line}`)).toBe('ssh-host-key-unknown');
    expect(await admitted(`@cert-authority [*.elsewhere]:2222 ${CA.line}`)).toBe('ssh-host-key-unknown');
    expect(await admitted(`@cert-authority * ${authority().line}`)).toBe('ssh-host-certificate-refused');
    expect(await admitted(`@cert-authority * ${CA.line}\n@revoked * ${CA.line}`)).toBe('ssh-host-certificate-refused');
    expect(await admitted(`@cert-authority * ${CA.line}\n@revoked * ssh-ed25519 ${K.toString('base64')}`)).toBe('ssh-host-key-revoked');
    expect(await admitted(`* ${CA.line}`)).toBe('ssh-host-key-changed');
    const [certificate] = offers;
    const chain = Buffer.from(certificate ?? []);
    offers = [certify({ key: K, by: CA, principals: ['pdu-a.example'], signatureKey: chain })];
    expect(await admitted(`@cert-authority * ${certificateLine(chain)}`)).toBe('ssh-host-certificate-refused');
  });

  it('says so where a file is missing, too large, no file, or holds no certificate', async () => {
    const tools = { now: () => now, after: () => () => undefined, random: () => 0, bytes: () => new Uint8Array(), debug: () => undefined };
    const deadline = new RunningDeadline(tools, where, USUAL, deadlineTexts);
    for (const [certificateFile, why] of [
      [join(folder, 'none'), 'ENOENT'],
      [folder, 'no file'],
      [await written('large', 'x'.repeat(300_000)), 'larger than'],
      [await written('other', CA.line), 'holds no certificate'],
    ] as const) {
      const gathered = await trust({ authorities: [CA.blob], certificateFile }).gather(deadline);
      expect(gathered).toMatchObject({ code: 'ssh-host-certificate-unreadable', says: expect.stringContaining(why) });
    }
    expect(await trust({ knownHosts: folder }).gather(deadline)).toMatchObject({ code: 'ssh-known-hosts-unreadable' });
    deadline.end();
  });
});

describe('a device with a certificate in a file', () => {
  const racks: Rack[] = [];
  afterEach(async () => void (await Promise.all(racks.splice(0).map((one) => one.close()))));
  const start = async (...options: Parameters<typeof rack>): Promise<Rack> => {
    const started = await rack(...options);
    racks.push(started);
    return started;
  };
  const byCa = (file: string) => ({ hostKey: undefined, hostCa: [CA.line], hostCertificate: file });

  it('is switched, and check says who vouches for it', async () => {
    const { open, lamp } = await start('libvirt');
    const opened = open(byCa(await written('cert.pub', certificateLine(certify({ key: K, by: CA })))));
    expect(await opened.order('db1', 'off', USUAL)).toEqual({ result: 'accepted' });
    expect(lamp('db1')).toBe('off');
    expect((await opened.check(USUAL)).found[0]).toContain(
      `host key vouched for by the certificate "pdu-a" (serial 7) of the CA ${keyName(CA.blob)}`,
    );
  });

  it('is asked for the key that is certified, not for its best one', async () => {
    const rsa = freshKeyPair('rsa');
    const { open } = await start('libvirt', { hostKeys: [hostKeyPair.privateKey, rsa.privateKey] });
    const key = readKey(rsa.publicKey)?.getPublicSSH() ?? Buffer.alloc(0);
    const opened = open(byCa(await written('cert.pub', certificateLine(certify({ key, by: CA })))));
    expect(await opened.read('db1', USUAL)).toMatchObject({ power: 'on' });
  });

  it('of which a key of another type is pinned is asked for any other as well, as a certificate may vouch for that one', async () => {
    const { open, mock } = await start('libvirt');
    const pinned = `ssh-rsa SHA256:${'A'.repeat(43)}`;
    const reading = await open({ hostKey: [pinned], hostCa: [CA.line] }).read('db1', { ms: 20_000 });
    expect(reading).toMatchObject({ power: 'unknown', why: { code: 'ssh-host-key-changed' } });
    for (const part of [pinned, keyName(K), 'no certificate vouches for it']) expect(reading.why?.says).toContain(part);
    expect(mock.count.logins).toBe(0);
  });

  it('that shows another key is refused, nothing is sent, and no login is tried', async () => {
    const { open, mock, lamp } = await start('libvirt');
    const opened = open(byCa(await written('cert.pub', certificateLine(certify({ key: deviceKey(), by: CA })))));
    expect(await opened.order('db1', 'off', USUAL)).toMatchObject({ result: 'rejected', why: { code: 'ssh-host-certificate-missing' } });
    const wrong = open(byCa(await written('wrong.pub', certificateLine(certify({ key: K, by: CA, principals: ['localhost'] })))));
    expect(await wrong.order('db1', 'off', USUAL)).toMatchObject({
      result: 'rejected',
      why: { code: 'ssh-host-certificate-refused', lasting: true },
    });
    expect([mock.count.logins, mock.log.length, lamp('db1')]).toEqual([0, 0, 'on']);
  });

  it('is not begun with settings that make no sense', async () => {
    const { open, mock } = await start('libvirt');
    for (const [more, why] of [
      [{ hostKey: undefined, hostCa: [] }, 'hostKey, knownHosts or hostCa is needed'],
      [{ hostCertificate: '/x' }, 'hostCertificate is worth what its CA is'],
      [{ hostCa: [CA.line, certificateLine(certify({ key: K, by: CA })).trim()] }, 'hostCa[1]: a certificate cannot'],
      [{ hostCa: ['ssh-dss AAAAB3NzaC1kc3MAAAABAAAAAQ=='] }, 'hostCa[0]: keys of the type "ssh-dss"'],
    ] as const) {
      expect(await open(more).order('db1', 'off', USUAL)).toMatchObject({
        result: 'rejected',
        why: { code: 'ssh-settings', says: expect.stringContaining(why) },
      });
    }
    expect(() => open({ hostCa: ['/etc/ssh/ca.pub'] })).toThrow('does not have the expected form');
    expect(() => open({ host: '-oProxyCommand' })).toThrow('host');
    expect(mock.count.connections).toBe(0);
  });
});
