import type { ConfigCode } from './codes.ts';
import type { ConfigProblem, Whereabouts } from './configuration.ts';
import { LIMITS } from './defaults.ts';

export type Path = readonly (string | number)[];

export interface Finding {
  readonly code: ConfigCode;
  readonly path: Path;
  readonly says: string;
  readonly next: string;
  readonly severity?: 'error' | 'warning';
  /** Where the place is known better than by its path (syntax). */
  readonly place?: { readonly line: number; readonly column: number };
}

/** Collects every problem of one file, bounded, and gives them back sorted by place. */
export interface Findings {
  add(finding: Finding): void;
  count(): number;
  sorted(): readonly ConfigProblem[];
}

export function collectFindings(file: string, where: Whereabouts): Findings {
  const problems: ConfigProblem[] = [];
  let beyond = 0;
  return {
    add: ({ code, path, says, next, severity = 'error', place }) => {
      if (problems.length >= LIMITS.problems) {
        beyond += 1;
        return;
      }
      const problem = { code, severity, file, ...(place ?? where(path)), path: showPath(path), says, next };
      // One mistake may be met twice by the YAML parser; a person needs to read of it once.
      const known = problems.some(
        (one) => one.line === problem.line && one.column === problem.column && one.path === problem.path && one.says === says,
      );
      if (!known) problems.push(problem);
    },
    count: () => problems.length,
    sorted: () => {
      const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
      const last = sorted.at(-1);
      if (beyond > 0 && last !== undefined) {
        sorted.push({ ...last, path: '', says: `${beyond} more problems are not shown`, next: 'mend these first' });
      }
      return sorted;
    },
  };
}

/** `bailiff.yaml:14:7 devices.pdu-a.profile: must be a text. Write it in quotes`. */
export function formatProblem(problem: ConfigProblem): string {
  const at = problem.path === '' ? '' : `${problem.path}: `;
  const warning = problem.severity === 'warning' ? 'warning: ' : '';
  return `${problem.file}:${problem.line}:${problem.column} ${warning}${at}${problem.says}. ${capital(problem.next)}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const NAME_SHAPED = /^[A-Za-z0-9._-]{1,64}$/;

/** A key that does not look like a name may be a value in the wrong place (`password:hunter2`), so it is not shown. */
export const showKey = (key: string): string => (NAME_SHAPED.test(key) ? key : '(a key)');

function showPath(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${showKey(part)}`)).join('');
}

/** ` did you mean "x"?` or nothing; at most two edits away, or one in short words. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const reach = word.length < 5 ? 1 : 2;
  let best: string | undefined;
  let bestDistance = reach + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > reach) continue;
    const distance = edits(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Edits between two words, a swap of neighbours counted as one (optimal string alignment). Words here have at most 64 characters. */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
