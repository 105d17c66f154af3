/** The root of what looks after the journal itself, with no service over it: whether it is whole, bringing a copy back, and notes of persons. */
import { jsonOf, restoredFrom } from '../coordinator/restore.ts';
import type { Event } from '../core/index.ts';
import { openJournal, restoreJournal, type Restored, type Said, type Seen, type Verification, verifyJournal } from '../store/index.ts';
import type { Problem } from '../vocabulary/index.ts';
import { realClock } from './clock.ts';

export { type Restored, type Verification, verifyJournal };

/** A person says which epoch is the lowest that is valid from now on. */
export interface Lowest {
  readonly epoch: number;
  readonly by: string;
  readonly reason: string;
}

/** Brings a copy back, or begins an empty journal where there is none; the present one is kept aside. A problem: nothing was changed. */
export async function bringBack(stateDir: string, copy: string | undefined, lowest: Lowest): Promise<Restored | Problem> {
  return await restoreJournal(stateDir, copy, (seen) => firstWords(seen, lowest));
}

/** What stands first in the journal that is brought back. */
function firstWords(seen: Seen, { epoch, by, reason }: Lowest): Said | Problem {
  const past = restoredFrom(seen.snapshot, seen.entries);
  const known = Math.max('code' in past ? 0 : past.epoch, seen.markedEpoch ?? 0);
  if (epoch < known) return epochTooLow(epoch, known);
  const event: Event = { kind: 'epoch-set', at: 0, epoch, by, reason };
  return { epoch, events: [jsonOf(event)] };
}

const epochTooLow = (epoch: number, known: number): Problem => ({
  code: 'epoch-too-low',
  says: `Epoch ${known} was in force already, and ${epoch} is lower: verdicts that were settled could be admitted again.`,
  next: `Nothing was changed. Pass --lowest-epoch ${known} or more. Where the arbiter itself begins anew: bailiff epoch set, afterwards.`,
});

/** What a named person does beside the service, and why. */
export interface Note {
  readonly by: string;
  readonly reason: string;
  readonly says: string;
}

/** Records it durably, and keeps the state folder from everybody else until `close` (S1, S4, S6). A problem: nothing was recorded. */
export async function recordNote(stateDir: string, note: Note): Promise<{ close(): Promise<void> } | Problem> {
  const clock = realClock();
  const store = await openJournal(stateDir, { clock });
  if ('code' in store) return store;
  const noted = await store.append(clock.now(), { kind: 'noted', ...note });
  if (typeof noted === 'number') return store;
  await store.close();
  return noted;
}
