/** What the journal tells, without taking the state folder: for commands that only show. */
import { restoredFrom } from '../coordinator/restore.ts';
import type { State } from '../core/index.ts';
import { readJournal } from '../store/index.ts';
import type { Problem } from '../vocabulary/index.ts';
import { giveUp, type Io } from './io.ts';
import type { CommonOptions } from './module.ts';
import { load } from './open.ts';

export async function stateOf(stateDir: string): Promise<State | Problem> {
  const view = await readJournal(stateDir);
  return 'code' in view ? view : restoredFrom(view.snapshot, view.told);
}

/** Undefined: what is wrong was printed and the exit code is set. */
export async function configuredState(io: Io, options: CommonOptions): Promise<State | undefined> {
  const loaded = await load(io, options, 'leave');
  if (loaded === undefined) return undefined;
  const state = await stateOf(loaded.configuration.stateDir);
  if (!('code' in state)) return state;
  giveUp(io, state, options.json === true);
  return undefined;
}
