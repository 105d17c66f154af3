/** Sends an action and weighs the answer: taken, refused, or not known. The proof is always a reading. */
import type { OrderResult, Problem } from '../kit/contract.ts';
import type { Client, Reply } from './client.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import type { Lost } from './transport.ts';
import { busy, noFreeSession, notFound, notPermitted, orderUnanswered, refused, unusableAnswer } from './problems.ts';
import { linkOf, pathOn, type Resource, text } from './resource.ts';

export interface Action {
  readonly path: string;
  readonly body: Resource;
  /** For texts: `ForceOff`. */
  readonly says: string;
  /** The entity tag of the resource, asked for only when the device insists on one (412). */
  etag(deadline: RunningDeadline): Promise<string | undefined>;
}

/** `asks-state`: the device says, or may mean, that it is so already: a reading must show it. `gone`: no such action at this path. */
export type Acted = OrderResult | { readonly result: 'asks-state' | 'gone'; readonly why: Problem };

/** A running task is followed for this part of the time that is left, and not longer than this: the rest is for the reading. */
const TASK_SHARE = 0.5;
const TASK_MS = 10_000;
const FIRST_LOOK_MS = 200;
const SLOWEST_LOOK_MS = 1_000;
/** States of a task that will not come to an end any more. */
const ENDED_BADLY = /^(?:Exception|Killed|Cancelled|Interrupted|Suspended)$/;
const STILL_RUNNING = /^(?:New|Starting|Running|Pending|Stopping|Service|Cancelling)$/;

export async function act(client: Client, action: Action, deadline: RunningDeadline): Promise<Acted> {
  let reply = await client.post(action.path, action.body, {}, deadline);
  // An iDRAC answers 412 at the first try and takes the second; others insist on a tag, in one of its two spellings.
  for (const tag of ['as told', 'without W/'] as const) {
    if ('lost' in reply || reply.status !== 412) break;
    const etag = await action.etag(deadline);
    const spelt = tag === 'as told' ? etag : etag?.replace(/^W\//, '');
    reply = await client.post(action.path, action.body, spelt === undefined ? {} : { 'If-Match': spelt }, deadline);
  }
  if ('lost' in reply) return lostOrder(reply);
  return reply.status === 202 ? await followed(client, action, reply, deadline) : weighed(client, action, reply);
}

function lostOrder({ lost, sent }: Lost): OrderResult {
  return { result: !sent && (lost.lasting === true || lost.code === 'order-too-late') ? 'rejected' : 'unknown', why: lost };
}

function weighed(client: Client, action: Action, { status, said, malformed }: Reply): Acted {
  const { where } = client;
  if (malformed && status <= 299) return { result: 'unknown', why: unusableAnswer(where, action.says, 'it is not a JSON object') };
  const told = said.text === '' ? `HTTP ${status}` : `HTTP ${status}: ${said.text}`;
  if (status >= 200 && status <= 299) return { result: 'accepted' };
  if (said.means === 'no-session') return { result: 'rejected', why: noFreeSession(where, told) };
  if (said.means === 'already' || ((status === 400 || status === 409) && said.means !== 'busy')) {
    return { result: 'asks-state', why: refused(where, action.says, told) };
  }
  if (said.means === 'busy' || status === 503 || status === 429) return { result: 'rejected', why: busy(where, action.says, told) };
  if (status === 403) return { result: 'rejected', why: notPermitted(where, action.says, told) };
  if (status === 404) return { result: 'gone', why: notFound(where, `POST ${action.path}`) };
  if (status >= 400 && status <= 499) return { result: 'rejected', why: refused(where, action.says, told) };
  return { result: 'unknown', why: orderUnanswered(where, action.says, told) };
}

/** 202: the device took it and works on it. It is watched for a while, for it may still say that it could not. */
async function followed(client: Client, action: Action, first: Reply, deadline: RunningDeadline): Promise<Acted> {
  const monitor =
    pathOn(client.origin, first.headers.location) ?? pathOn(client.origin, text(first.resource, 'TaskMonitor')) ?? taskLink(client, first);
  if (monitor === undefined) return { result: 'accepted' };
  const until = deadline.remainingMs - Math.min(TASK_MS, deadline.remainingMs * TASK_SHARE);
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, SLOWEST_LOOK_MS)) {
    if (deadline.over === undefined && deadline.remainingMs - wait <= until) return { result: 'accepted' };
    if (!(await deadline.pause(wait)))
      return { result: 'unknown', why: deadline.over ?? orderUnanswered(client.where, action.says, 'it was cancelled') };
    const reply = await client.look(monitor, deadline);
    if ('lost' in reply) return deadline.over === undefined ? { result: 'accepted' } : { result: 'unknown', why: deadline.over };
    const state = text(reply.resource, 'TaskState') ?? '';
    if (reply.status === 202 || (reply.status === 200 && STILL_RUNNING.test(state))) continue;
    // A monitor that is gone has done its work; one that this user may not look at says nothing of the order, which was taken.
    if (reply.status === 404 || reply.status === 410 || reply.status === 403) return { result: 'accepted' };
    if (!ENDED_BADLY.test(state)) return weighed(client, action, reply);
    return { result: 'asks-state', why: refused(client.where, action.says, `its task ended as ${state} ${said(reply)}`) };
  }
}

const said = ({ said: { text: words }, resource }: Reply): string => words || (text(resource, 'TaskStatus') ?? '');

function taskLink(client: Client, { resource }: Reply): string | undefined {
  const link = linkOf({ task: resource }, 'task');
  return link?.includes('/TaskService/') === true ? pathOn(client.origin, link) : undefined;
}
