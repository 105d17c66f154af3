/** Commands of persons and programs: admitted, joined to what is under way, or refused. */
import type { Command, Problem } from '../vocabulary/index.ts';
import { beginAttest } from './attest.ts';
import type { EventOf } from './events.ts';
import { approve } from './hold.ts';
import { giveWay, coalesce, stayOff } from './coalesce.ts';
import type { Next } from './next.ts';
import { protectedSurvivor } from './one-side.ts';
import { newOperation, targetRefused } from './open.ts';
import { refusals } from './problems.ts';
import { digestOfCommand, refuseCommand, takenUp } from './remember.ts';
import { BOUNDS, type Operation } from './state.ts';
import type { Draft } from './draft.ts';

export interface Moved {
  readonly operation: Operation;
  readonly next: Next;
}

/** The operation that the command opened or set going; undefined where it was refused, only joins, or is an attestation. */
export function admitCommand(draft: Draft, event: EventOf<'command'>): Moved | undefined {
  const { command, operation: id } = event;
  const digest = digestOfCommand(command);
  if (!takenUp(draft, { id: command.id, digest, target: command.target })) return undefined;
  const refused = commandRefused(draft, command);
  if (refused !== undefined) {
    refuseCommand(draft, command.id, refused);
    return undefined;
  }
  const open = draft.openOn(command.target);
  if (open !== undefined) {
    const how = coalesce(open, command.action);
    if (how === 'joins') return joinCommand(draft, open, command);
    if (how === 'waits') {
      refuseCommand(draft, command.id, refusals.operationOpen(command.target, open.action, open.id));
      return undefined;
    }
    giveWay(draft, open, `Command ${command.id}`);
  }
  const operation = newOperation(draft, id, command.target, { command });
  draft.put(operation);
  if (command.action !== 'attest') return { operation, next: 'verify' };
  beginAttest(draft, operation, command);
  return undefined;
}

function joinCommand(draft: Draft, open: Operation, command: Command): Moved | undefined {
  if (command.action === 'attest') {
    // An attestation ends what could not be proven. Refused, it leaves the open operation as it was.
    beginAttest(draft, open, command);
    return undefined;
  }
  if (open.commands.length >= BOUNDS.waiting) {
    refuseCommand(draft, command.id, refusals.tooMany('commands on one node'));
    return undefined;
  }
  if (command.action === 'off') stayOff(draft, open, `Command ${command.id}`);
  open.commands.push(command.id);
  if (command.origin !== 'person') return undefined;
  // What a person lifts for a node is lifted, whoever asked first; and who gives a command has approved it by giving it.
  open.override = [...new Set([...open.override, ...command.override])];
  return open.phase === 'pending' ? { operation: open, next: approve(draft, open, command.by) } : undefined;
}

function commandRefused(draft: Draft, command: Command): Problem | undefined {
  if (draft.state.operations.size >= BOUNDS.operations) return refusals.tooMany('operations');
  if (command.by === '' || command.reason === '') return refusals.unreasoned();
  if (command.action === 'attest')
    return Object.hasOwn(draft.policy.nodes, command.target) ? undefined : refusals.unknownTarget(command.target);
  if ((draft.state.broken[command.id] ?? 0) > 1) return refusals.brokeBefore(`Command ${command.id}`);
  const marked = draft.state.fenced.has(command.target);
  if (command.action === 'reboot' && command.origin === 'program' && marked) return refusals.markedFenced(command.target);
  const refused = targetRefused(draft.policy, command.target);
  if (refused !== undefined || command.action === 'on') return refused;
  const epoch = protectedSurvivor(draft.state, command.target);
  const lifted = command.origin === 'person' && command.override.includes('survivor');
  return epoch === undefined || lifted ? undefined : refusals.survivorProtected(command.target, epoch);
}
