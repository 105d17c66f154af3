/** Commands that end before they have their answer: a person stopped them, or their time was over. */
import type { Operations } from '../service/service.ts';
import type { OpenView } from '../service/views.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { named } from './found-open.ts';
import { type Io, printJson } from './io.ts';
import { printProblemLines } from './result.ts';

/** Shells expect 128 + SIGINT. */
export const INTERRUPTED = 130;

const STOPPED = 'It was stopped by Ctrl-C or a signal.';

/** Ends a command that a person stopped. `open` is undefined where the journal had not been read yet. */
export function tellInterrupted(io: Io, open: readonly OpenView[] | undefined, json: boolean): void {
  io.ends(INTERRUPTED);
  const next = open?.length === 0 ? 'Nothing is open.' : 'bailiff resume finishes it; it reads the power before it orders anything again.';
  if (json) {
    printJson(io, { outcome: 'interrupted', code: 'interrupted', says: STOPPED, next, operations: open ?? [] });
    return;
  }
  const all = open?.map(named).join(', ') ?? 'what an earlier process left';
  io.err('');
  io.err(`Interrupted. ${open?.length === 0 ? next : `Open, and safe in the journal: ${all}.`}`);
  if (open?.length !== 0) io.err(`  next: ${next}`);
}

/**
 * The deadline of the operation is kept by the core; this is for what hangs before the core hears of it: a disk that does not take the
 * journal. Without operations nothing had begun, and nothing was ordered.
 */
export function tellLate(io: Io, operations: Operations | undefined, own: (operation: OpenView) => boolean, json: boolean): void {
  const outcome = operations === undefined ? 'withheld' : 'unconfirmed';
  const open = (operations?.open ?? []).filter(({ shown }) => own(shown));
  const problem =
    operations === undefined
      ? notBegun
      : noAnswer(
          open.map(({ shown }) => named(shown)),
          open.flatMap(({ ordered }) => ordered),
        );
  io.ends(EXIT[outcome]);
  if (json) {
    const { code, says, next } = problem;
    printJson(io, { outcome, code, says, next, operations: open.map(({ shown }) => shown) });
    return;
  }
  io.out(io.paint('bad', outcome));
  printProblemLines(io, problem);
}

const notBegun: Problem = {
  code: 'no-answer-in-time',
  says: 'The state folder could not be taken in time. A disk that hangs does this.',
  next: 'Nothing was switched. Look at the file system of the state folder (stateDir), then try again.',
};

const noAnswer = (open: readonly string[], ordered: readonly string[]): Problem => ({
  code: 'no-answer-in-time',
  says: [
    `There was no answer within --timeout${open.length === 0 ? '' : `; still open: ${open.join(', ')}`}.`,
    'A disk that hangs under the journal does this, or a process that was stopped or kept busy.',
    ...(ordered.length === 0 ? [] : [`Ordered before: ${ordered.join('; ')}.`]),
  ].join(' '),
  next: 'Treat the node as running until bailiff status says off. bailiff resume finishes what is in the journal; it reads before it orders.',
});
