/** A verdict that is none: refused, with the field and what is wrong with it, whatever was changed. */
import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArbiterKey } from '../../src/intake/arbiter-key.ts';
import { openVerdict, signVerdict } from '../../src/intake/verdict-jws.ts';
import { parseVerdict } from '../../src/intake/verdict-schema.ts';

const GOOD = {
  id: 'v7',
  cluster: 'orders',
  epoch: 7,
  claim: 'partitioned',
  targets: ['db1'],
  survivors: ['db2', 'db3'],
  votes: { for: 2, total: 3 },
  issuer: 'arb-1',
  issuerHost: 'court',
  issuedAt: '2026-01-05T08:00:00Z',
  expiresAt: '2026-01-05T08:02:00+00:00',
  reason: 'db1 does not answer',
};

let folder = '';
let pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
const file = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-intake-'));
  pair = generateKeyPairSync('ed25519');
  file('arb-1.pub', pair.publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = '{"alg":"EdDSA","typ":"bailiff-verdict+jws"}';
const jws = (payload: string | Uint8Array, header: string | Uint8Array = HEADER): string => {
  const signed = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${signed}.${signBytes(null, Buffer.from(signed), pair.privateKey).toString('base64url')}`;
};
const open = async (payload: string | Uint8Array, header?: string | Uint8Array) =>
  await openVerdict(jws(payload, header), [{ id: 'arb-1', publicKey: join(folder, 'arb-1.pub') }]);
const refusal = (says: string) => ({ code: 'malformed-verdict', says: expect.stringContaining(says) });

describe('the form of a verdict', () => {
  it('takes the good one', () => {
    expect(parseVerdict(GOOD)).toMatchObject({ id: 'v7', issuedAt: Date.UTC(2026, 0, 5, 8), expiresAt: Date.UTC(2026, 0, 5, 8, 2) });
  });

  it.each([
    [{ extra: 1 }, 'extra: is not a field here; a verdict has id, cluster'],
    [{ votes: { for: 2, total: 3, against: 1 } }, 'votes.against: is not a field here; votes has for and total'],
    [{ epoch: 'seven' }, 'epoch: must be a whole number from 1 to 9007199254740991, and is "seven"'],
    [{ epoch: 1.5 }, 'epoch: must be a whole number'],
    [{ epoch: 0 }, 'epoch: must be a whole number from 1'],
    [{ epoch: undefined }, 'epoch: is missing; it must be a whole number'],
    [{ claim: 'gone' }, 'claim: must be dead, partitioned or misbehaving, and is "gone"'],
    [{ targets: [] }, 'targets: must be a list of node names, at most 10000, and name one at least, and is an empty list'],
    [{ targets: ['db1', 7] }, 'targets.1: must be a name'],
    [{ targets: ['db1', 'db1'] }, 'targets: names db1 twice'],
    [{ survivors: ['db2', 'db2'] }, 'survivors: names db2 twice'],
    [{ survivors: 'db2' }, 'survivors: must be a list of node names, at most 10000, and is "db2"'],
    [{ votes: { for: 4, total: 3 } }, 'votes.for: is 4, and only 3 voted (votes.total)'],
    [{ votes: { for: 0, total: 0 } }, 'votes.total: must be a whole number from 1 to 2550000, and is 0'],
    [{ votes: { for: 1.5, total: 3 } }, 'votes.for: must be a whole number from 0'],
    [{ votes: [2, 3] }, 'votes: must be an object with the whole numbers for and total, and is a list of 2'],
    [{ issuedAt: '2026-01-05T08:00:00' }, 'issuedAt: must be a date and time with its zone in ISO 8601'],
    [{ issuedAt: '2026-02-30T08:00:00Z' }, 'issuedAt: must be a date and time'],
    [{ expiresAt: 1_767_600_000 }, 'expiresAt: must be a date and time with its zone'],
    [{ expiresAt: '2026-01-05T08:00:00Z' }, 'expiresAt: is not after issuedAt'],
    [{ reason: '' }, 'reason: must be a text of 1 to 1000 characters, and is empty'],
    [{ reason: null }, 'reason: must be a text of 1 to 1000 characters, and is null'],
  ])('%j', (change, says) => {
    expect(parseVerdict({ ...GOOD, ...change })).toEqual({ ...refusal(says), next: expect.any(String) });
  });

  it.each([[null], [7], ['x'], [[]], [true]])('%j is none at all', (value) => {
    expect(parseVerdict(value)).toMatchObject(refusal('the verdict: must be a JSON object'));
  });

  it('a vote that nobody won is well-formed: what it means is decided later', () => {
    expect(parseVerdict({ ...GOOD, votes: { for: 0, total: 3 } })).toMatchObject({ votes: { for: 0, total: 3 } });
    expect(parseVerdict({ ...GOOD, epoch: Number.MAX_SAFE_INTEGER })).toMatchObject({ epoch: Number.MAX_SAFE_INTEGER });
  });

  it('whatever one field is made, either it is a verdict or the field is named, and what must stand there', () => {
    const fields = Object.keys(GOOD) as (keyof typeof GOOD)[];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 2 }), fc.boolean(), (field, junk, gone) => {
        const { [field]: _was, ...rest } = GOOD;
        const result = parseVerdict(gone ? rest : { ...rest, [field]: junk });
        if (!('code' in result)) return;
        expect(result.code).toBe('malformed-verdict');
        expect(result.says).toMatch(
          new RegExp(`^This is not a verdict: ${field}[.:].*(?:must be|must have|is not|is missing|names|is \\d+)`),
        );
        expect(result.says).not.toMatch(/Invalid|undefined|\[object/);
      }),
      { numRuns: 2000 },
    );
  });

  it('whatever is added, it is named', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z_]{1,12}$/), fc.jsonValue({ maxDepth: 1 }), (name, value) => {
        if (Object.hasOwn(GOOD, name)) return;
        const text = `${JSON.stringify(GOOD).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`;
        expect(parseVerdict(JSON.parse(text))).toMatchObject(refusal(`${name}: is not a field here`));
      }),
    );
    expect(parseVerdict(JSON.parse(`${JSON.stringify(GOOD).slice(0, -1)},"__proto__":{}}`))).toMatchObject(refusal('__proto__: is not'));
  });
});

describe('a signed verdict', () => {
  const text = JSON.stringify(GOOD);

  it('is opened', async () => {
    expect(await open(text)).toMatchObject({ id: 'v7', epoch: 7 });
  });

  it.each([
    ['a member twice', `${text.slice(0, -1)},"epoch":8}`, 'epoch: stands twice'],
    ['a member twice, escaped', `${text.slice(0, -1)},"e\\u0070och":8}`, 'epoch: stands twice'],
    ['a member twice, inside', text.replace('"total":3', '"total":3,"for":3'), 'votes.for: stands twice'],
    ['a lone surrogate', text.replace('does not answer', '\\udfff'), 'reason: holds half of a surrogate pair'],
    ['a byte order mark', `\ufeff${text}`, 'the verdict: begins with a byte order mark'],
    ['a text that is cut', text.slice(0, -1), 'the verdict: is not JSON'],
    ['Latin-1', Buffer.from(text.replace('does', 'd\u00f6s'), 'latin1'), 'reason: holds bytes that are no UTF-8'],
    ['an epoch as a power', text.replace('"epoch":7', '"epoch":7e0'), 'epoch: 7e0 is not written plainly'],
    ['no issuer', text.replace('"issuer":"arb-1",', ''), 'issuer: is missing'],
    ['an issuer that is no name', text.replace('"arb-1"', '["arb-1"]'), 'issuer: must be a name'],
    ['a list', '[]', 'the verdict: must be a JSON object, and is an empty list'],
  ])('%s is refused, although the signature is good', async (_what, payload, says) => {
    expect(await open(payload)).toMatchObject(refusal(says));
  });

  it.each([
    [
      'a member twice',
      '{"alg":"EdDSA","typ":"bailiff-verdict+jws","typ":"bailiff-verdict+jws"}',
      'malformed-verdict',
      'header.typ: stands twice',
    ],
    [
      'a member twice, escaped',
      '{"alg":"EdDSA","\\u0061lg":"none","typ":"bailiff-verdict+jws"}',
      'malformed-verdict',
      'header.alg: stands twice',
    ],
    ['no JSON', '{', 'malformed-verdict', 'the header: is not JSON'],
    ['no object', '"EdDSA"', 'malformed-verdict', 'the header: must be a JSON object'],
    ['Latin-1', Buffer.from('{"alg":"EdDSA","typ":"\u00e4"}', 'latin1'), 'malformed-verdict', 'header.typ: holds bytes'],
    ['another algorithm', '{"alg":"none","typ":"bailiff-verdict+jws"}', 'bad-signature', 'header.alg must be EdDSA, and is "none"'],
    ['another type', '{"alg":"EdDSA","typ":"JWT"}', 'bad-signature', 'header.typ must be bailiff-verdict+jws, and is "JWT"'],
    ['no type', '{"alg":"EdDSA"}', 'bad-signature', 'header.typ must be bailiff-verdict+jws, and is missing'],
    ['extensions', '{"alg":"EdDSA","typ":"bailiff-verdict+jws","crit":["b64"],"b64":false}', 'bad-signature', 'header.crit'],
  ])('a header with %s is refused', async (_what, header, code, says) => {
    expect(await open(text, header)).toMatchObject({ code, says: expect.stringContaining(says) });
  });

  it('is written in one way: letters that a lenient decoder would skip are refused', async () => {
    const arbiters = [{ id: 'arb-1', publicKey: join(folder, 'arb-1.pub') }];
    const [header, payload, signature] = jws(text).split('.') as [string, string, string];
    for (const [which, changed] of [
      ['header', `${header}=.${payload}.${signature}`],
      ['payload', `${header}.${payload}\n.${signature}`],
      ['signature', `${header}.${payload}.${signature}~`],
    ] as const)
      expect(await openVerdict(changed, arbiters)).toMatchObject(refusal(`the ${which}: is not base64url`));
  });

  it('any one byte of the payload changed: refused, and never opened as another one', async () => {
    const good = Buffer.from(text);
    const known = [{ id: 'arb-1', publicKey: join(folder, 'arb-1.pub') }];
    const [header, , signature] = jws(text).split('.') as [string, string, string];
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(good);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const opened = await openVerdict(`${header}.${changed.toString('base64url')}.${signature}`, known);
        expect(opened).toMatchObject({ code: expect.stringMatching(/^(?:malformed-verdict|bad-signature|unknown-issuer)$/) });
      }),
      { numRuns: 300 },
    );
  });

  it('is signed only where it is one', async () => {
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    expect(await signVerdict({ ...GOOD, extra: 1 }, { path: 'k', pem })).toMatchObject(refusal('extra: is not a field here'));
    expect(await signVerdict(GOOD, { path: 'k', pem })).toHaveProperty('jws');
  });
});

describe("an arbiter's public key", () => {
  const jwk = (): Record<string, unknown> => ({ ...pair.publicKey.export({ format: 'jwk' }) });
  const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string;

  it.each([
    ['PEM', () => spki(pair.publicKey)],
    ['JWK', () => JSON.stringify(jwk())],
    ['JWK with its use', () => JSON.stringify({ ...jwk(), use: 'sig', alg: 'EdDSA', kid: '1' })],
  ])('in %s is taken', async (_what, text) => {
    expect(await readArbiterKey({ id: 'arb-1', publicKey: file('k', text()) })).toHaveProperty('key');
  });

  it.each([
    ['RSA', () => spki(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), 'an RSA key, and verdicts are signed with Ed25519'],
    [
      'RSA in JWK',
      () => JSON.stringify(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })),
      'an RSA key',
    ],
    ['EC', () => spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), 'a key on a NIST curve'],
    ['Ed448', () => spki(generateKeyPairSync('ed448').publicKey), 'an Ed448 key'],
    ['X25519', () => spki(generateKeyPairSync('x25519').publicKey), 'signs nothing'],
    ['the private half', () => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, 'holds a private key'],
    ['the private half in JWK', () => JSON.stringify(pair.privateKey.export({ format: 'jwk' })), 'holds a private key'],
    ['a secret', () => JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }), 'symmetric'],
    ['a set of keys', () => JSON.stringify({ keys: [jwk()] }), 'JWKS'],
    ['a key for encryption', () => JSON.stringify({ ...jwk(), use: 'enc' }), 'use or key_ops'],
    ['a member twice', () => `${JSON.stringify(jwk()).slice(0, -1)},"x":"AA"}`, 'x stands twice'],
    ['OpenSSH', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6v a@b\n', 'ssh-keygen -e -m PKCS8'],
    ['a certificate', () => '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n', 'openssl x509 -pubkey'],
    ['nothing', () => '\n', 'it is empty'],
    ['something else', () => 'no key\n', 'neither a PUBLIC KEY in PEM nor a JWK'],
    ['a broken PEM', () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'cannot be used'],
  ])('%s: refused, with the file and what it is', async (_what, text, says) => {
    const path = file('bad', text());
    expect(await readArbiterKey({ id: 'arb-1', publicKey: path })).toMatchObject({
      code: 'key-unreadable',
      says: expect.stringMatching(new RegExp(`^The key ${path.replaceAll('.', '\\.')} cannot be used: .*`)),
    });
    expect(await readArbiterKey({ id: 'arb-1', publicKey: path })).toMatchObject({ says: expect.stringContaining(says) });
  });
});
