/** A named person states that the node is down. Believed only while no link hears the node, or when two different persons say so. */
import type { Assessment, Command } from '../vocabulary/index.ts';
import { comesBack } from './meet.ts';
import { refusals } from './problems.ts';
import { refuseCommand, settle } from './settle.ts';
import { BOUNDS, type Operation } from './state.ts';
import type { Turn } from './turn.ts';
import { askPanel, blindness, heardOn } from './verify.ts';

/** How long a first statement waits for the second person. */
const SECOND_PERSON = 600_000;

export function beginAttest(turn: Turn, operation: Operation, command: Command): void {
  if (operation.attesting !== undefined) {
    refuseCommand(turn, command.id, refusals.operationOpen(operation.target, 'attest', operation.id));
    return;
  }
  operation.round += 1;
  operation.attesting = { by: command.by, reason: command.reason, command: command.id, round: operation.round, looks: [] };
  turn.do(askPanel(turn, operation));
}

/** After a crash the round is asked again, under a new number. */
export function attestAnew(turn: Turn, operation: Operation): void {
  if (operation.attesting === undefined) return;
  operation.round += 1;
  operation.attesting = { ...operation.attesting, round: operation.round };
  turn.do(askPanel(turn, operation));
}

export function judgeAttest(turn: Turn, operation: Operation, assessment: Assessment): void {
  const { attesting } = operation;
  if (attesting === undefined) return;
  delete operation.attesting;
  // Whatever it was asked for: who hears that we are blind must not order by what was heard before (S2).
  if (blindness(turn.policy, assessment) !== undefined) forgetWhatWasHeard(turn, operation);
  turn.do({ kind: 'persist' });
  if (comesBack(operation)) {
    refuseCommand(turn, attesting.command, refusals.operationOpen(operation.target, operation.action, operation.id));
    return;
  }
  const heard = heardOn(operation.target, assessment);
  const others = turn.draft.attestations.filter(
    (said) => said.target === operation.target && !samePerson(said.by, attesting.by) && said.at > turn.at - SECOND_PERSON,
  );
  if (heard !== undefined && others.length === 0) {
    const said = { target: operation.target, by: attesting.by, at: turn.at };
    turn.draft.attestations = [...turn.draft.attestations, said].slice(-BOUNDS.attestations);
    refuseCommand(turn, attesting.command, refusals.nodeHeard(operation.target, heard));
    if (operation.action === 'attest') turn.drop(operation.id);
    return;
  }
  operation.commands.push(attesting.command);
  settle(turn, operation, { outcome: 'attested', operations: [operation.id] });
}

/** `anna`, `Anna` and `anna (as root)`, as sudo makes it, are one person: two of them must not pass for two. */
export const samePerson = (one: string, other: string): boolean => plainName(one) === plainName(other);

const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/ \(as [^()]*\)$/, '')
    .trim()
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();

/** A round that is still under way began before we knew: it is asked again. */
function forgetWhatWasHeard(turn: Turn, operation: Operation): void {
  delete operation.assessedAt;
  if (operation.listening === undefined) return;
  operation.round += 1;
  operation.listening = operation.round;
  turn.do(askPanel(turn, operation));
}
