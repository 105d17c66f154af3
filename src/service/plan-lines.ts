/** The steps of a plan with their worst-case times: everything takes as long as it may, and a person comes at the last moment. */
import { type PlannedLevel, type Policy, type PolicyNode, sharesOf, walkOf } from '../core/index.ts';
import { outletName, type Problem } from '../vocabulary/index.ts';
import { counted, left, seconds } from './words.ts';

export interface PlanLine {
  /** Milliseconds from the start. */
  readonly from: number;
  readonly until: number;
  readonly what: string;
  /** It waits for a person in this step, and goes on without them only as `what` says. */
  readonly waitsFor?: 'approval' | 'attestation';
  /** Devices of this level that cannot be used, and why: every outlet of a level must be proven, so that it cannot confirm. */
  readonly cannotConfirm?: readonly (Problem & { readonly device: string })[];
}

export interface Planned {
  readonly reboot?: boolean;
  /** A verdict: milliseconds until it expires. Absent: whoever gives a command, a person or a program. */
  readonly expiresIn?: number;
  /** By device: why its driver cannot be had. */
  readonly unusable?: ReadonlyMap<string, Problem>;
}

export function planLines(policy: Policy, name: string, planned: Planned): readonly PlanLine[] {
  const node = policy.nodes[name];
  if (node === undefined) return [];
  const lines = new Lines();
  listening(lines, policy);
  const deadline = held(lines, policy, planned.expiresIn);
  levelsOff(lines, policy, { node, name, deadline, ...planned });
  if (planned.reboot === true) backOn(lines, policy, { node, ...planned });
  return lines.all;
}

class Lines {
  readonly all: PlanLine[] = [];
  /** Where the last one ends. */
  at = 0;

  add(ms: number, what: string, more: Pick<PlanLine, 'waitsFor' | 'cannotConfirm'> = {}): void {
    this.all.push({ from: this.at, until: this.at + ms, what, ...more });
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
      { waitsFor: 'approval' },
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

function levelsOff(lines: Lines, policy: Policy, { node, name, deadline, expiresIn, unusable = new Map() }: Walked): void {
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
    const broken = [...new Set(level.outlets.map(({ device }) => device))].flatMap((device) => {
      const why = unusable.get(device);
      return why === undefined ? [] : [{ device, code: why.code, says: why.says, next: why.next }];
    });
    const doubt = broken.length === 0 ? {} : { cannotConfirm: broken };
    const what = person ? byHand(policy, level, name, last) : byDevices(policy, level, last, broken);
    lines.add(until - lines.at, `${what}${brokenly(broken)}`, { ...(person ? { waitsFor: 'attestation' } : {}), ...doubt });
  }
}

const brokenly = (broken: NonNullable<PlanLine['cannotConfirm']>): string =>
  broken.map(({ device, says }) => `; ${device} cannot be used, so that this level cannot confirm: ${says}`).join('');

function byDevices(
  policy: Policy,
  { level, outlets }: PlannedLevel,
  last: boolean,
  broken: NonNullable<PlanLine['cannotConfirm']>,
): string {
  const isBroken = (device: string): boolean => broken.some((one) => one.device === device);
  if (outlets.every(({ device }) => isBroken(device))) return `level ${level + 1}: nothing can be ordered and nothing read`;
  const named = outlets.map(
    (outlet) =>
      `${outletName(outlet)} (${isBroken(outlet.device) ? 'cannot be used' : outlet.evidence === 'target' ? 'courtesy, cannot confirm' : `${outlet.readings} readings`})`,
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

function backOn(lines: Lines, policy: Policy, { node, unusable }: Pick<Walked, 'node' | 'unusable'>): void {
  const devices = node.levels.some((level) =>
    level.every(({ device, manual, evidence }) => manual !== true && evidence === 'device' && unusable?.has(device) !== true),
  );
  if (!devices && node.levels.length > 0) {
    lines.add(0, 'no power on: only a proven off is followed by it, and no level of this node can prove one');
    return;
  }
  lines.add(policy.offTime, 'rest: stays off');
  lines.add(policy.onTimeout, 'power on again what was cut');
}
