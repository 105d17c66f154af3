/** A named person states that the node is down. Believed only while no link hears the node, or when two different persons say so. */
import { type Command, type Outlet, outletName, sameOutlet } from '../vocabulary/index.ts';
import type { EventOf } from './events.ts';
import type { Effect } from './effects.ts';
import { disprove } from './confirm.ts';
import { comesBack } from './coalesce.ts';
import { opposedUntil } from './permits.ts';
import { endings, refusals } from './problems.ts';
import { refuseCommand } from './remember.ts';
import { settle } from './settle.ts';
import { BOUNDS, type Operation } from './state.ts';
import type { Draft } from './draft.ts';
import { askPanel, blindness, heardOn } from './verify.ts';

/** How long a first statement waits for the second person. */
const SECOND_PERSON = 600_000;

export function beginAttest(draft: Draft, operation: Operation, command: Command): void {
  if (operation.attesting !== undefined) {
    refuseCommand(draft, command.id, refusals.operationOpen(operation.target, 'attest', operation.id));
    return;
  }
  operation.round += 1;
  const { by, reason, id } = command;
  operation.attesting = { by, reason, command: id, round: operation.round, looks: looksAt(draft, operation) };
  draft.do(askPanel(draft, operation), ...askDevices(draft, operation));
}

/** Devices that tell the power of the machine itself. An outlet of a PDU may be live with its plug pulled. */
function looksAt(draft: Draft, operation: Operation): Outlet[] {
  // A statement of version 1 was weighed without them: its replay must not wait for what was never asked.
  if (draft.state.core < 2) return [];
  const levels = draft.policy.nodes[operation.target]?.levels ?? [];
  const telling = levels.flat().filter((outlet) => outlet.evidence === 'device' && outlet.manual !== true && outlet.plug === '');
  const devices = new Set(telling.map((outlet) => outlet.device));
  return [...devices].map((device) => ({ device, plug: '' }));
}

/** Number 0: asked after no order. */
const askDevices = (draft: Draft, operation: Operation): Effect[] =>
  (operation.attesting?.looks ?? []).map((outlet) => ({
    kind: 'read',
    operation: operation.id,
    number: 0,
    outlet: { device: outlet.device, plug: outlet.plug },
    delay: 0,
    within: draft.policy.verify.within,
  }));

/** After a crash the round is asked again, under a new number. */
export function attestAfterStart(draft: Draft, operation: Operation): void {
  if (operation.attesting === undefined) return;
  operation.round += 1;
  const { heard: _before, ...attesting } = operation.attesting;
  operation.attesting = { ...attesting, round: operation.round, looks: looksAt(draft, operation) };
  draft.do(askPanel(draft, operation), ...askDevices(draft, operation));
}

/** After the clock jumped: what was asked before it, and is still to come, does not count. */
export function attestAfterJump(draft: Draft, operation: Operation): void {
  const before = operation.attesting?.looks ?? [];
  attestAfterStart(draft, operation);
  for (const look of operation.attesting?.looks ?? []) {
    const asked = before.find((one) => sameOutlet(one, look));
    if (asked !== undefined && asked.reading === undefined) look.astray = (asked.astray ?? 0) + 1;
  }
}

/** What the links of the node say. */
export function attestHeard(draft: Draft, operation: Operation, event: EventOf<'assessed'>): void {
  if (operation.attesting === undefined) return;
  operation.attesting = { ...operation.attesting, heard: event.assessment };
  // Whatever it was asked for: who hears that we are blind must not order by what was heard before (S2).
  if (blindness(draft.policy, event.assessment) !== undefined) forgetWhatWasHeard(draft, operation);
  judgeAttest(draft, operation);
}

/** What a device of the node says. */
export function attestRead(draft: Draft, operation: Operation, event: EventOf<'read'>): void {
  const { attesting } = operation;
  if (attesting === undefined) return;
  const looks = attesting.looks.map((look) => {
    if (look.reading !== undefined || !sameOutlet(look, event.outlet)) return look;
    const { astray = 0, ...asked } = look;
    return astray > 0 ? { ...asked, astray: astray - 1 } : { ...asked, reading: event.reading };
  });
  operation.attesting = { ...attesting, looks };
  disprove(operation, event);
  judgeAttest(draft, operation);
}

function judgeAttest(draft: Draft, operation: Operation): void {
  const { attesting } = operation;
  if (attesting?.heard === undefined || attesting.looks.some((look) => look.reading === undefined)) return;
  delete operation.attesting;
  draft.do({ kind: 'persist' });
  if (comesBack(operation)) {
    refuseCommand(draft, attesting.command, refusals.operationOpen(operation.target, operation.action, operation.id));
    return;
  }
  // It reads off, and an order on that was overtaken may still act: then it comes up beside whoever took over.
  if (opposedUntil(draft, operation) !== undefined) {
    refuseCommand(draft, attesting.command, refusals.mayComeBack(operation.target));
    if (operation.action === 'attest') draft.drop(operation.id);
    return;
  }
  const heard = heardOn(operation.target, attesting.heard);
  const lit = attesting.looks.filter((look) => look.reading?.power === 'on').map(outletName);
  const others = draft.state.attestations.filter(
    (said) => said.target === operation.target && !samePerson(said.by, attesting.by) && said.at > draft.at - SECOND_PERSON,
  );
  const against = heard !== undefined || lit.length > 0;
  if (against && others.length === 0) {
    const said = { target: operation.target, by: attesting.by, at: draft.at };
    draft.state.attestations = [...draft.state.attestations, said].slice(-BOUNDS.attestations);
    const problem =
      lit.length > 0 ? refusals.nodeReadsOn(operation.target, lit.join(', ')) : refusals.nodeHeard(operation.target, heard ?? '');
    refuseCommand(draft, attesting.command, problem);
    if (operation.action === 'attest') draft.drop(operation.id);
    return;
  }
  operation.commands.push(attesting.command);
  const first = others.at(-1);
  const reads = lit.map((one) => `${one} reads it on`);
  const problem =
    against && first !== undefined
      ? endings.overEvidence(operation.target, heard === undefined ? reads : [...reads, `it is heard on ${heard}`], [
          first.by,
          attesting.by,
        ])
      : undefined;
  settle(draft, operation, { outcome: 'attested', ...(problem === undefined ? {} : { problem }), operations: [operation.id] });
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
export function forgetWhatWasHeard(draft: Draft, operation: Operation): void {
  delete operation.assessedAt;
  if (operation.listening === undefined) return;
  operation.round += 1;
  operation.listening = operation.round;
  draft.do(askPanel(draft, operation));
}
