/** A verdict as it travels: JSON with ISO 8601 times. Bounded and parsed here; nothing of it has changed any state yet (S13). */
import {
  array,
  enum as oneOf,
  int,
  iso,
  looseObject,
  maxLength,
  minLength,
  maximum,
  minimum,
  optional,
  regex,
  strictObject,
  string,
  toJSONSchema,
} from 'zod/mini';
import { CLAIMS, type Problem, type Verdict } from '../vocabulary/index.ts';

const id = string().check(regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/));
const name = string().check(regex(/^[A-Za-z0-9._-]{1,64}$/));
const nodes = array(name).check(maxLength(256));
const time = iso.datetime({ offset: true });
const votes = int().check(minimum(0), maximum(65_535));

/** A verdict is small; anything longer is not one. */
export const MOST_BYTES = 64 * 1024;

const written = strictObject({
  id,
  cluster: name,
  epoch: int().check(minimum(1), maximum(Number.MAX_SAFE_INTEGER)),
  claim: oneOf(['dead', 'partitioned', 'misbehaving']),
  targets: nodes.check(minLength(1)),
  survivors: nodes,
  votes: optional(strictObject({ for: votes, total: votes })),
  issuer: name,
  issuerHost: optional(name),
  issuedAt: time,
  expiresAt: time,
  reason: string().check(minLength(1), maxLength(1000)),
});

/** JSON Schema (draft 2020-12) of the payload. */
export const verdictJsonSchema = (): unknown => toJSONSchema(written);

/** Checks the form. The problem names every field that is wrong. */
export function parseVerdict(value: unknown): Verdict | Problem {
  const parsed = written.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .slice(0, 8)
      .map((issue) => `${issue.path.length === 0 ? 'the verdict' : issue.path.join('.')}: ${issue.message}`);
    return malformed(faults.join('; '));
  }
  const { votes: counted, issuerHost, issuedAt, expiresAt, ...rest } = parsed.data;
  const verdict: Verdict = {
    ...rest,
    ...(counted === undefined ? {} : { votes: counted }),
    ...(issuerHost === undefined ? {} : { issuerHost }),
    issuedAt: Date.parse(issuedAt),
    expiresAt: Date.parse(expiresAt),
  };
  if (verdict.expiresAt <= verdict.issuedAt) return malformed('expiresAt: is not after issuedAt');
  if (new Set(verdict.targets).size !== verdict.targets.length) return malformed('targets: names a node twice');
  return verdict;
}

/** The issuer as claimed, before any signature was checked; used only to find the key to check it with. */
export function claimedIssuer(value: unknown): string | undefined {
  const parsed = looseObject({ issuer: name }).safeParse(value);
  return parsed.success ? parsed.data.issuer : undefined;
}

export const malformed = (says: string): Problem => ({
  code: 'malformed-verdict',
  says: `This is not a verdict: ${says}`,
  next: `Nothing was done. bailiff verdict schema prints the form; claims are ${CLAIMS.join(', ')}.`,
});
