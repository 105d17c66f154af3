/**
 * Answers are checked at run time as well: a third-party driver may be plain JavaScript. Each function says what is wrong, or undefined.
 */
import type { ListedOutlet, OrderResult, Problem, Reading } from '../kit/contract.ts';

const CODE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export function problemFault(problem: Problem | undefined): string | undefined {
  if (typeof problem !== 'object' || problem === null) return 'there is no problem that says why';
  if (typeof problem.code !== 'string' || !CODE.test(problem.code))
    return `the problem's code ${JSON.stringify(problem.code)} is not kebab-case`;
  if (typeof problem.says !== 'string' || problem.says === '') return `problem ${problem.code} does not say what happened`;
  if (typeof problem.next !== 'string' || problem.next === '') return `problem ${problem.code} does not say what to do next`;
  return undefined;
}

export function orderFault(result: OrderResult): string | undefined {
  if (typeof result !== 'object' || result === null) return 'the answer is no order result';
  if (result.result === 'accepted') return undefined;
  if (result.result === 'rejected' || result.result === 'unknown') return problemFault(result.why);
  return `${JSON.stringify((result as { readonly result: unknown }).result)} is not one of accepted, rejected, unknown`;
}

export function readingFault(reading: Reading): string | undefined {
  if (typeof reading !== 'object' || reading === null) return 'the answer is no reading';
  if (typeof reading.source !== 'string' || reading.source === '') return 'the reading does not say how it was read (source)';
  if (reading.power === 'on' || reading.power === 'off') return undefined;
  if (reading.power === 'unknown') return problemFault(reading.why);
  return `${JSON.stringify((reading as { readonly power: unknown }).power)} is not one of on, off, unknown`;
}

export function listFault(listed: readonly ListedOutlet[] | Problem): string | undefined {
  if (!isList(listed)) return problemFault(listed);
  const seen = new Set<string>();
  for (const { plug, reading } of listed) {
    if (typeof plug !== 'string') return 'a listed outlet has no plug name';
    if (seen.has(plug)) return `plug '${plug}' is listed twice`;
    seen.add(plug);
    const wrong = readingFault(reading);
    if (wrong !== undefined) return `listed plug '${plug}': ${wrong}`;
  }
  return undefined;
}

export const isList = (listed: readonly ListedOutlet[] | Problem): listed is readonly ListedOutlet[] => Array.isArray(listed);
