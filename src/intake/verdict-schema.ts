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
import { type Fault, strictJson } from './strict-json.ts';
import { wordsFor } from './verdict-words.ts';

const id = string().check(regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/));
const name = string().check(regex(/^[A-Za-z0-9._-]{1,64}$/));
/** A whole cluster may stand in each list. */
const nodes = array(name).check(maxLength(10_000));
const time = iso.datetime({ offset: true });
const votes = (least: number) => int().check(minimum(least), maximum(2_550_000));

/** Two lists of a cluster's longest names, and a signature around them; anything longer is no verdict. */
export const MOST_BYTES = 2 * 1024 * 1024;

const written = strictObject({
  id,
  cluster: name,
  // An epoch that is never set is 0 in many languages. The core bounds it further: something must be left to go higher.
  epoch: int().check(minimum(1), maximum(Number.MAX_SAFE_INTEGER)),
  claim: oneOf(['dead', 'partitioned', 'misbehaving']),
  targets: nodes.check(minLength(1)),
  survivors: nodes,
  votes: optional(strictObject({ for: votes(0), total: votes(1) })),
  issuer: name,
  issuerHost: optional(name),
  issuedAt: time,
  expiresAt: time,
  reason: string().check(minLength(1), maxLength(1000)),
});

/** JSON Schema (draft 2020-12) of the payload. */
export const verdictJsonSchema = (): unknown => toJSONSchema(written);

/** The JSON of a verdict as bytes, before its form is looked at. Problem: `malformed-verdict`, which names every member that is ambiguous. */
export function readVerdict(bytes: Uint8Array): { readonly value: unknown } | Problem {
  if (bytes.length > MOST_BYTES) return malformed(`the verdict: is longer than ${MOST_BYTES} bytes`);
  const read = strictJson(bytes);
  return 'faults' in read ? malformed(clausesOf(read.faults, 'the verdict')) : read;
}

/** `epoch: stands twice; reason: holds bytes that are no UTF-8`. */
export const clausesOf = (faults: readonly Fault[], document: string): string =>
  faults.map(({ at, says }) => `${at === '' ? document : at}: ${says}`).join('; ');

const MOST_TOLD = 8;

/** Checks the form. The problem names every field that is wrong, and what must stand there. */
export function parseVerdict(value: unknown): Verdict | Problem {
  const parsed = written.safeParse(value, { jitless: true });
  if (!parsed.success)
    return malformed(
      parsed.error.issues
        .flatMap((issue) => wordsFor(issue, value))
        .slice(0, MOST_TOLD)
        .join('; '),
    );
  const { votes: counted, issuerHost, issuedAt, expiresAt, ...rest } = parsed.data;
  const verdict: Verdict = {
    ...rest,
    ...(counted === undefined ? {} : { votes: counted }),
    ...(issuerHost === undefined ? {} : { issuerHost }),
    issuedAt: Date.parse(issuedAt),
    expiresAt: Date.parse(expiresAt),
  };
  const together = faultsTogether(verdict);
  return together.length > 0 ? malformed(together.join('; ')) : verdict;
}

/** Fields that are each well-formed and do not fit together. */
function faultsTogether({ votes: counted, issuedAt, expiresAt, targets, survivors }: Verdict): readonly string[] {
  const faults: string[] = [];
  if (Number.isNaN(issuedAt)) faults.push('issuedAt: is no moment that there is');
  if (Number.isNaN(expiresAt)) faults.push('expiresAt: is no moment that there is');
  if (expiresAt <= issuedAt) faults.push('expiresAt: is not after issuedAt');
  for (const [field, list] of [['targets', targets] as const, ['survivors', survivors] as const]) {
    const twice = list.find((node, index) => list.indexOf(node) !== index);
    if (twice !== undefined) faults.push(`${field}: names ${twice} twice`);
  }
  if (counted !== undefined && counted.for > counted.total)
    faults.push(`votes.for: is ${counted.for}, and only ${counted.total} voted (votes.total)`);
  return faults;
}

/** The issuer as claimed, before any signature was checked; used only to find the key to check it with. */
export function claimedIssuer(value: unknown): string | undefined {
  const parsed = looseObject({ issuer: name }).safeParse(value, { jitless: true });
  return parsed.success ? parsed.data.issuer : undefined;
}

export const malformed = (says: string): Problem => ({
  code: 'malformed-verdict',
  says: `This is not a verdict: ${says}.`,
  next: `Nothing was done. bailiff verdict schema prints the form; claims are ${CLAIMS.join(', ')}.`,
});
