/** What waits for a person, until when they may decide it, and what is too late to be decided: for `pending`, and for all who tell of it. */
import { type Operation, type State, waitsFor } from '../core/index.ts';
import { clockTime } from './words.ts';

export interface PersonAwaited {
  readonly operation: Operation;
  readonly what: 'approval' | 'attestation';
  /** Milliseconds since 1970: from then on nobody can decide it any more. Absent where it has no end of its own. */
  readonly until?: number;
  /** Why it is too late for a decision. The next process that takes the state folder ends it. */
  readonly over?: string;
}

/** Oldest first, as the journal has them. What is too late is among them. */
export const waitingIn = (state: State, now: number): readonly PersonAwaited[] =>
  state.operations.values().flatMap((operation) => {
    const what = waitsFor(state, operation);
    // Nobody can state that a node is on: a person who restores the power is called, and not waited for.
    if (what === undefined || (what === 'attestation' && operation.wanted === 'on')) return [];
    const until = what === 'approval' ? approvableUntil(operation) : operation.personUntil;
    const over = overSince(state, operation, until, now);
    return [{ operation, what, ...(until === undefined ? {} : { until }), ...(over === undefined ? {} : { over }) }];
  });

/** The window, or the expiry of the verdicts where nothing else carries it: what is approved after that may not be ordered. */
function approvableUntil({ approveUntil, expiresAt, commands }: Operation): number | undefined {
  const ends = [approveUntil, commands.length > 0 ? undefined : expiresAt].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function overSince(state: State, operation: Operation, until: number | undefined, now: number): string | undefined {
  const { epoch, orders } = operation;
  if (until !== undefined && until <= now) return `its time was over at ${clockTime(until)}`;
  if (epoch !== undefined && epoch < state.epoch && orders === 0) return `epoch ${state.epoch} came after its epoch ${epoch}`;
  return undefined;
}
