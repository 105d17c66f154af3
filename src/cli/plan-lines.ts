/** The steps of a plan with their worst-case times: everything takes as long as it may, and a person comes at the last moment. */
import { type PlannedLevel, type Policy, type PolicyNode, sharesOf, walkOf } from '../core/index.ts';
import { outletName } from '../vocabulary/index.ts';
import { counted, seconds } from './io.ts';
import { left } from './times.ts';

export interface PlanLine {
  /** Milliseconds from the start. */
  readonly from: number;
  readonly until: number;
  readonly what: string;
  /** It waits for a person in this step, and goes on without them only as `what` says. */
  readonly waitsFor?: 'approval' | 'attestation';
}

export interface Planned {
  readonly reboot?: boolean;
  /** A verdict: milliseconds until it expires. Absent: whoever gives a command, a person or a program. */
  readonly expiresIn?: number;
}

export function planLines(policy: Policy, name: string, planned: Planned): readonly PlanLine[] {
  const node = policy.nodes[name];
  if (node === undefined) return [];
  const lines = new Lines();
  listening(lines, policy);
  const deadline = held(lines, policy, planned.expiresIn);
  levelsOff(lines, policy, { node, name, deadline, ...planned });
  if (planned.reboot === true) backOn(lines, policy, node);
  return lines.all;
}

class Lines {
  readonly all: PlanLine[] = [];
  /** Where the last one ends. */
  at = 0;

  add(ms: number, what: string, waitsFor?: PlanLine['waitsFor']): void {
    this.all.push({ from: this.at, until: this.at + ms, what, ...(waitsFor === undefined ? {} : { waitsFor }) });
    this.at += ms;
  }
}

function listening(lines: Lines, { verify }: Policy): void {
  const who =
    verify.need === 0
      ? 'no reference IP is configured, so blindness goes unnoticed'
      : `${counted(verify.need, 'reference IP')} must answer`;
  lines.add(verify.within, `verify: ${who}`);
  if (verify.listenAgain > 0) lines.add(verify.listenAgain + verify.within, 'verify: a second hearing, if the first one was in doubt');
}

/** The end of the time for the levels: a wait for an approval is no fault of the devices, so it begins anew after that. */
function held(lines: Lines, policy: Policy, expiresIn: number | undefined): number {
  const { mode, delay, timeout, approvalWindow, verify } = policy;
  const asked = expiresIn === undefined ? 'a verdict or a program ' : '';
  const own = expiresIn === undefined ? '; a person who gives the command does not wait' : '';
  if (mode === 'approval') {
    const expires = Math.max(0, (expiresIn ?? Number.POSITIVE_INFINITY) - lines.at);
    const window = Math.min(approvalWindow, expires);
    const why = window < approvalWindow ? ', until the verdict expires' : '';
    lines.add(
      window,
      `hold: ${asked}waits for a person (bailiff approve) for at most ${left(window)}${why}; nobody comes: it ends withheld${own}`,
      'approval',
    );
    const approved = lines.at;
    lines.add(verify.within, 'verify: once more, after the approval');
    return approved + timeout;
  }
  if (delay > 0)
    lines.add(delay + verify.within, `hold: ${asked === '' ? '' : `${asked}waits out `}the configured delay, then listens once more${own}`);
  return timeout;
}

interface Walked extends Planned {
  readonly node: PolicyNode;
  readonly name: string;
  readonly deadline: number;
}

function levelsOff(lines: Lines, policy: Policy, { node, name, deadline, expiresIn }: Walked): void {
  const levels = walkOf(node, 'off');
  if (levels.length === 0) lines.add(0, 'nothing: the node has no fence levels');
  // After an approval the verdict must be valid still; how long it is then, nobody knows.
  const expiry = policy.mode === 'approval' ? Number.POSITIVE_INFINITY : (expiresIn ?? Number.POSITIVE_INFINITY);
  const shares = sharesOf(levels, lines.at, Math.max(Math.min(deadline, expiry), lines.at));
  // The last level is read until the deadline: reading needs no permission.
  const ends = shares.map((end, index) => (index === shares.length - 1 ? Math.max(end, deadline) : end));
  // A person is given their window in full, and the levels after them begin as much later.
  let later = 0;
  for (const [index, level] of levels.entries()) {
    const last = index === levels.length - 1;
    const end = (ends[index] ?? lines.at) + later;
    const person = level.outlets.some(({ manual }) => manual === true);
    const until = person ? Math.max(end, lines.at + policy.approvalWindow) : Math.max(end, lines.at);
    later += until - end;
    if (person) lines.add(until - lines.at, byHand(policy, level, name, last), 'attestation');
    else lines.add(until - lines.at, byDevices(policy, level, last));
  }
}

function byDevices(policy: Policy, { level, outlets }: PlannedLevel, last: boolean): string {
  const named = outlets.map(
    (outlet) => `${outletName(outlet)} (${outlet.evidence === 'target' ? 'courtesy, cannot confirm' : `${outlet.readings} readings`})`,
  );
  const patience = 2 * Math.max(...outlets.map((outlet) => outlet.answerWithin ?? policy.answerWithin));
  const silent = last ? '' : `; silence gives way to the next level after ${seconds(patience)}`;
  return `level ${level + 1}: order off, then read off: ${named.join(' and ')}${silent}`;
}

/** Where a person is part of the level no device confirms it: their word is the only end before its time. */
function byHand({ approvalWindow }: Policy, { level, outlets }: PlannedLevel, name: string, last: boolean): string {
  const people = outlets.filter(({ manual }) => manual === true).map(outletName);
  const devices = outlets.filter(({ manual }) => manual !== true).map(outletName);
  const ordered = devices.length === 0 ? '' : `order ${devices.join(' and ')} off, and `;
  const nobody = last ? 'it ends unproven' : 'the next level has its turn';
  return `level ${level + 1}: ${ordered}call a person (${people.join(' and ')}) and wait for their word (bailiff attest ${name}) for at most ${left(approvalWindow)}; nobody comes: ${nobody}`;
}

function backOn(lines: Lines, policy: Policy, node: PolicyNode): void {
  const devices = node.levels.some((level) => level.every(({ manual, evidence }) => manual !== true && evidence === 'device'));
  if (!devices && node.levels.length > 0) {
    lines.add(0, 'no power on: only a proven off is followed by it, and no level of this node can prove one');
    return;
  }
  lines.add(policy.offTime, 'rest: stays off');
  lines.add(policy.onTimeout, 'power on again what was cut');
}
