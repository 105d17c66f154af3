/** Calls for a person, as the journal tells them: also by processes that are gone. */
import type { Called, State } from '../core/index.ts';

/** How long a call is shown. */
const SHOWN_FOR = 24 * 3_600_000;
const MOST_SHOWN = 20;

/** Of the last day, oldest first. */
export const lately = ({ calls }: State, now: number): readonly Called[] =>
  calls.filter(({ at }) => at > now - SHOWN_FOR).slice(-MOST_SHOWN);

/** Nobody has dealt with it yet, as far as the journal knows: its operation is open or parked, or it belongs to none. */
export const stillOpen = (state: State, now: number): readonly Called[] =>
  lately(state, now).filter(
    ({ operation, problem }) => operation === undefined || state.operations[operation] !== undefined || problem.code === 'promise-broken',
  );

export const calledJson = ({ at, problem, operation, target }: Called): object => ({
  at: new Date(at).toISOString(),
  ...(target === undefined ? {} : { target }),
  ...(operation === undefined ? {} : { operation }),
  code: problem.code,
  says: problem.says,
  next: problem.next,
});

export const calledLines = ({ at, problem: { code, says, next } }: Called): string[] => [
  `called ${new Date(at).toISOString()}  ${code}: ${says}`,
  `  next: ${next}`,
];
