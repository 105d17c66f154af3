/** What a host certificate is worth: by whom, for whom, from when until when, and that nothing else is taken for one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Authorities, describe as told, judged } from '../../drivers/ssh/certificates.ts';
import { certificatesIn, parseCertificate } from '../../drivers/ssh/codec/certificate.ts';
import { authorityFault, signatureFault } from '../../drivers/ssh/codec/signature.ts';
import { judgeHostKey, keysInKnownHosts, type PlainKeys, pinnedKeys } from '../../drivers/ssh/host-keys.ts';
import { fingerprint, keyName } from '../../drivers/ssh/key-names.ts';
import { authority, type AuthorityType, certificateLine, certify, deviceKey, type Statement, string } from './authority.ts';

const where = { device: 'pdu-a', address: '192.0.2.1:22' };
const K = deviceKey();
const CA = authority();
const OTHER = authority();
const NOW = 1_800_000_000n;
const by = (more: Partial<Authorities> = {}): Authorities => ({
  name: '127.0.0.1',
  trusted: [CA.blob],
  revoked: [],
  nowMs: Number(NOW) * 1000 + 999,
  ...more,
});
const faultOf = (statement: Partial<Statement> = {}, more: Partial<Authorities> = {}): string | undefined => {
  const [offered, ...rest] = judged([certify({ key: K, by: CA, ...statement })], by(more));
  expect(rest).toEqual([]);
  if (offered === undefined) throw new Error('it was not read');
  return offered.fault;
};

describe('a host certificate', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('by a CA with a key of the type %s is taken, whatever the type of the device', (type) => {
    const ca = authority(type);
    for (const keyType of ['ed25519', 'ecdsa', 'rsa'] as const) {
      const key = deviceKey(keyType);
      expect(faultOf({ key, by: ca }, { trusted: [ca.blob] }), keyType).toBeUndefined();
      expect(parseCertificate(certify({ key, by: ca }))).toMatchObject({ key, kind: 'host', serial: 7n, authority: ca.blob });
    }
  });

  it('with RSA is taken with SHA-2 and refused with SHA-1 or a key that is too short', () => {
    const ca = authority('rsa');
    for (const algorithm of ['rsa-sha2-256', 'rsa-sha2-512'])
      expect(faultOf({ by: ca, algorithm }, { trusted: [ca.blob] })).toBeUndefined();
    expect(faultOf({ by: ca, algorithm: 'ssh-rsa' }, { trusted: [ca.blob] })).toBe('it is signed with SHA-1');
    expect(faultOf({ by: ca, algorithm: 'ssh-ed25519' }, { trusted: [ca.blob] })).toContain('unknown way');
    const short = authority('rsa', 1024);
    expect(faultOf({ by: short }, { trusted: [short.blob] })).toContain('1024 bits');
  });

  it('with a small number in its ECDSA signature is taken: leading zeros are left out there', () => {
    const ca = authority('ecdsa');
    const lengths = new Set<number>();
    for (let serial = 0n; serial < 600n; serial += 1n) {
      const certificate = parseCertificate(certify({ key: K, by: ca, serial }));
      if (typeof certificate === 'string') throw new Error(certificate);
      lengths.add(certificate.signature.length);
      expect(signatureFault(ca.blob, certificate.signed, certificate.signature)).toBeUndefined();
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  it.each<[string, Partial<Statement>, Partial<Authorities>, string]>([
    ['a user', { kind: 1 }, {}, 'of the kind user'],
    ['neither user nor host', { kind: 3 }, {}, 'of the kind other'],
    ['another CA', { by: OTHER }, {}, `trusted is ${keyName(CA.blob)}`],
    ['a CA that is said to be ours', { by: OTHER, signatureKey: CA.blob }, {}, 'not that of the authority'],
    ['an algorithm that is not that of the CA', { algorithm: 'rsa-sha2-256' }, {}, 'unknown way'],
    ['another name', { principals: ['pdu-b.example', 'pdu-a'] }, {}, 'does not name "127.0.0.1"'],
    ['a name that only begins alike', { principals: ['127.0.0'] }, {}, 'does not name'],
    ['a pattern of names', { principals: ['127.0.0.*', '*', '127.0.0.?'] }, {}, 'does not name'],
    ['nobody', { principals: [] }, {}, 'names no principal'],
    ['a time to come', { after: NOW + 1n }, {}, 'not yet valid'],
    ['a time gone by', { before: NOW }, {}, 'has expired'],
    ['an unknown purpose', { critical: [['force-command', 'x']] }, {}, 'critical option "force-command"'],
    ['a CA whose key is revoked', {}, { revoked: [CA.blob] }, 'authority is @revoked'],
    ['a key that is revoked', {}, { revoked: [K] }, 'it certifies is @revoked'],
  ])('for or by %s is refused', (_title, statement, more, fault) => {
    expect(faultOf(statement, more)).toContain(fault);
  });

  it.each<[string, Partial<Statement>, Partial<Authorities>]>([
    ['the last second', { before: NOW + 1n }, {}],
    ['the first second', { after: NOW }, {}],
    ['one of several names', { principals: ['pdu-a', '127.0.0.1'] }, {}],
    ['one of several CAs', {}, { trusted: [OTHER.blob, CA.blob] }],
    ['a time so far away that no date can say it', { before: 0xffff_ffff_ffff_fffen }, {}],
  ])('in or for %s is taken', (_title, statement, more) => {
    expect(faultOf(statement, more)).toBeUndefined();
  });

  it('by a CA whose key is a certificate is refused', () => {
    const chain = certify({ key: CA.blob, by: OTHER });
    expect(faultOf({ signatureKey: chain }, { trusted: [chain] })).toContain('a certificate cannot be the key of an authority');
    expect(authorityFault(chain)).toContain('a certificate cannot');
  });

  it('is told with everything that somebody needs to know, and nothing that could spoil a terminal', () => {
    const certificate = parseCertificate(
      certify({ key: K, by: CA, id: 'evil\u001b[2J\n"', principals: ['a', 'b\u0007'], after: NOW, before: NOW + 60n }),
    );
    if (typeof certificate === 'string') throw new Error(certificate);
    const says = told(certificate);
    expect(says).toBe(
      `certificate "evil?[2J?\\"" (serial 7) of the CA ${keyName(CA.blob)} for "a", "b?", valid from 2027-01-15T08:00:00Z until 2027-01-15T08:01:00Z`,
    );
  });
});

describe('keys of authorities', () => {
  const sk = Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string(Buffer.alloc(32)), string('ssh:')]);
  it.each<[string, Buffer]>([
    ['of a type that is not taken', sk],
    ['with ssh-dss', Buffer.concat([string('ssh-dss'), string('1'), string('1'), string('1'), string('1')])],
    ['of the wrong length', Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(31))])],
    ['with something behind', Buffer.concat([CA.blob, Buffer.of(0)])],
    ['on another curve than they say', Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp384'), string(Buffer.alloc(65, 4))])],
    ['that is no point', Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp256'), string(Buffer.alloc(65, 4))])],
    ['with a negative modulus', Buffer.concat([string('ssh-rsa'), string(Buffer.of(1, 0, 1)), string(Buffer.alloc(256, 0xff))])],
    ['empty', Buffer.alloc(0)],
  ])('%s are refused', (_title, blob) => {
    expect(authorityFault(blob)).toEqual(expect.any(String));
    expect(signatureFault(blob, K, K)).toEqual(expect.any(String));
  });
});

describe('bytes of a certificate', () => {
  const good = certify({ key: K, by: CA });

  it('that differ in a single place are never taken for it', () => {
    expect(judged([good], by())[0]?.fault).toBeUndefined();
    const mutated = fc.tuple(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(mutated, ([at, mask]) => {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ mask;
        expect(judged([bad], by()).filter(({ fault }) => fault === undefined)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('that are cut short, or have something behind, are no certificate', () => {
    for (let length = 0; length < good.length; length += 1)
      expect(parseCertificate(good.subarray(0, length)), `${length}`).toEqual(expect.any(String));
    expect(parseCertificate(certify({ key: K, by: CA, behind: Buffer.of(0) }))).toContain('behind its end');
    expect(parseCertificate(Buffer.concat([good, Buffer.alloc(70_000)]))).toContain('larger');
    expect(parseCertificate(certify({ key: K, by: CA, principals: Array.from({ length: 257 }, (_, at) => `p${at}`) }))).toContain(
      'cut short',
    );
  });

  it('never make the codec throw, whatever they are', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'ssh-dss', 'ecdsa-sha2-nistp521'), fc.uint8Array({ maxLength: 400 }))
        .map(([type, rest]) => Buffer.concat([string(`${type}-cert-v01@openssh.com`), rest])),
      fc
        .tuple(fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'), fc.uint8Array({ maxLength: 400 }))
        .map(([type, rest]) => Buffer.concat([string(type), rest])),
    );
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const certificate = parseCertificate(one);
        if (typeof certificate !== 'string') told(certificate);
        expect(judged([one, other], by()).filter(({ fault }) => fault === undefined)).toEqual([]);
        expect(signatureFault(one, other, one)).toEqual(expect.any(String));
        expect(signatureFault(CA.blob, one, other)).toEqual(expect.any(String));
      }),
      { numRuns: 500 },
    );
  });
});

describe('certificates in a text', () => {
  const blob = certify({ key: K, by: CA });

  it('are found as ssh-keygen and as ssh-keyscan write them, among other lines', () => {
    const text = `# comment\n${CA.line}\n${certificateLine(blob)}[127.0.0.1]:2222 ${certificateLine(blob)}\r\nssh-ed25519-cert-v01@openssh.com !\n`;
    expect(certificatesIn(text)).toEqual([blob, blob]);
  });

  it('never make it throw or hang', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void certificatesIn(Buffer.from(bytes).toString('latin1'))));
    expect(certificatesIn(`${'ssh-rsa-cert-v01@openssh.com '.repeat(20_000)}\n${'A'.repeat(500_000)}`).length).toBeLessThan(2);
  });
});

describe('a host key', () => {
  const vouching = (certificates: readonly Uint8Array[], more: Partial<Authorities> = {}) => ({
    authorities: by(more),
    certificates,
    why: 'it offers none',
  });
  const NONE: PlainKeys = pinnedKeys([]);
  const good = certify({ key: K, by: CA });
  const says = (result: object): string => ('says' in result ? String(result.says) : '');

  it('for which a good certificate is there is taken, and only that key', () => {
    const judge = judgeHostKey(where, NONE, vouching([good]));
    expect(judge.judge(K)).toMatchObject({ by: expect.stringContaining(keyName(CA.blob)), certificate: good });
    expect(judge.types).toEqual(['ssh-ed25519']);
    const other = deviceKey();
    expect(judge.judge(other)).toMatchObject({ code: 'ssh-host-certificate-missing' });
    expect(says(judge.judge(other))).toContain(fingerprint(other));
    expect(says(judge.judge(other))).toContain(fingerprint(CA.blob));
  });

  it('is taken by its good certificate where it has a bad one, too', () => {
    expect(judgeHostKey(where, NONE, vouching([certify({ key: K, by: OTHER }), good])).judge(K)).toHaveProperty('by');
  });

  it('with a bad certificate is refused, and everything that was offered is named', () => {
    const bad = certify({ key: K, by: CA, principals: ['pdu-b.example'], before: NOW + 5n });
    const problem = judgeHostKey(where, NONE, vouching([bad])).judge(K);
    expect(problem).toMatchObject({ code: 'ssh-host-certificate-refused', lasting: true });
    for (const part of [fingerprint(K), fingerprint(CA.blob), '"pdu-b.example"', 'until 2027-01-15T08:00:05Z', 'does not name "127.0.0.1"'])
      expect(says(problem)).toContain(part);
  });

  it('that is pinned needs no certificate; one that is not may have one', () => {
    const other = deviceKey();
    const pinned = pinnedKeys([keyName(other)]);
    expect(judgeHostKey(where, pinned, vouching([])).judge(other)).toEqual({ by: 'as pinned' });
    expect(judgeHostKey(where, pinned, vouching([good])).judge(K)).toHaveProperty('certificate');
    const changed = judgeHostKey(where, pinned, vouching([])).judge(K);
    expect(changed).toMatchObject({ code: 'ssh-host-key-changed', lasting: true });
    for (const part of [fingerprint(K), fingerprint(other), 'no certificate vouches for it: it offers none'])
      expect(says(changed)).toContain(part);
  });

  it('that is revoked is refused whatever vouches for it; so is one whose certificate is revoked', () => {
    for (const revoked of [K, good]) {
      const type = revoked.toString('latin1', 4, 4 + revoked.readUInt32BE(0));
      const { keys } = keysInKnownHosts('127.0.0.1', 22, `@revoked * ${type} ${revoked.toString('base64')}`, '/k');
      expect(judgeHostKey(where, keys, vouching([good], { revoked: keys.revoked })).judge(K), type).toMatchObject({
        code: 'ssh-host-key-revoked',
      });
    }
  });

  it.each<AuthorityType>(['ed25519', 'ecdsa', 'rsa'])('of the type %s is asked for where only such a key is certified', (type) => {
    const key = deviceKey(type);
    const judge = judgeHostKey(where, pinnedKeys([]), vouching([certify({ key, by: CA }), certify({ key: K, by: OTHER })]));
    expect(judge.types).toEqual([key.toString('latin1', 4, 4 + key.readUInt32BE(0))]);
  });
});
