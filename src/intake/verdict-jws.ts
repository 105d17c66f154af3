/** Verdicts as compact JWS with EdDSA over Ed25519 (RFC 7515, RFC 8037). `jose` is imported when one is opened or signed, not before. */
import { readFile } from 'node:fs/promises';
import type { CryptoKey } from 'jose';
import type { Problem, Verdict } from '../vocabulary/index.ts';
import { claimedIssuer, MOST_BYTES, malformed, parseVerdict } from './verdict-schema.ts';

export interface KnownArbiter {
  readonly id: string;
  /** Path of its public key: PEM (SubjectPublicKeyInfo) or JWK. */
  readonly publicKey: string;
}

/** The `typ` header: a signature made for something else is not a verdict. */
const TYPE = 'bailiff-verdict+jws';

/**
 * Opens a signed verdict: form, issuer, signature. Problems: `malformed-verdict`, `unknown-issuer`, `bad-signature`, `key-unreadable`.
 * Never rejects.
 */
export async function openVerdict(jws: string, arbiters: readonly KnownArbiter[]): Promise<Verdict | Problem> {
  if (jws === '') return malformed('it is empty');
  if (jws.length > MOST_BYTES) return malformed(`it is longer than ${MOST_BYTES} bytes`);
  const parts = jws.split('.');
  if (parts.length !== 3) return malformed('it is not a compact JWS (three parts with dots between); sign it with bailiff verdict sign');
  const payload = decodeJson(parts[1] ?? '');
  const issuer = claimedIssuer(payload);
  if (issuer === undefined) return malformed('its payload names no issuer');
  const arbiter = arbiters.find((one) => one.id === issuer);
  if (arbiter === undefined) {
    return {
      code: 'unknown-issuer',
      says: `Issuer ${issuer} is not among the configured arbiters.`,
      next: 'Add it under arbiters with its public key, or check who sent this.',
    };
  }
  const key = await readPublicKey(arbiter);
  if ('code' in key) return key;
  const { compactVerify } = await import('jose');
  try {
    await compactVerify(jws, key.key, { algorithms: ['EdDSA', 'Ed25519'], crit: {} });
  } catch {
    return badSignature(issuer, 'the signature does not fit its key');
  }
  const header = decodeJson(parts[0] ?? '') as { readonly typ?: unknown };
  if (header.typ !== TYPE) return badSignature(issuer, `its header does not say ${TYPE}`);
  return parseVerdict(payload);
}

function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const badSignature = (issuer: string, why: string): Problem => ({
  code: 'bad-signature',
  says: `The verdict claims to come from ${issuer}, but ${why}.`,
  next: "Nothing was done. Compare the public key in the configuration with the arbiter's; if they are equal, somebody else wrote this.",
});

const unreadable = (path: string, why: string): Problem => ({
  code: 'key-unreadable',
  says: `The key ${path} cannot be used: ${why}`,
  next: 'Make one with bailiff verdict keygen.',
});

const complaint = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function readPublicKey(arbiter: KnownArbiter): Promise<{ readonly key: CryptoKey } | Problem> {
  try {
    const text = await readFile(arbiter.publicKey, 'utf8');
    const { importJWK, importSPKI } = await import('jose');
    const key = text.trimStart().startsWith('{') ? await importJWK(JSON.parse(text) as object, 'EdDSA') : await importSPKI(text, 'EdDSA');
    return key instanceof Uint8Array ? unreadable(arbiter.publicKey, 'it is a symmetric key') : { key };
  } catch (error) {
    return unreadable(arbiter.publicKey, complaint(error));
  }
}

/** Signs the JSON of a verdict. `privateKey`: PEM (PKCS#8). Problems: `malformed-verdict`, `key-unreadable`. */
export async function signVerdict(
  value: unknown,
  privateKey: { readonly path: string; readonly pem: string },
): Promise<{ readonly jws: string } | Problem> {
  const verdict = parseVerdict(value);
  if ('code' in verdict) return verdict;
  try {
    const { CompactSign, importPKCS8 } = await import('jose');
    const key = await importPKCS8(privateKey.pem, 'EdDSA');
    const jws = await new CompactSign(Buffer.from(JSON.stringify(value))).setProtectedHeader({ alg: 'EdDSA', typ: TYPE }).sign(key);
    return { jws };
  } catch (error) {
    return unreadable(privateKey.path, complaint(error));
  }
}

/** A fresh pair, as PEM. */
export async function newKeyPair(): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const { exportPKCS8, exportSPKI, generateKeyPair } = await import('jose');
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { privateKey: `${await exportPKCS8(pair.privateKey)}\n`, publicKey: `${await exportSPKI(pair.publicKey)}\n` };
}
