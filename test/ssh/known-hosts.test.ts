import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostKeyJudge, judgeHostKey, keysInKnownHosts, pinnedKeys } from '../../drivers/ssh/host-keys.ts';
import { fingerprint, keyName, PIN } from '../../drivers/ssh/key-names.ts';
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
    expect([known.keys, known.revoked.map(({ blob }) => blob), known.authorities.map(({ blob }) => blob)]).toEqual([[], [A], [B]]);
  });

  it('is read to its end: a key that is revoked behind thousands of others is revoked, and a name that is excluded last is excluded', () => {
    const text = `${'# nothing\n'.repeat(30_000)}${line('h', A, '@revoked ')}`;
    expect(knownHost(text, 'h', 22).revoked).toHaveLength(1);
    const names = [...Array.from({ length: 300 }, (_, at) => `h${at}`), '*', '!h'].join(',');
    expect(knownHost(line(names, A), 'h', 22).keys).toEqual([]);
    expect(knownHost(line(names, A), 'other', 22).keys).toHaveLength(1);
  });

  it('never throws, whatever the file holds', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void knownHost(Buffer.from(bytes).toString('latin1'), 'h', 22)));
  });
});

const judgeByPins = (pins: readonly string[]): HostKeyJudge => judgeHostKey(where, pinnedKeys(pins));
const judgeByKnownHosts = (text: string): HostKeyJudge => judgeHostKey(where, keysInKnownHosts('h', 22, text, '/k').keys);
const codeOf = (result: object): unknown => ('code' in result ? result.code : undefined);

describe('a host key', () => {
  it('that is pinned is taken, with or without its type', () => {
    expect(judgeByPins([fingerprint(A)]).judge(A)).toEqual({ by: 'as pinned' });
    expect(judgeByPins([fingerprint(B), keyName(A)]).judge(A)).toEqual({ by: 'as pinned' });
    expect(codeOf(judgeByPins([`ssh-rsa ${fingerprint(A)}`]).judge(A))).toBe('ssh-host-key-changed');
    expect(judgeByPins([keyName(A)]).types).toEqual(['ssh-ed25519']);
    expect(judgeByPins([fingerprint(A)]).types).toBeUndefined();
    expect(keyName(A)).toMatch(PIN);
  });

  it('that is in the file is taken, and it is said where', () => {
    expect(judgeByKnownHosts(`# x\n${line('h', A)}`).judge(A)).toEqual({ by: 'as in /k:2' });
  });

  it('that has changed is refused with both fingerprints', () => {
    const problem = judgeByPins([fingerprint(A)]).judge(B);
    expect(problem).toMatchObject({ code: 'ssh-host-key-changed', lasting: true });
    const other = judgeByKnownHosts(line('h', A)).judge(B);
    expect(other).toMatchObject({ code: 'ssh-host-key-changed', lasting: true });
    for (const each of [problem, other]) {
      const says = 'says' in each ? each.says : '';
      expect(says).toContain(fingerprint(A));
      expect(says).toContain(fingerprint(B));
    }
    expect('says' in other ? other.says : '').toContain('/k:1');
  });

  it('that is unknown or revoked is refused', () => {
    expect(codeOf(judgeByKnownHosts('').judge(A))).toBe('ssh-host-key-unknown');
    expect(codeOf(judgeByKnownHosts(`${line('h', A)}\n${line('*', A, '@revoked ')}`).judge(A))).toBe('ssh-host-key-revoked');
    expect(codeOf(judgeByPins([]).judge(A))).toBe('ssh-host-key-unknown');
  });

  it('of an authority is not itself one of the device', () => {
    expect(codeOf(judgeByKnownHosts(line('*', A, '@cert-authority ')).judge(A))).toBe('ssh-host-key-unknown');
  });
});
