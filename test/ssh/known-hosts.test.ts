import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, judgeByKnownHosts, judgeByPins, keyName, PIN } from '../../drivers/ssh/host-keys.ts';
import { knownHost } from '../../drivers/ssh/known-hosts.ts';

const where = { device: 'pdu-a', address: '192.0.2.1:22' };
const blobOf = (type: string, seed: number): Buffer => {
  const name = Buffer.from(type);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(name.length);
  return Buffer.concat([head, name, Buffer.alloc(36, seed)]);
};
const A = blobOf('ssh-ed25519', 1);
const B = blobOf('ssh-rsa', 2);
const line = (names: string, blob: Buffer, marker = ''): string =>
  `${marker}${names} ${blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')} comment`;
const hashed = (name: string): string => {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('known_hosts', () => {
  it.each([
    ['pdu-a.example', 'pdu-a.example', 22, true],
    ['PDU-A.example', 'pdu-a.EXAMPLE', 22, true],
    ['pdu-a.example,192.0.2.1', '192.0.2.1', 22, true],
    ['[192.0.2.1]:2222', '192.0.2.1', 2222, true],
    ['192.0.2.1', '192.0.2.1', 2222, false],
    ['[192.0.2.1]:2222', '192.0.2.1', 22, false],
    ['*.example,!bad.example', 'good.example', 22, true],
    ['*.example,!bad.example', 'bad.example', 22, false],
    ['pdu-?.example', 'pdu-b.example', 22, true],
    ['pdu-?.example', 'pdu-bb.example', 22, false],
    [hashed('pdu-a.example'), 'pdu-a.example', 22, true],
    [hashed('[pdu-a.example]:2222'), 'pdu-a.example', 2222, true],
    [hashed('pdu-a.example'), 'pdu-b.example', 22, false],
  ])('%s and %s:%i: %s', (names, host, port, known) => {
    expect(knownHost(line(names, A), host, port).keys.length).toBe(known ? 1 : 0);
  });

  it('passes over comments, empty lines and lines that are broken', () => {
    const text = ['# x', '', 'h', 'h ssh-ed25519', 'h ssh-ed25519 !!!', line('h', A), '   ', line('h', B)].join('\n');
    expect(knownHost(text, 'h', 22).keys.map((key) => [key.type, key.line])).toEqual([
      ['ssh-ed25519', 6],
      ['ssh-rsa', 8],
    ]);
  });

  it('keeps revoked keys and authorities apart', () => {
    const text = [line('h', A, '@revoked '), line('*', B, '@cert-authority ')].join('\n');
    const known = knownHost(text, 'h', 22);
    expect([known.keys.length, known.revoked.length, known.authorities]).toEqual([0, 1, 1]);
  });

  it('never throws, whatever the file holds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void knownHost(text, 'h', 22)));
  });
});

describe('a host key', () => {
  it('that is pinned is taken, with or without its type', () => {
    expect(judgeByPins(where, [fingerprint(A)]).judge(A)).toBeUndefined();
    expect(judgeByPins(where, [fingerprint(B), keyName(A)]).judge(A)).toBeUndefined();
    expect(judgeByPins(where, [keyName(A)]).types).toEqual(['ssh-ed25519']);
    expect(judgeByPins(where, [fingerprint(A)]).types).toBeUndefined();
    expect(keyName(A)).toMatch(PIN);
  });

  it('that has changed is refused with both fingerprints', () => {
    const problem = judgeByPins(where, [fingerprint(A)]).judge(B);
    expect(problem).toMatchObject({ code: 'ssh-host-key-changed', lasting: true });
    expect(problem?.says).toContain(fingerprint(A));
    expect(problem?.says).toContain(fingerprint(B));
    const other = judgeByKnownHosts(where, 'h', 22, line('h', A), '/k').judge(B);
    expect(other).toMatchObject({ code: 'ssh-host-key-changed' });
    expect(other?.says).toContain(fingerprint(A));
    expect(other?.says).toContain('/k:1');
  });

  it('that is unknown, revoked, or only vouched for by an authority is refused', () => {
    expect(judgeByKnownHosts(where, 'h', 22, '', '/k').judge(A)?.code).toBe('ssh-host-key-unknown');
    expect(judgeByKnownHosts(where, 'h', 22, `${line('h', A)}\n${line('*', A, '@revoked ')}`, '/k').judge(A)?.code).toBe(
      'ssh-host-key-revoked',
    );
    const vouched = judgeByKnownHosts(where, 'h', 22, line('*', B, '@cert-authority '), '/k').judge(A);
    expect(vouched?.code).toBe('ssh-host-key-unknown');
    expect(vouched?.says).toContain('certificates are not supported');
    expect(judgeByPins(where, []).judge(A)?.code).toBe('ssh-host-key-changed');
  });
});
