/** References to secrets: where the value comes from, checked when the configuration is loaded, fetched again at each use. */
import { resolve } from 'node:path';
import { Secret } from '../vocabulary/index.ts';
import type { ConfigCode } from './codes.ts';
import { LIMITS } from './defaults.ts';
import { readTextFile } from './files.ts';
import type { Findings, Path } from './findings.ts';
import { shellWord } from './guarded.ts';
import { secretFinding } from './validate.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretSources {
  /** Folder to which file references are relative. */
  readonly base: string;
  readonly environment: Environment;
  /** `leave`: no file and no variable is looked at while loading. */
  readonly files: 'check' | 'leave';
}

interface Trouble {
  readonly code: ConfigCode;
  readonly says: string;
  readonly next: string;
}

type Fetched = { readonly value: string } | Trouble;

/** A `Secret` for what stands in the file at `path`; undefined after a problem was reported. */
export function secretAt(path: Path, written: unknown, sources: SecretSources, findings: Findings): Secret | undefined {
  const source = sourceOf(written, sources);
  if (source === undefined) {
    findings.add(secretFinding(path, written));
    return undefined;
  }
  if (sources.files === 'check') {
    const fetched = source.fetch();
    if (!('value' in fetched)) {
      findings.add({ ...fetched, path });
      return undefined;
    }
  }
  return new Secret(source.origin, () => {
    const fetched = source.fetch();
    if ('value' in fetched) return fetched.value;
    throw new Error(`${source.origin}: ${fetched.says}; ${fetched.next}`);
  });
}

interface Source {
  readonly origin: string;
  fetch(): Fetched;
}

function sourceOf(written: unknown, { base, environment }: SecretSources): Source | undefined {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return undefined;
  const entries = Object.entries(written);
  const [key, value] = entries[0] ?? [];
  if (entries.length !== 1 || typeof value !== 'string' || value === '' || value.length > 1024 || value.includes('\0')) return undefined;
  switch (key) {
    case 'file': {
      const path = resolve(base, value);
      return { origin: `file ${path}`, fetch: () => fromFile(path, 'owner-only') };
    }
    case 'env':
      return { origin: `variable ${value}`, fetch: () => fromVariable(value, environment) };
    case 'credential':
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) return undefined;
      return { origin: `credential ${value}`, fetch: () => fromCredential(value, environment) };
    default:
      return undefined;
  }
}

const OTHERS = 0o077;

/**
 * systemd guards its credentials folder itself, and marks files there as group-readable where it grants access by an ACL: there the mode
 * says nothing. On Windows modes say nothing either.
 */
function fromFile(path: string, guard: 'owner-only' | 'systemd'): Fetched {
  const read = readTextFile(path, LIMITS.secretBytes);
  if ('failure' in read) {
    const gone = read.failure === 'missing';
    const next = gone
      ? `create it with mode 600: install -m 600 /dev/null ${shellWord(path)}, then write the secret into it`
      : 'mend the file';
    return { code: gone ? 'secret-missing' : 'secret-unreadable', says: `${path} ${read.says}`, next };
  }
  const mode = read.mode & 0o777;
  if (guard === 'owner-only' && process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    const says = `${path} may be read or changed by others than its owner (mode ${mode.toString(8).padStart(3, '0')})`;
    return { code: 'secret-permissions', says, next: `run: chmod 600 ${shellWord(path)}` };
  }
  const value = read.text.replace(/\r?\n$/, '');
  return value === '' ? { code: 'secret-unreadable', says: `${path} is empty`, next: 'write the secret into it' } : { value };
}

function fromVariable(name: string, environment: Environment): Fetched {
  const value = environment[name];
  if (value !== undefined && value !== '') return { value };
  return {
    code: 'secret-missing',
    says: `the variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
    next: 'set it for this process, or use { file: … }',
  };
}

function fromCredential(name: string, environment: Environment): Fetched {
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (folder === undefined || folder === '') {
    const next = `start it by systemd with LoadCredential=${name}:PATH, or use { file: … }`;
    return { code: 'secret-missing', says: `the credential ${name} cannot be found: CREDENTIALS_DIRECTORY is not set`, next };
  }
  return fromFile(resolve(folder, name), 'systemd');
}
