/** Commands of persons and programs: admitted, joined to what is under way, or refused. */
import type { Command, Problem } from '../vocabulary/index.ts';
import { beginAttest } from './attest.ts';
import type { EventOf } from './events.ts';
import { approve } from './hold.ts';
import { giveWay, meet, stayOff } from './meet.ts';
import type { Next } from './next.ts';
import { protectedSurvivor } from './one-side.ts';
import { newOperation, targetRefused } from './open.ts';
import { refusals } from './problems.ts';
import { contentOfCommand, refuseCommand, takenUp } from './remember.ts';
import { BOUNDS, type Operation } from './state.ts';
import type { Turn } from './turn.ts';

export interface Moved {
  readonly operation: Operation;
  readonly next: Next;
}

/** The operation that the command opened or set going; undefined where it was refused, only joins, or is an attestation. */
export function admitCommand(turn: Turn, event: EventOf<'command'>): Moved | undefined {
  const { command, operation: id } = event;
  const digest = contentOfCommand(command);
  if (!takenUp(turn, { id: command.id, digest, target: command.target })) return undefined;
  const refused = commandRefused(turn, command);
  if (refused !== undefined) {
    refuseCommand(turn, command.id, refused);
    return undefined;
  }
  const open = turn.openOn(command.target);
  if (open !== undefined) {
    const meeting = meet(open, command.action);
    if (meeting === 'joins') return joinCommand(turn, open, command);
    if (meeting === 'waits') {
      refuseCommand(turn, command.id, refusals.operationOpen(command.target, open.action, open.id));
      return undefined;
    }
    giveWay(turn, open, `Command ${command.id}`);
  }
  const operation = newOperation(turn, id, command.target, { command });
  turn.put(operation);
  if (command.action !== 'attest') return { operation, next: 'verify' };
  beginAttest(turn, operation, command);
  return undefined;
}

function joinCommand(turn: Turn, open: Operation, command: Command): Moved | undefined {
  if (command.action === 'attest') {
    // An attestation ends what could not be proven. Refused, it leaves the open operation as it was.
    beginAttest(turn, open, command);
    return undefined;
  }
  if (open.commands.length >= BOUNDS.waiting) {
    refuseCommand(turn, command.id, refusals.tooMany('commands on one node'));
    return undefined;
  }
  if (command.action === 'off') stayOff(turn, open, `Command ${command.id}`);
  open.commands.push(command.id);
  if (command.origin !== 'person') return undefined;
  // What a person lifts for a node is lifted, whoever asked first; and who gives a command has approved it by giving it.
  open.override = [...new Set([...open.override, ...command.override])];
  return open.phase === 'pending' ? { operation: open, next: approve(turn, open, command.by) } : undefined;
}

function commandRefused(turn: Turn, command: Command): Problem | undefined {
  if (Object.keys(turn.draft.operations).length >= BOUNDS.operations) return refusals.tooMany('operations');
  if (command.by === '' || command.reason === '') return refusals.unreasoned();
  if (command.action === 'attest')
    return Object.hasOwn(turn.policy.nodes, command.target) ? undefined : refusals.unknownTarget(command.target);
  if ((turn.draft.broken[command.id] ?? 0) > 1) return refusals.brokeBefore(`Command ${command.id}`);
  const marked = Object.hasOwn(turn.draft.fenced, command.target);
  if (command.action === 'reboot' && command.origin === 'program' && marked) return refusals.markedFenced(command.target);
  const refused = targetRefused(turn.policy, command.target);
  if (refused !== undefined || command.action === 'on') return refused;
  const epoch = protectedSurvivor(turn.draft, command.target);
  const lifted = command.origin === 'person' && command.override.includes('survivor');
  return epoch === undefined || lifted ? undefined : refusals.survivorProtected(command.target, epoch);
}
