import type { Problem } from '../../drivers/kit/problem.ts';

/** How an operation ended. */
export type Outcome = 'confirmed' | 'failed' | 'refused' | 'withheld' | 'unconfirmed' | 'attested';

/** CLI exit codes. Usage and configuration errors exit 2 before anything is attempted. */
export const EXIT: Readonly<Record<Outcome | 'usage', number>> = {
  confirmed: 0,
  attested: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  withheld: 4,
  unconfirmed: 5,
};

/** Exit code of an answer that was proven then and is not true any more, for callers who asked what is true now. */
export const EXIT_SUPERSEDED = 6;

/** The one final answer of a verdict or a command (promise S5). */
export interface Answer {
  readonly outcome: Outcome;
  /** Present for every outcome but confirmed; on confirmed it may carry a remark (a reboot whose `on` failed). */
  readonly problem?: Problem;
  /** The operations that carried it, empty when nothing was admitted. */
  readonly operations: readonly string[];
  /** Told when the same thing is asked again: what has been powered on since this was answered. The answer itself stays what it was (S5). */
  readonly supersededBy?: readonly PoweredOn[];
}

/** An order `on` left for a node that had been told to be off. `at` is milliseconds since 1970. */
export interface PoweredOn {
  readonly target: string;
  readonly operation: string;
  readonly by: string;
  readonly at: number;
}
