/** The only renderer of events, states and effects to text: scenarios, story, journal and logs all speak these words. */
import { type Answer, type Outlet, outletName, type Problem, type Reading } from '../vocabulary/index.ts';
import type { Effect } from './effects.ts';
import type { Event, Timer } from './events.ts';
import type { Ended, Operation, State } from './state.ts';

const seconds = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);
const because = (problem: Problem | undefined): string => (problem === undefined ? '' : ` [${problem.code}] ${problem.says}`);
const outlet = (one: Outlet): string => outletName(one);

export function describeReading(reading: Reading): string {
  const load = [reading.watts === undefined ? '' : `${reading.watts} W`, reading.amps === undefined ? '' : `${reading.amps} A`].filter(
    (text) => text !== '',
  );
  return `${reading.power}${load.length === 0 ? '' : ` (${load.join(', ')})`}${because(reading.why)}`;
}

export function describeAnswer(answer: Answer): string {
  const since = (answer.supersededBy ?? []).map(({ target, by, operation }) => `; since then ${by} ordered ${target} on (${operation})`);
  return `${answer.outcome}${because(answer.problem)}${since.join('')}`;
}

function describeTimer(timer: Timer): string {
  switch (timer.kind) {
    case 'listen':
      return 'the second hearing';
    case 'hold':
      return 'the end of the hold';
    case 'approval':
      return 'the end of the approval window';
    case 'level':
      return `the end of level ${timer.level + 1} (${timer.wanted})`;
    case 'off-time':
      return 'the end of the off time';
  }
}

/** One event as one line (without its time). */
export function describeEvent(event: Event): string {
  switch (event.kind) {
    case 'restored':
      return `the coordinator ${event.policy.self.id} starts for cluster ${event.policy.cluster}`;
    case 'resumed':
      return `what an earlier process left open goes on: ${event.operations.join(', ')}`;
    case 'clock-jumped':
      return `the clock jumped by ${seconds(event.by)}`;
    case 'epoch-set':
      return `${event.by} sets the epoch to ${event.epoch} (${event.reason})`;
    case 'broke': {
      const about = event.operation ?? event.verdict ?? event.command;
      return `promise ${event.promise} broke${about === undefined ? '' : ` over ${about}`}: ${event.says}`;
    }
    case 'verdict': {
      const { id, epoch, claim, targets, survivors, issuer, reason } = event.verdict;
      return `verdict ${id} of ${issuer}, epoch ${epoch}: ${targets.join(', ')} ${claim}, ${survivors.join(', ')} may live (${reason})`;
    }
    case 'command': {
      const { action, target, by, reason, override } = event.command;
      return `${by} orders ${action} of ${target} (${reason})${override.length === 0 ? '' : ` overriding ${override.join(', ')}`}`;
    }
    case 'assessed':
      return `${event.operation} heard (round ${event.round}): ${describeObservations(event)}`;
    case 'due':
      return `${event.operation} reached ${describeTimer(event.timer)}`;
    case 'approved':
      return `${event.by} approves ${event.operation} (${event.reason})`;
    case 'denied':
      return `${event.by} denies ${event.operation} (${event.reason})`;
    case 'ordered':
      return `${event.operation} order ${event.number} to ${outlet(event.outlet)}: ${event.order.result}${event.order.result === 'accepted' ? '' : because(event.order.why)}`;
    case 'read':
      return `${event.operation} reads ${outlet(event.outlet)} after order ${event.number}: ${describeReading(event.reading)}`;
    case 'lease-held':
      return 'our right to act is extended';
    case 'lease-lost':
      return 'our right to act is lost';
    case 'noted':
      return `${event.by}: ${event.says} (${event.reason})`;
    case 'journal-failed':
      return `the journal cannot be written:${because(event.problem)}`;
  }
}

function describeObservations(event: Extract<Event, { kind: 'assessed' }>): string {
  const { observations } = event.assessment;
  if (observations.length === 0) return 'nothing was asked';
  const parts = observations.map((o) => {
    const what = o.probe === 'reference-ip' ? `reference ${o.address}` : `${o.of} on ${o.link}`;
    const who = o.by === 'self' ? '' : ` by ${o.by}`;
    return `${what}${who} ${o.answer}${o.says === undefined ? '' : ` (${o.says})`}`;
  });
  return parts.join('; ');
}

/** One effect as one line. */
export function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'persist':
      return 'persist';
    case 'assess':
      return `assess for ${effect.operation}, round ${effect.round}: is ${effect.question.target} ${effect.question.claim}? (within ${seconds(effect.within)})`;
    case 'wake':
      return `wake ${effect.operation} at ${describeTimer(effect.timer)}`;
    case 'order':
      return `order ${effect.number} for ${effect.operation}: ${outlet(effect.outlet)} ${effect.wanted} (within ${seconds(effect.within)})`;
    case 'read':
      return `read ${outlet(effect.outlet)} for ${effect.operation} after order ${effect.number}${effect.delay === 0 ? '' : ` in ${seconds(effect.delay)}`}`;
    case 'cancel':
      return `call back the orders of ${effect.operation}`;
    case 'answer':
      return `answer ${effect.to.kind} ${effect.to.id}: ${describeAnswer(effect.answer)}`;
    case 'call-human':
      return `call a person:${because(effect.problem)}`;
  }
}

export function describeOperation(operation: Operation): string {
  const level = operation.level >= 0 && operation.outlets !== undefined ? `, level ${operation.level + 1}` : '';
  const approved = operation.approvedBy === undefined ? '' : `, approved by ${operation.approvedBy}`;
  return `${operation.id} ${operation.action} ${operation.target}: ${operation.phase}${level}, ${operation.orders} orders${approved}`;
}

export function describeEnded(ended: Ended): string {
  return `${ended.id} ${ended.action} ${ended.target}: ${describeAnswer(ended.answer)}`;
}

/** The state as lines: epoch, what is open, what is fenced. */
export function describeState(state: State): string[] {
  return [
    `epoch ${state.epoch}`,
    ...state.operations.values().map((operation) => `open ${describeOperation(operation)}`),
    ...state.fenced.entries().map(([node, mark]) => `fenced ${node} (${mark.how} by ${mark.operation})`),
  ];
}
