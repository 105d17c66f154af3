/** What is wrong with a verdict, for the people who write arbiters: always the field, and what must stand there. */
import type { core } from 'zod/mini';

const NAME = 'must be a name: 1 to 64 letters, digits, dots, hyphens or underscores';
const TIME = 'must be a date and time with its zone in ISO 8601, such as 2026-01-05T08:00:00Z';
const NAMES = 'must be a list of node names, at most 10000';

/** By field; of lists for the list and for its entries. */
const RULES: Readonly<Record<string, string>> = {
  id: 'must have 1 to 128 letters, digits, dots, colons, hyphens or underscores, and begin with a letter or digit',
  cluster: NAME,
  epoch: `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
  claim: 'must be dead, partitioned or misbehaving',
  targets: `${NAMES}, and name one at least`,
  'targets.*': NAME,
  survivors: NAMES,
  'survivors.*': NAME,
  votes: 'must be an object with the whole numbers for and total',
  'votes.for': 'must be a whole number from 0 to 2550000',
  'votes.total': 'must be a whole number from 1 to 2550000',
  issuer: NAME,
  issuerHost: NAME,
  issuedAt: TIME,
  expiresAt: TIME,
  reason: 'must be a text of 1 to 1000 characters',
};

const FIELDS = Object.keys(RULES).filter((field) => !field.includes('.'));

/** One clause for each wrong field: `epoch: must be a whole number …, and is "seven"`. */
export function wordsFor(issue: core.$ZodIssue, document: unknown): readonly string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = path.length === 0 ? `a verdict has ${FIELDS.join(', ')}` : 'votes has for and total';
    return issue.keys.map((key) => `${[...path, shortened(key)].join('.')}: is not a field here; ${known}`);
  }
  if (path.length === 0) return [`the verdict: must be a JSON object, and is ${shown(document)}`];
  const rule = RULES[path.map((part, depth) => (depth > 0 && /^\d+$/.test(part) ? '*' : part)).join('.')] ?? 'does not belong there';
  const value = valueAt(document, path);
  return [`${path.join('.')}: ${value === undefined ? `is missing; it ${rule}` : `${rule}, and is ${shown(value)}`}`];
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : JSON.stringify(shortened(value));
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
