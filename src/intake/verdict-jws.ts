/** Verdicts as compact JWS with EdDSA over Ed25519 (RFC 7515, RFC 8037). `jose` is imported when one is opened or signed, not before. */
import type { Problem, Verdict } from '../vocabulary/index.ts';
import { type KnownArbiter, readArbiterKey, unreadable } from './arbiter-key.ts';
import { strictJson } from './strict-json.ts';
import { claimedIssuer, clausesOf, MOST_BYTES, malformed, parseVerdict, readVerdict } from './verdict-schema.ts';

export type { KnownArbiter } from './arbiter-key.ts';

/** The `typ` header: a signature made for something else is not a verdict. */
const TYPE = 'bailiff-verdict+jws';
/** RFC 8037 and its fully specified name (RFC 9864). */
const ALGORITHMS = ['EdDSA', 'Ed25519'];

/**
 * Opens a signed verdict: form, issuer, signature. Problems: `malformed-verdict`, `unknown-issuer`, `bad-signature`, `key-unreadable`.
 * Never rejects.
 */
export async function openVerdict(jws: string, arbiters: readonly KnownArbiter[]): Promise<Verdict | Problem> {
  if (jws === '') return malformed('it is empty');
  if (jws.length > MOST_BYTES) return malformed(`it is longer than ${MOST_BYTES} bytes`);
  const parts = jws.split('.');
  if (parts.length !== 3) return malformed('it is not a compact JWS (three parts with dots between); sign it with bailiff verdict sign');
  const [header, payload, signature] = parts.map(base64url);
  if (header === undefined || payload === undefined || signature === undefined) {
    const which = ['header', 'payload', 'signature'][[header, payload, signature].indexOf(undefined)];
    return malformed(`the ${which}: is not base64url`);
  }
  const read = readVerdict(payload);
  if ('code' in read) return read;
  const issuer = claimedIssuer(read.value);
  if (issuer === undefined) return parseVerdict(read.value);
  const heading = readHeader(header);
  if ('code' in heading) return heading;
  const arbiter = arbiters.find((one) => one.id === issuer);
  if (arbiter === undefined) {
    return {
      code: 'unknown-issuer',
      says: `Issuer ${issuer} is not among the configured arbiters.`,
      next: 'Add it under arbiters with its public key, or check who sent this.',
    };
  }
  const fault = headerFault(heading);
  if (fault !== undefined) return badSignature(issuer, fault);
  const key = await readArbiterKey(arbiter);
  if ('code' in key) return key;
  const { compactVerify } = await import('jose');
  try {
    await compactVerify(jws, key.key, { algorithms: ALGORITHMS, crit: {} });
  } catch {
    return badSignature(issuer, 'the signature does not fit its key');
  }
  return parseVerdict(read.value);
}

/** The bytes, only where there is no other way to write them: decoders that skip what they do not know would read another text. */
function base64url(part: string): Uint8Array | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}

type Header = Readonly<Record<string, unknown>>;

function readHeader(bytes: Uint8Array): { readonly header: Header } | Problem {
  const read = strictJson(bytes);
  if ('faults' in read) {
    const faults = read.faults.map(({ at, says }) => ({ at: at === '' ? '' : `header.${at}`, says }));
    return malformed(clausesOf(faults, 'the header'));
  }
  const isObject = typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value);
  return isObject ? { header: read.value as Header } : malformed('the header: must be a JSON object');
}

/** The protected header (RFC 7515, 4) must say what the signature was made for. */
function headerFault({ header: { alg, typ, crit } }: { readonly header: Header }): string | undefined {
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) return `header.alg must be EdDSA, and is ${JSON.stringify(alg) ?? 'missing'}`;
  if (typ !== TYPE) return `header.typ must be ${TYPE}, and is ${JSON.stringify(typ) ?? 'missing'}`;
  return crit === undefined ? undefined : 'header.crit names extensions, and none is known here';
}

const badSignature = (issuer: string, why: string): Problem => ({
  code: 'bad-signature',
  says: `The verdict claims to come from ${issuer}, but ${why}.`,
  next: "Nothing was done. Compare the public key in the configuration with the arbiter's; if they are equal, somebody else wrote this.",
});

/** Signs the JSON of a verdict. `privateKey`: PEM (PKCS#8). Problems: `malformed-verdict`, `key-unreadable`. */
export async function signVerdict(
  value: unknown,
  privateKey: { readonly path: string; readonly pem: string },
): Promise<{ readonly jws: string } | Problem> {
  const verdict = parseVerdict(value);
  if ('code' in verdict) return verdict;
  if (privateKey.pem.includes('-----BEGIN PUBLIC KEY-----'))
    return unreadable(privateKey.path, 'it holds a public key. Signing takes the private half (NAME.key), which only the arbiter has.');
  try {
    const { CompactSign, importPKCS8 } = await import('jose');
    const key = await importPKCS8(privateKey.pem, 'EdDSA');
    const jws = await new CompactSign(Buffer.from(JSON.stringify(value))).setProtectedHeader({ alg: 'EdDSA', typ: TYPE }).sign(key);
    return { jws };
  } catch (error) {
    return unreadable(privateKey.path, `${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** A fresh pair, as PEM. */
export async function newKeyPair(): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const { exportPKCS8, exportSPKI, generateKeyPair } = await import('jose');
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { privateKey: `${await exportPKCS8(pair.privateKey)}\n`, publicKey: `${await exportSPKI(pair.publicKey)}\n` };
}
