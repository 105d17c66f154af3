/** What resolving each section of the file has in common. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseDuration } from '../../drivers/kit/settings.ts';
import type { Address } from './configuration.ts';
import { LIMITS } from './defaults.ts';
import type { DriverLookup } from './devices.ts';
import { readTextFile } from './files.ts';
import { didYouMean, type Findings, type Path } from './findings.ts';
import { changeableByOthers } from './guarded.ts';
import type { SecretSources } from './secrets.ts';
import { valueAt } from './validate.ts';
import type { Written } from './written.ts';

export interface Loading {
  /** Absolute path of the file. */
  readonly file: string;
  readonly document: unknown;
  /** What the schema gave back of nodes and devices, where the whole document fits: each is looked at once. */
  readonly whole?: Pick<Written, 'nodes' | 'devices'>;
  readonly sources: SecretSources;
  readonly drivers: DriverLookup;
  readonly unloadable: 'error' | 'keep';
  readonly findings: Findings;
}

/** A section as written; an absent one is empty, and so is (here) a wrong one, which `validate` has reported. */
export const section = ({ document }: Loading, key: string): unknown => valueAt(document, [key]) ?? {};

export const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

/** Milliseconds of a duration that has its form already; out of bounds is reported. */
export function span(text: string, bounds: readonly [string, string], path: Path, findings: Findings): number {
  const ms = parseDuration(text) ?? 0;
  const [least, most] = bounds;
  if (ms < (parseDuration(least) ?? 0) || ms > (parseDuration(most) ?? 0)) {
    findings.add({ code: 'wrong-value', path, says: `must be from ${least} to ${most}`, next: 'mend the value' });
  }
  return ms;
}

export const tooMany = (findings: Findings, key: string, limit: number): void =>
  findings.add({ code: 'config-too-large', path: [key], says: `has more than ${limit} entries`, next: 'split the cluster' });

export function unknownReference(kind: 'device' | 'node', name: string, known: readonly string[], path: Path, findings: Findings): void {
  // Each name is held against all: not for problems that are not shown any more.
  const meant = findings.count() < LIMITS.problems ? didYouMean(name, known) : undefined;
  const some = known.slice(0, 12);
  const list = some.length === 0 ? 'none is defined' : `defined are ${some.join(', ')}${known.length > some.length ? ' …' : ''}`;
  findings.add({
    code: 'unknown-reference',
    path,
    says: `no ${kind} is called ${name}`,
    next: `${meant === undefined ? '' : `did you mean ${meant}? `}${list}`,
  });
}

export function reportRepeated(names: readonly string[], pathOf: (index: number) => Path, says: string, findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) findings.add({ code: 'duplicate-name', path: pathOf(index), says, next: 'choose another, or take it away' });
    seen.add(name);
  }
}

/** `host:port` or `[v6]:port`, whose form has been checked; digits and dots must be a real IPv4 address. */
export function addressOf(text: string, path: Path, findings: Findings): Address {
  const colon = text.lastIndexOf(':');
  const bracketed = text.startsWith('[');
  const host = bracketed ? text.slice(1, colon - 1) : text.slice(0, colon);
  if (bracketed ? isIP(host) !== 6 : /^[\d.]+$/.test(host) && isIP(host) !== 4) {
    findings.add({ code: 'wrong-value', path, says: `is not an IPv${bracketed ? 6 : 4} address`, next: 'mend the address' });
  }
  return { host, port: Number(text.slice(colon + 1)) };
}

export function publicFile(written: string, path: Path, { sources, findings }: Loading): string {
  const file = resolve(sources.base, written);
  if (sources.files === 'check') {
    const read = readTextFile(file, LIMITS.secretBytes);
    if ('failure' in read)
      findings.add({ code: 'key-missing', path, says: `${file} ${read.says}`, next: 'put the file there, or mend the path' });
    reportChangeable(file, path, findings);
  }
  return file;
}

/** A file whose content is believed: who may change it may say who is fenced. */
export function reportChangeable(file: string, path: Path, findings: Findings): void {
  const changeable = changeableByOthers(file);
  if (changeable !== undefined) findings.add({ code: 'changeable-by-others', path, ...changeable });
}
