/** Runs a schema over a part of the file and says in plain words what does not fit. Values are never quoted: they may be secrets. */
import { type output, safeParse, type core } from 'zod/mini';
import { didYouMean, type Finding, type Findings, type Path } from './findings.ts';
import { SECRET_PATHS } from './written.ts';

type Schema = core.$ZodType;
type Issue = core.$ZodIssue;

/** The part as the schema gives it back (defaults filled in), or undefined where it does not fit; nothing is reported. */
export function part<T extends Schema>(schema: T, value: unknown): output<T> | undefined {
  const parsed = safeParse(schema, value, { jitless: true });
  return parsed.success ? parsed.data : undefined;
}

/** Reports everything in `value` that does not fit; the part as the schema gives it back where all of it does. */
export function validate<T extends Schema>(schema: T, value: unknown, findings: Findings): output<T> | undefined {
  const parsed = safeParse(schema, value, { jitless: true });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    for (const finding of describe(issue, issue.path.filter(isSegment), value, schema)) findings.add(finding);
  }
  return undefined;
}

const isSegment = (part: PropertyKey): part is string | number => typeof part !== 'symbol';

function describe(issue: Issue, path: Path, document: unknown, schema: Schema): readonly Finding[] {
  if (SECRET_PATHS.includes(path.join('.'))) return [secretFinding(path, valueAt(document, path))];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, path);
      return issue.keys.map((key) => unknownKey([...path, key], key, known));
    }
    case 'invalid_key': {
      const says = issue.issues[0]?.message ?? 'is not a usable name';
      return [{ code: 'bad-name', path, says, next: 'rename it here and wherever it is used' }];
    }
    case 'invalid_union':
      return describeUnion(issue, path, document, schema);
    case 'invalid_type':
      return [wrongType(issue, path, valueAt(document, path))];
    default:
      return [wrongValue(issue, path)];
  }
}

/** Of several shapes, the one that was meant is the one whose outermost type fits. */
function describeUnion(issue: core.$ZodIssueInvalidUnion, path: Path, document: unknown, schema: Schema): readonly Finding[] {
  if ('options' in issue && Array.isArray(issue.options)) {
    if (valueAt(document, path) === undefined) return [missing(path), ...unknownBeside(path.slice(0, -1), document, schema)];
    return [{ code: 'wrong-value', path, says: `must be one of ${issue.options.join(', ')}`, next: 'choose one of them' }];
  }
  const meant = issue.errors.find((branch) => !branch.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type'));
  if (meant !== undefined) {
    return meant.flatMap((inner) => describe(inner, [...path, ...inner.path.filter(isSegment)], document, schema));
  }
  if (valueAt(document, path) === undefined) return [missing(path)];
  const shapes = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === 'invalid_type' ? [TYPES[inner.expected] ?? ''] : [])),
  );
  return [{ code: 'wrong-value', path, says: `must be ${[...new Set(shapes)].join(' or ')}`, next: 'see the configuration guide' }];
}

/** Without its `kind` a map matches no shape; a key that no shape knows is likely the misspelt one. */
function unknownBeside(path: Path, document: unknown, schema: Schema): readonly Finding[] {
  const known = keysAt(schema, path);
  const value = valueAt(document, path);
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.filter((key) => !known.includes(key)).map((key) => unknownKey([...path, key], key, known));
}

/** A secret where only a reference may stand. */
export function secretFinding(path: Path, value: unknown): Finding {
  if (value === undefined) return missing(path);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const next =
      'put it in a file of mode 600 and write { file: PATH }, or { env: VARIABLE }, or { credential: NAME }; then change the secret, for it was exposed';
    return { code: 'literal-secret', path, says: 'a secret stands here in the open', next };
  }
  const says = 'must be a reference to a secret with exactly one key and a text as its value';
  return { code: 'secret-reference', path, says, next: 'write { file: PATH }, { env: VARIABLE } or { credential: NAME }' };
}

export function unknownKey(path: Path, key: string, known: readonly string[]): Finding {
  const meant = didYouMean(key, known);
  const guess = meant === undefined ? (/[:=]/.test(key) ? 'is a space missing after the colon?' : undefined) : `did you mean ${meant}?`;
  const next = `${guess === undefined ? '' : `${guess} `}known here: ${known.length === 0 ? 'nothing' : known.join(', ')}`;
  return { code: 'unknown-key', path, says: 'is not a key here', next };
}

const missing = (path: Path): Finding => {
  const key = path.at(-1);
  const next =
    key === 'fence'
      ? 'list the levels that fence this node; a node that cannot be fenced says fence: []'
      : 'add it (the configuration guide says what it means)';
  return { code: 'missing-key', path, says: 'is missing', next };
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

/** What zod says unless a schema has words of its own (no locale is loaded). */
const NO_WORDS = 'Invalid input';

function wrongType({ expected, message }: core.$ZodIssueInvalidType, path: Path, value: unknown): Finding {
  if (path.length === 0) {
    const says = value === null ? 'the file is empty' : 'the file does not hold a map of keys and values';
    return { code: 'wrong-value', path, says, next: 'start with cluster: NAME; the configuration guide has an example' };
  }
  if (value === undefined) return missing(path);
  const rule = message === NO_WORDS ? `must be ${TYPES[expected] ?? 'of another kind'}` : message;
  if (value === null) return { code: 'wrong-value', path, says: `is empty, and ${rule}`, next: 'fill it in, or take the key away' };
  const next = message === NO_WORDS && expected === 'string' && typeof value === 'number' ? 'put it in quotes' : 'mend the value';
  return { code: 'wrong-value', path, says: rule, next };
}

function wrongValue(issue: Issue, path: Path): Finding {
  const found = (says: string, next = 'mend the value'): Finding => ({ code: 'wrong-value', path, says, next });
  switch (issue.code) {
    case 'invalid_value':
      return found(`must be one of ${issue.values.map(String).join(', ')}`, 'choose one of them');
    case 'too_small':
      if (issue.origin === 'array') return found('is empty', 'name at least one entry, or take the empty list away');
      return found(issue.origin === 'string' ? 'is an empty text' : `must be at least ${issue.minimum}`);
    case 'too_big':
      if (issue.origin === 'array') return found(`has more than ${issue.maximum} entries`, 'use fewer');
      return found(issue.origin === 'string' ? `is longer than ${issue.maximum} characters` : `must be at most ${issue.maximum}`);
    case 'invalid_format':
      if (issue.message.startsWith('must be a name')) return { code: 'bad-name', path, says: issue.message, next: 'mend the name' };
      return found(issue.message);
    default:
      return found('does not fit', 'see the configuration guide');
  }
}

export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}

interface Definition {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly innerType?: Schema;
  readonly options?: readonly Schema[];
}

/** The keys that the schema knows at a path: every shape of a union is counted. */
function keysAt(schema: Schema, path: Path): readonly string[] {
  const { shape, element, valueType, innerType, options }: Definition = schema._zod.def as Definition;
  if (innerType !== undefined) return keysAt(innerType, path);
  if (options !== undefined) return [...new Set(options.flatMap((option) => keysAt(option, path)))];
  const [first, ...rest] = path;
  if (first === undefined) return shape === undefined ? [] : Object.keys(shape);
  const inner = shape?.[first] ?? element ?? valueType;
  return inner === undefined ? [] : keysAt(inner, rest);
}
