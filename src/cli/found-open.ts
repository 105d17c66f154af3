/** What an earlier process left open: named at the start, finished after the command has its own answer. */
import { type Operation, waitsFor } from '../core/index.ts';
import type { Engine } from '../engine/engine.ts';
import type { Io } from './io.ts';
import { endedLines } from './result.ts';

export const named = ({ id, action, target, phase }: Operation): string => `${id} (${action} ${target}, ${phase})`;

/** Tells what is open, and what ended with the start of this process; gives back what the command is not about. */
export function tellFound(io: Io, engine: Engine, own: (operation: Operation) => boolean): readonly Operation[] {
  const { operations, ended } = engine.state;
  for (const id of engine.openAtStart) for (const line of ended.flatMap((one) => (one.id === id ? endedLines(io, one) : []))) io.err(line);
  const found = engine.openAtStart.flatMap((id) => operations[id] ?? []).filter((operation) => !own(operation));
  if (found.length > 0)
    io.err(`Found open, left by an earlier process: ${found.map(named).join(', ')}. This command comes first; then that goes on.`);
  return found;
}

/**
 * It was taken up with the state folder; leaving in the middle of it would only put it off again. `enough`: a person stops it, or the time of the
 * command is over. That changes nothing of the answer that was told.
 */
export async function finishFound(io: Io, engine: Engine, found: readonly Operation[], enough: Promise<unknown>): Promise<void> {
  if (found.length === 0) return;
  engine.resume();
  await Promise.race([engine.quiet(), enough]);
  const { operations, ended } = engine.state;
  for (const { id } of found) {
    const end = ended.find((one) => one.id === id);
    const open = operations[id];
    if (end !== undefined) for (const line of endedLines(io, end)) io.err(line);
    else if (open === undefined) continue;
    else if (waitsFor(engine.state, open) !== undefined) io.err(`${named(open)} waits for a person: bailiff pending`);
    else io.err(`${named(open)} is still open: bailiff resume`);
  }
}
