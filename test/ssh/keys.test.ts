import { createPrivateKey, createPublicKey } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { ed25519KeyPair, fingerprintOf, freshKeyPair, readKey } from '../../hardware-mocks/ssh/keys.ts';

/** PKCS #8 around a seed of 32 bytes (RFC 8410, section 7). */
const fromSeed = (number: number) => {
  const seed = Buffer.alloc(32);
  seed.writeUInt32BE(number, 28);
  return createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
};
const pointOf = (number: number): Buffer => createPublicKey(fromSeed(number)).export({ format: 'der', type: 'spki' }).subarray(-32);

/** One Ed25519 point in 256 begins with a zero byte, and some end with one: the keys that a careless encoder spoils. */
const AWKWARD = Array.from({ length: 2000 }, (_, number) => number).filter((number) =>
  [pointOf(number)[0], pointOf(number)[31]].includes(0),
);

describe('keys of the SSH mock', () => {
  it('are read again, leading zero bytes or not', () => {
    expect(AWKWARD.filter((number) => pointOf(number)[0] === 0).length).toBeGreaterThan(0);
    for (const number of [...AWKWARD, 0, 1, 2]) {
      const pair = ed25519KeyPair(fromSeed(number));
      const [secret, open] = [readKey(pair.privateKey), readKey(pair.publicKey)];
      expect(secret?.isPrivateKey(), `seed ${number}`).toBe(true);
      expect(open?.getPublicSSH().subarray(-32), `seed ${number}`).toEqual(pointOf(number));
      const signature = secret?.sign('a message');
      expect(signature !== undefined && open?.verify('a message', signature), `seed ${number}`).toBe(true);
      expect(() => new ssh2.Server({ hostKeys: [pair.privateKey] })).not.toThrow();
    }
  });

  it.each(['ed25519', 'rsa', 'ecdsa'] as const)('%s: both halves have one fingerprint', (type) => {
    const pair = freshKeyPair(type);
    expect(fingerprintOf(pair.privateKey)).toBe(fingerprintOf(pair.publicKey));
  });

  it('text that is no key is told', () => {
    expect(readKey('not a key')).toBeUndefined();
    expect(() => fingerprintOf('not a key')).toThrow(TypeError);
  });
});
