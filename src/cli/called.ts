/** Calls for a person, as lines. */
import type { OpenCall } from '../service/calls.ts';
import { clockTime } from '../service/words.ts';

const MOST_SHOWN = 20;

/** The newest of them. */
export function calledLines(calls: readonly OpenCall[]): string[] {
  const shown = calls.slice(-MOST_SHOWN);
  const left = calls.length - shown.length;
  return [
    ...shown.flatMap(({ call: { at, problem }, ends, until }) => [
      `called ${clockTime(at)}  ${problem.code}: ${problem.says}`,
      `  next: ${problem.next}`,
      `  ends: ${ends}, or at ${clockTime(until)}`,
    ]),
    ...(left === 0 ? [] : [`${left} older ones are not shown: bailiff pending --json`]),
  ];
}
