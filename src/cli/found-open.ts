/** What an earlier process left open: named at the start, finished after the command has its own answer. */
import type { OneShot } from '../main/oneshot.ts';
import type { OpenView } from '../service/views.ts';
import type { Io } from './io.ts';
import { endedLines } from './result.ts';

export const named = ({ operation, action, target, phase }: OpenView): string => `${operation} (${action} ${target}, ${phase})`;

/** Tells what is open, and what ended with the start of this process; gives back what the command is not about. */
export function tellFound(io: Io, opened: OneShot, own: (operation: OpenView) => boolean): readonly OpenView[] {
  const { ended, open } = opened.found();
  for (const one of ended) for (const line of endedLines(io, one)) io.err(line);
  const found = open.map(({ shown }) => shown).filter((one) => !own(one));
  if (found.length > 0)
    io.err(`Found open, left by an earlier process: ${found.map(named).join(', ')}. This command comes first; then that goes on.`);
  return found;
}

/**
 * It was taken up with the state folder; leaving in the middle of it would only put it off again. `enough`: a person stops it, or the time of the
 * command is over. That changes nothing of the answer that was told.
 */
export async function finishFound(io: Io, opened: OneShot, found: readonly OpenView[], enough: Promise<unknown>): Promise<void> {
  if (found.length === 0) return;
  opened.resume();
  await Promise.race([opened.quiet(), enough]);
  for (const { operation } of found) {
    const { ended, open } = opened.still([operation]);
    for (const one of ended) for (const line of endedLines(io, one)) io.err(line);
    if (ended.length > 0) continue;
    for (const { shown, waitsFor } of open)
      io.err(`${named(shown)} ${waitsFor === undefined ? 'is still open: bailiff resume' : 'waits for a person: bailiff pending'}`);
  }
}
