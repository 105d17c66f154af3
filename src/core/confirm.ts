/** Confirm: read until every outlet of the level says what is wanted, together, after our last order (S3). */
import { keep, type PowerState, sameOutlet, type TimedReading } from '../vocabulary/index.ts';
import type { EventOf, Timer } from './events.ts';
import { seenOn } from './dark.ts';
import type { Next } from './next.ts';
import { leaseEnd, opposedUntil, mayOrderUntil } from './permits.ts';
import { levelInHand, patience, walkFor } from './plan.ts';
import type { PolicyOutlet } from './policy.ts';
import { addressed, endings } from './problems.ts';
import { outletsInHand } from './run.ts';
import { BOUNDS, type Operation, type OutletRun } from './state.ts';
import type { Draft } from './draft.ts';

/** First pause between two polls of an outlet that is not yet as wanted; it grows by half each time, up to the policy's. */
const POLL_FIRST = 100;
const SHORTEST_ASK = 200;

const pollDelay = (draft: Draft, outlet: OutletRun): number =>
  Math.min(draft.policy.poll, Math.round(POLL_FIRST * 1.5 ** Math.max(0, outlet.polls - 1)));

/** All orders of the level are answered, or their time is over: ask every outlet. */
export function readLevel(draft: Draft, operation: Operation): Next {
  // Readings count from here where orders were given; where none was, those that are under way count as they did.
  if (operation.phase === 'shoot' || operation.orderedAt === undefined) operation.orderedAt = draft.at;
  operation.phase = 'confirm';
  const opposed = opposedUntil(draft, operation);
  if (opposed !== undefined) operation.opposedUntil = opposed;
  const planned = levelInHand(draft.policy, operation).outlets;
  if (planned.every((outlet) => outlet.evidence === 'target')) {
    // A courtesy: what runs on the target can never confirm (S10), so no time is spent on asking it.
    for (const outlet of outletsInHand(operation)) outlet.why ??= endings.courtesy(outlet.device);
    return 'unproven';
  }
  const person = planned.find((outlet) => outlet.manual === true);
  if (person !== undefined && operation.over === undefined) {
    callPerson(draft, operation, person);
    // Nobody can attest that a node is on; where a person is all there is, there is nothing to wait for.
    if (operation.wanted === 'on' && planned.every((outlet) => outlet.manual === true)) return 'unproven';
  }
  // A person has no state that could be read: they are not asked over and over.
  const asked = outletsInHand(operation).filter((outlet) => !planned.some((one) => one.manual === true && sameOutlet(one, outlet)));
  // After a refused or lost order the device gets a pause; it may be busy.
  const pause = (outlet: OutletRun): number => (outlet.orders > 1 && outlet.order !== 'accepted' ? pollDelay(draft, outlet) : 0);
  for (const outlet of asked) if (outlet.asked === 0) ask(draft, operation, outlet, pause(outlet));
  return 'stay';
}

/** People are slower than devices: the level waits as long as an approval may, and the levels after it as much longer. Once per level. */
function callPerson(draft: Draft, operation: Operation, person: PolicyOutlet): void {
  const run = outletsInHand(operation).find((outlet) => sameOutlet(outlet, person));
  if (run?.called === true) return;
  const problem = operation.wanted === 'off' ? endings.person(person.device) : endings.personOn(person.device);
  if (run !== undefined) {
    run.why = problem;
    run.called = true;
  }
  draft.do({ kind: 'call-human', problem: addressed(problem, operation.target), operation: operation.id, target: operation.target });
  if (operation.wanted === 'on') return;
  // One point in time, however often a process is started again meanwhile.
  operation.personUntil ??= draft.at + draft.policy.approvalWindow;
  const longer = Math.max(0, operation.personUntil - levelEnd(operation));
  operation.shares = operation.shares.map((end, index) => (index >= operation.level ? end + longer : end));
  operation.deadline += longer;
  const timer = { kind: 'level', level: operation.level, wanted: operation.wanted } as const;
  draft.do({ kind: 'wake', operation: operation.id, timer, at: levelEnd(operation) });
}

/**
 * A question that the end of the level would cut short brings "unknown" and hides what the device said last: it comes a little earlier, or
 * not at all (undefined). The device's own pace, four times over, is taken for the time it needs.
 */
function fittingDelay(draft: Draft, operation: Operation, outlet: OutletRun, delay: number): number | undefined {
  const reading = last(outlet);
  const pace = reading === undefined || reading.power === 'unknown' ? 0 : 4 * (reading.endedAt - reading.startedAt);
  const latest = levelEnd(operation) - draft.at - Math.max(SHORTEST_ASK, pace);
  if (delay <= latest) return delay;
  // Not again and again in the last moments: once, with at least the first poll's pause.
  return latest >= POLL_FIRST ? latest : undefined;
}

const levelEnd = (operation: Operation): number => operation.shares[operation.level] ?? operation.deadline;

function ask(draft: Draft, operation: Operation, outlet: OutletRun, delay: number): void {
  outlet.asked = operation.orders;
  draft.do({
    kind: 'read',
    operation: operation.id,
    number: operation.orders,
    outlet: { device: outlet.device, plug: outlet.plug },
    delay,
    within: Math.max(1, Math.min(patience(draft.policy, operation, outlet), levelEnd(operation) - draft.at - delay)),
  });
}

export function read(draft: Draft, operation: Operation, event: EventOf<'read'>): Next {
  const outlet = outletsInHand(operation).find((run) => sameOutlet(run, event.outlet));
  if (outlet?.astray === true && event.number === outlet.asked) {
    delete outlet.astray;
    outlet.asked = 0;
    if (operation.phase === 'confirm') ask(draft, operation, outlet, 0);
    return 'stay';
  }
  seenOn(draft, operation.target, event.outlet, event.reading);
  // The same look twice is one look.
  if (outlet === undefined || event.reading.startedAt < (last(outlet)?.endedAt ?? 0)) return 'stay';
  if (event.number !== outlet.asked) {
    // The outlet is in an earlier level too, and what that asked for comes late.
    disprove(operation, event);
    return 'stay';
  }
  outlet.asked = 0;
  if (operation.phase !== 'confirm') {
    // Between two orders it is assessed once more: what is read meanwhile is not forgotten.
    disprove(operation, event);
    return 'stay';
  }
  if (event.number !== operation.orders) {
    // Asked before the last order: it says nothing about what that order did.
    ask(draft, operation, outlet, 0);
    return 'stay';
  }
  outlet.polls += 1;
  outlet.readings = kept(outlet.readings, event.reading);
  outlet.unknowns = event.reading.power === 'unknown' ? outlet.unknowns + 1 : 0;
  // Why an order was refused for good is not forgotten over a reading that was merely lost: it would be tried again and again.
  if (event.reading.why !== undefined && outlet.why?.lasting !== true) outlet.why = event.reading.why;
  if (event.reading.power === operation.wanted) outlet.switched = true;
  return weighReadings(draft, operation, outlet);
}

/** Of a run of readings that say nothing, for one reason, the first and the newest, and the reason once: a silent device would fill the state. */
function kept(readings: readonly TimedReading[], reading: TimedReading): TimedReading[] {
  const before = readings.at(-1);
  const again = before?.power === 'unknown' && reading.power === 'unknown' && before.why?.code === reading.why?.code;
  if (before === undefined || !again || before.why === undefined) return [...readings, reading].slice(-BOUNDS.readings);
  const { why: _again, ...first } = before;
  const beforeThat = readings.at(-2);
  const goesOn = beforeThat?.power === 'unknown' && beforeThat.why === undefined;
  return [...readings.slice(0, -1), ...(goesOn ? [] : [first]), reading].slice(-BOUNDS.readings);
}

/** A reading that this level did not ask for can disprove, never prove. */
export function disprove(operation: Operation, { outlet: where, reading }: EventOf<'read'>): void {
  const outlet = outletsInHand(operation).find((run) => sameOutlet(run, where));
  const looking = operation.phase === 'confirm' || operation.phase === 'recheck';
  const counts = looking && reading.startedAt >= (operation.orderedAt ?? Number.POSITIVE_INFINITY);
  if (outlet !== undefined && counts && reading.power !== operation.wanted) outlet.readings = kept(outlet.readings, reading);
}

/** The level's share of the deadline has passed. */
export function levelDue(draft: Draft, operation: Operation, timer: Extract<Timer, { kind: 'level' }>): Next {
  const running = operation.phase === 'shoot' || operation.phase === 'confirm' || operation.phase === 'recheck';
  if (!running || operation.level !== timer.level || operation.wanted !== timer.wanted || operation.outlets === undefined) return 'stay';
  // Timers may ring a moment early, and a person's level had its share stretched after this timer was set.
  const end = operation.shares[operation.level] ?? 0;
  if (end > draft.at) {
    draft.do({ kind: 'wake', operation: operation.id, timer, at: end });
    return 'stay';
  }
  return notSwitched(operation) ? 'not-switched' : 'unproven';
}

function weighReadings(draft: Draft, operation: Operation, outlet: OutletRun): Next {
  if (reached(draft, operation)) return 'proven';
  if (hopeless(draft, operation, outlet)) return notSwitched(operation) ? 'not-switched' : 'unproven';
  if (wantsOrderAgain(draft, operation, outlet) && outlet.orders < BOUNDS.ordersPerOutlet) {
    outlet.order = 'lost';
    return 'shoot';
  }
  const planned = levelInHand(draft.policy, operation).outlets.find((one) => sameOutlet(one, outlet));
  const counted = trailing(outlet, operation.wanted).filter((reading) => reading.startedAt >= (operation.opposedUntil ?? 0));
  const onTheWay = counted.length > 0 && counted.length < (planned?.readings ?? 2);
  const delay = onTheWay ? (planned?.gap ?? 0) : pollDelay(draft, outlet);
  const fitting = fittingDelay(draft, operation, outlet, delay);
  if (fitting !== undefined) ask(draft, operation, outlet, fitting);
  return 'stay';
}

const last = (outlet: OutletRun): TimedReading | undefined => outlet.readings.at(-1);

/** The unbroken run of readings of this power at the end. */
function trailing(outlet: OutletRun, power: PowerState): TimedReading[] {
  const broken = outlet.readings.findLastIndex((reading) => reading.power !== power);
  return outlet.readings.slice(broken + 1);
}

function reached(draft: Draft, operation: Operation): boolean {
  const counts = (reading: TimedReading): boolean => reading.startedAt >= (operation.opposedUntil ?? 0);
  if (operation.wanted === 'on') return outletsInHand(operation).every((outlet) => trailing(outlet, 'on').some(counts));
  const planned = levelInHand(draft.policy, operation).outlets;
  const runs = outletsInHand(operation).map((outlet) => trailing(outlet, 'off').filter(counts));
  const enough = planned.every((outlet, index) => {
    const at = outletsInHand(operation).findIndex((run) => sameOutlet(run, outlet));
    return at === index && outlet.evidence === 'device' && (runs[index]?.length ?? 0) >= Math.max(1, outlet.readings);
  });
  if (!enough || !overlapping(runs)) return false;
  keep(
    'S10',
    planned.every(({ evidence }) => evidence === 'device'),
    `${operation.target} would be confirmed by what runs on it`,
  );
  for (const reading of runs.flat())
    keep(
      'S3',
      reading.startedAt >= (operation.orderedAt ?? Number.POSITIVE_INFINITY),
      `a reading of ${operation.target} began before its last order`,
    );
  return true;
}

/**
 * Is there a moment at which every outlet was surely off? Each run of off readings covers the time from the end of its first reading to
 * the start of its last: a single outlet needs no such moment beyond its own readings.
 */
function overlapping(runs: readonly TimedReading[][]): boolean {
  if (runs.length === 1) return true;
  const from = Math.max(...runs.map((run) => run[0]?.endedAt ?? Number.POSITIVE_INFINITY));
  const until = Math.min(...runs.map((run) => run.at(-1)?.startedAt ?? Number.NEGATIVE_INFINITY));
  return from <= until;
}

/** This level can no longer succeed, or the next one is the better use of the time. */
function hopeless(draft: Draft, operation: Operation, outlet: OutletRun): boolean {
  const asWanted = last(outlet)?.power === operation.wanted;
  if (asWanted) return false;
  if (outlet.order === 'rejected' && outlet.why?.lasting === true) return true;
  if (last(outlet)?.why?.lasting === true) return true;
  const another = operation.level + 1 < walkFor(draft.policy, operation).length;
  // A device that answers no more is probably gone with its node: do not wait for it while another level is there.
  const gone = (outlet.order === 'unknown' && outlet.unknowns > 0) || fellSilent(draft, operation, outlet);
  return another && operation.wanted === 'off' && gone;
}

/** Nearly all the time that one answer may take, and none came. A device that says "on its way" answers at once. */
function fellSilent(draft: Draft, operation: Operation, outlet: OutletRun): boolean {
  const reading = last(outlet);
  return reading?.power === 'unknown' && reading.endedAt - reading.startedAt >= 0.8 * patience(draft.policy, operation, outlet);
}

function notSwitched(operation: Operation): boolean {
  return outletsInHand(operation).some((outlet) => {
    const power = last(outlet)?.power;
    if (power === operation.wanted) return false;
    return outlet.order === 'rejected' || (power !== undefined && power !== 'unknown');
  });
}

/** The order may have been lost, or the device dropped what it had accepted (one more time, halfway through the level). */
function wantsOrderAgain(draft: Draft, operation: Operation, outlet: OutletRun): boolean {
  const reading = last(outlet);
  if (reading === undefined || reading.power === operation.wanted) return false;
  if (operation.over !== undefined || Math.min(mayOrderUntil(operation), leaseEnd(draft)) <= draft.at) return false;
  // What undid it may have been an order of ours that was overtaken.
  if (operation.opposedUntil !== undefined && reading.startedAt >= operation.opposedUntil && reading.power !== 'unknown') return true;
  // It did what we ordered, and then somebody undid it: that is for a person to clear up, not for a contest.
  if (outlet.switched === true && reading.power !== 'unknown') return false;
  if (outlet.order === 'unknown' || outlet.order === 'lost') return true;
  if (outlet.order === 'rejected') return reading.power !== 'unknown';
  const end = levelEnd(operation);
  const half = (operation.orderedAt ?? draft.at) + (end - (operation.orderedAt ?? draft.at)) / 2;
  return outlet.orders === 1 && reading.power !== 'unknown' && draft.at >= half;
}
