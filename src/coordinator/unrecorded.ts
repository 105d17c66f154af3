/** What is told, and what is written, where an event could not be carried out: its journal could not be written, or a promise broke over it. */
import { digestOfVerdict } from '../core/admit.ts';
import type { Event, EventOf } from '../core/events.ts';
import { endings } from '../core/problems.ts';
import { digestOfCommand, digestOfDecision } from '../core/remember.ts';
import type { Answer, BrokenPromise } from '../vocabulary/index.ts';
import type { Replies } from './ports.ts';

/**
 * Whoever sent what could not be recorded is told so; nothing was done for it. Where a write hangs, it may be on the disk all the same: then
 * the next life may do it, unless it finds our last words.
 */
export function answerUnrecorded(replies: Replies, event: Event, failed: EventOf<'journal-failed'>): void {
  const { problem } = failed;
  const maybeThere = failed.lost === true && problem.lasting === true;
  const answer: Answer = maybeThere
    ? { outcome: 'unconfirmed', problem: endings.unrecorded(problem.says), operations: [] }
    : { outcome: 'withheld', problem, operations: [] };
  if (event.kind === 'verdict') replies.answer({ kind: 'verdict', id: event.verdict.id, content: digestOfVerdict(event.verdict) }, answer);
  if (event.kind === 'command') replies.answer({ kind: 'command', id: event.command.id, content: digestOfCommand(event.command) }, answer);
  if ((event.kind === 'approved' || event.kind === 'denied') && event.id !== undefined) {
    const content = digestOfDecision(event.kind, event.operation, event.by, event.reason);
    replies.answer({ kind: 'command', id: event.id, content }, answer);
  }
}

/** The broken promise as an event, named with what it broke over: what breaks one in two lives is parked. */
export function brokenOver({ promise, says, operation }: BrokenPromise, at: number, event: Event | undefined): Event {
  return { kind: 'broke', at, promise, says, ...aboutOf(operation, event) };
}

function aboutOf(
  operation: string | undefined,
  event: Event | undefined,
): { readonly operation?: string; readonly verdict?: string; readonly command?: string } {
  if (operation !== undefined) return { operation };
  if (event?.kind === 'verdict') return { verdict: event.verdict.id };
  return event?.kind === 'command' ? { command: event.command.id } : {};
}
