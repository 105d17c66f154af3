/**
 * What lint calls an error bars a configuration from everything that may switch power. What was found is remembered for this very configuration:
 * whoever asks again does not pay for it again, and nobody has to be believed that lint was asked.
 */
import type { ConfigProblem, Configuration, Whereabouts } from '../configuration.ts';
import type { Problem } from '../../vocabulary/index.ts';
import { formatProblem } from '../findings.ts';
import { lintConfiguration } from './lint.ts';

const places = new WeakMap<Configuration, Whereabouts>();
const found = new WeakMap<Configuration, readonly ConfigProblem[]>();

/** The loader tells where the keys of a configuration stand in its file. One that was put together in a program has no lines: the first is named. */
export const standsAt = (configuration: Configuration, where: Whereabouts): void => void places.set(configuration, where);

/** Sorted by line; empty: nothing bars it. `file` is how the user named it. */
export function lintErrors(configuration: Configuration, file?: string): readonly ConfigProblem[] {
  const known = found.get(configuration);
  if (known !== undefined) return known;
  const where = places.get(configuration) ?? (() => ({ line: 1, column: 1 }));
  const errors = lintConfiguration(configuration, where, file).filter(({ severity }) => severity === 'error');
  found.set(configuration, errors);
  return errors;
}

/** All of it as one problem, for programs that look at the top only. */
export function notUsable(file: string, problems: readonly ConfigProblem[]): Problem {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return {
    code: 'configuration',
    says: `${file} cannot be used: ${first === undefined ? 'it has an error' : formatProblem(first)}${more}`,
    next: 'Mend it: bailiff check lists everything that is wrong in it.',
  };
}

/** Why nothing may be switched with this configuration. Undefined: nothing bars it. */
export function barred(configuration: Configuration): Problem | undefined {
  const errors = lintErrors(configuration);
  return errors.length === 0 ? undefined : notUsable(configuration.file, errors);
}
