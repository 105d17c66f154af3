/**
 * The root of a command that only looks: it reads the journal that another process may be writing, and devices beside it. Takes no state folder and
 * changes nothing.
 */
import type { Configuration } from '../config/index.ts';
import { restoredFrom } from '../coordinator/restore.ts';
import type { State } from '../core/index.ts';
import { orLate } from '../devices/patience.ts';
import { lookAtDevices, realTools } from './looking.ts';
import { policyOf } from './policy.ts';
import { topologyOf } from './topology.ts';
import { type History, historyOf } from '../service/history.ts';
import { pendingIn, type PendingList } from '../service/pending.ts';
import { afterStart, planNode, planVerdict } from '../service/plan.ts';
import type { PlanQuestion, PlanView } from '../service/service.ts';
import { READ_WITHIN, type StatusView, statusOf } from '../service/status.ts';
import { type CameOfTold, type StoryTold, tellStory } from '../service/story.ts';
import { refusal } from '../service/views.ts';
import { readJournal } from '../store/index.ts';
import type { Problem } from '../vocabulary/index.ts';

/** The power is told all the same. */
const notRead: Problem = {
  code: 'no-answer-in-time',
  says: 'The journal could not be read in time. A disk that hangs does this.',
  next: 'Look at the file system of the state folder (stateDir). Marks and open operations are not known until then.',
};

export interface Onlooker {
  status(nodes: readonly string[]): Promise<StatusView>;
  plan(question: PlanQuestion): Promise<PlanView | Problem>;
  pending(): Promise<PendingList | Problem>;
  epoch(): Promise<number | Problem>;
  history(): Promise<History | Problem>;
  story(id: string): Promise<StoryTold | CameOfTold | Problem>;
}

export async function stateOf(stateDir: string): Promise<State | Problem> {
  const view = await readJournal(stateDir);
  return 'code' in view ? view : restoredFrom(view.snapshot, view.told);
}

export function lookOn(configuration: Configuration): Onlooker {
  const state = async (): Promise<State | Problem> => await stateOf(configuration.stateDir);
  return {
    status: async (nodes) => await statusNow(configuration, nodes, state),
    plan: async (question) => await planNow(configuration, question, state),
    pending: async () => {
      const known = await state();
      return 'code' in known ? known : pendingIn(known, Date.now());
    },
    epoch: async () => {
      const known = await state();
      return 'code' in known ? known : known.epoch;
    },
    history: async () => {
      const journal = await readJournal(configuration.stateDir);
      return 'code' in journal ? journal : await historyOf(journal);
    },
    story: async (id) => {
      const journal = await readJournal(configuration.stateDir);
      return 'code' in journal ? journal : await tellStory(journal, id);
    },
  };
}

/** A driver that does not come back in time is let go, and its device is told as unknown. */
async function statusNow(
  configuration: Configuration,
  nodes: readonly string[],
  state: () => Promise<State | Problem>,
): Promise<StatusView> {
  const tools = realTools();
  // A damaged journal is told, and the power is read all the same: that is what was asked.
  const known = await orLate(tools.clock, READ_WITHIN, notRead, state());
  const looking = lookAtDevices(configuration, tools);
  try {
    return await statusOf(topologyOf(configuration), nodes, {
      read: async (outlet, within) => await looking.devices.status(outlet, within),
      now: () => tools.clock.now(),
      state: () => known,
    });
  } finally {
    await looking.close();
  }
}

async function planNow(
  configuration: Configuration,
  question: PlanQuestion,
  state: () => Promise<State | Problem>,
): Promise<PlanView | Problem> {
  const policy = policyOf(configuration);
  const { unusable } = topologyOf(configuration);
  if ('node' in question) return planNode(policy, unusable, question.node, question.reboot === true);
  const { openVerdict } = await import('../intake/verdict-jws.ts');
  const verdict = await openVerdict(question.jws, configuration.arbiters);
  if ('code' in verdict) return verdict.code === 'key-unreadable' ? verdict : { answer: refusal(verdict) };
  const known = await state();
  if ('code' in known) return known;
  const at = Date.now();
  return planVerdict(afterStart(known, policy, at), policy, unusable, verdict, at);
}
