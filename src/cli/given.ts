/** `--set name=value` words as settings for a driver: typed by its schema, secrets only as references that are remembered for pasting. */
import { resolve } from 'node:path';
import { checkSettings, type Secret, type Setting, type SettingsSchema } from '../../drivers/kit/contract.ts';
import { collectFindings } from '../config/findings.ts';
import { secretAt } from '../config/secrets.ts';
import type { Problem } from '../vocabulary/index.ts';

/** As the configuration writes it: `{ file: PATH }`. */
export type Reference = Readonly<Record<string, string>>;

export interface Given {
  /** Checked by the schema; nothing is required, no default is filled in. Paths are absolute, durations in milliseconds. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly references: ReadonlyMap<Secret, Reference>;
}

type Raw = Record<string, unknown>;

/** What of the words this schema has a place for; the others are left out. Nothing that was typed is repeated, for it may be a secret. */
export function givenFor(schema: SettingsSchema, words: readonly string[]): Given | Problem {
  const raw: Raw = {};
  const references = new Map<Secret, Reference>();
  for (const word of words) {
    const at = word.indexOf('=');
    const path = nameOf(word).split('.');
    const setting = settingAt(schema, path);
    if (setting === undefined) continue;
    const value = typedValue(setting, word.slice(at + 1), references);
    if (isProblem(value)) return value;
    put(raw, path, value);
  }
  const { settings, problems } = checkSettings(loosened(schema), raw);
  const [first] = problems;
  if (first === undefined) return { values: settings, references };
  return {
    code: 'wrong-setting',
    says: `--set ${first.path} ${first.says}`,
    next: 'See bailiff discover --help and bailiff config schema.',
  };
}

/** The part before the first `=`; the whole word where there is none. */
export const nameOf = (word: string): string => word.split('=', 1)[0] ?? '';

/** The setting that a dotted path names. */
export function settingAt(schema: SettingsSchema, path: readonly string[]): Setting | undefined {
  const [first = '', ...rest] = path;
  const setting = Object.hasOwn(schema, first) ? schema[first] : undefined;
  if (rest.length === 0) return setting;
  return setting?.kind === 'object' ? settingAt(setting.fields, rest) : undefined;
}

const isProblem = (value: unknown): value is Problem => typeof value === 'object' && value !== null && 'says' in value;

function loosened(schema: SettingsSchema): SettingsSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([name, setting]) => {
      const { default: _default, ...rest } = { default: undefined, ...setting };
      return [name, { ...rest, required: false }];
    }),
  );
}

function put(raw: Raw, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    raw[first] = value;
    return;
  }
  const inner = (raw[first] ?? {}) as Raw;
  raw[first] = inner;
  put(inner, rest, value);
}

function typedValue(setting: Setting, text: string, references: Map<Secret, Reference>): unknown {
  switch (setting.kind) {
    case 'integer':
      return /^\d{1,15}$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'string':
      return setting.isPath === true && text !== '' ? resolve(text) : text;
    case 'list': {
      const items = text.split(',').map((item) => typedValue(setting.of, item.trim(), references));
      return items.find(isProblem) ?? items;
    }
    case 'secret':
      return secretOf(text, references);
    default:
      return text;
  }
}

/** `file:PATH`, `env:NAME` or `credential:NAME`, looked at now: a password that cannot be read is no login. */
function secretOf(text: string, references: Map<Secret, Reference>): Secret | Problem {
  const [how = '', ...where] = text.split(':');
  const reference = { [how]: where.join(':') };
  const findings = collectFindings('--set', () => ({ line: 1, column: 1 }));
  const known = ['file', 'env', 'credential'].includes(how) && where.join(':') !== '';
  const sources = { base: process.cwd(), environment: process.env, files: 'check' } as const;
  const secret = known ? secretAt([], reference, sources, findings) : undefined;
  if (secret !== undefined) {
    references.set(secret, reference);
    return secret;
  }
  const [trouble] = findings.sorted();
  if (known && trouble !== undefined) return { code: trouble.code, says: trouble.says, next: trouble.next };
  return {
    code: 'literal-secret',
    says: 'A secret was given in the open.',
    next: 'Give a reference: file:PATH or env:NAME. Whoever lists the processes of this machine reads the command line.',
  };
}
