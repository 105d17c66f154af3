/** What a step brought about, told as it happens to whoever waits: a line for each thing, and what little the answers of a round are worth. */
import { describeAnswer, describeReading, type Effect, type Event, type State, type Step } from '../core/index.ts';
import { type Outcome, outletName } from '../vocabulary/index.ts';

export interface ProgressLine {
  /** The part of the work that it belongs to: `verify`, `shoot`, `confirm`. */
  readonly part: string;
  /** What comes before `says`, and is neither good nor bad. */
  readonly about?: string;
  readonly says: string;
  readonly tone?: 'good' | 'bad' | 'doubt';
  /** In place of a tone: how it ended. */
  readonly outcome?: Outcome;
}

/** Something answered in the name of a reference IP, and nobody knows who. */
export interface WeakAnswer {
  readonly address: string;
  readonly says: string;
}

export interface Happened {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly lines: readonly ProgressLine[];
  /** Of a round that rested on weak answers alone. */
  readonly weak: readonly WeakAnswer[];
}

export function happenedIn(event: Event, { state, effects }: Step): Happened {
  const lines = [...linesOf(event), ...effects.flatMap((effect) => effectLine(effect, state))];
  return { at: event.at, lines, weak: event.kind === 'assessed' ? weakIn(event.assessment) : [] };
}

function weakIn({ observations }: Extract<Event, { kind: 'assessed' }>['assessment']): readonly WeakAnswer[] {
  const heard = observations.flatMap((seen) => (seen.probe === 'reference-ip' && seen.answer === 'heard' ? [seen] : []));
  if (heard.some(({ grade }) => grade !== 'weak')) return [];
  return heard.map(({ address, via, says }) => ({ address, says: says ?? via ?? 'nobody knows who answered' }));
}

function linesOf(event: Event): readonly ProgressLine[] {
  switch (event.kind) {
    case 'verdict': {
      const { id, epoch, targets, claim } = event.verdict;
      return [{ part: 'verdict', says: `${id}, epoch ${epoch}: ${targets.join(', ')} ${claim}` }];
    }
    case 'command': {
      const { action, target, by, reason } = event.command;
      return [{ part: 'command', says: `${action} ${target}, by ${by}: ${reason}` }];
    }
    case 'assessed':
      return event.assessment.observations.map((seen) => {
        const what = seen.probe === 'reference-ip' ? `reference IP ${seen.address}` : `${seen.of} on link ${seen.link}`;
        return { part: 'verify', says: `${what}: ${seen.answer}${seen.says === undefined ? '' : ` (${seen.says})`}` };
      });
    case 'ordered': {
      const why = event.order.result === 'accepted' ? ' (no evidence yet)' : `: ${event.order.why.says}`;
      return [{ part: 'shoot', says: `${outletName(event.outlet)} ${event.order.result}${why}` }];
    }
    case 'read': {
      const tone = event.reading.power === 'off' ? 'good' : event.reading.power === 'on' ? 'bad' : 'doubt';
      return [{ part: 'confirm', about: `${outletName(event.outlet)} reads`, says: describeReading(event.reading), tone }];
    }
    case 'approved':
      return [{ part: 'hold', says: `approved by ${event.by}: ${event.reason}` }];
    case 'denied':
      return [{ part: 'hold', says: `denied by ${event.by}: ${event.reason}` }];
    case 'journal-failed':
      return [{ part: 'journal', says: event.problem.says, tone: 'bad' }];
    case 'clock-jumped': {
      const by = (event.by / 1000).toFixed(1);
      return [{ part: 'clock', says: `jumped by ${by} s: what was under way is read, and orders nothing more`, tone: 'bad' }];
    }
    case 'broke':
      return [{ part: 'broken', says: `${event.promise}: ${event.says}`, tone: 'bad' }];
    default:
      return [];
  }
}

const waitsForPerson: ReadonlySet<string> = new Set(['person-needed', 'awaiting-approval']);

function effectLine(effect: Effect, state: State): readonly ProgressLine[] {
  switch (effect.kind) {
    case 'assess':
      return [{ part: 'verify', says: `${asked(effect.question)} (round ${effect.round})` }];
    case 'order': {
      const ordering = `ordering ${outletName(effect.outlet)} ${effect.wanted} (order ${effect.number})`;
      return [{ part: 'shoot', says: `${levelOf(state, effect)}${ordering}` }];
    }
    case 'wake':
      return effect.timer.kind === 'hold' || effect.timer.kind === 'off-time'
        ? [{ part: 'hold', says: `waiting (${effect.timer.kind})` }]
        : [];
    case 'answer':
      return [{ part: 'settle', says: describeAnswer(effect.answer), outcome: effect.answer.outcome }];
    case 'cancel':
      return [{ part: 'shoot', says: 'calling back what was ordered' }];
    case 'call-human':
      // Other calls follow an end, which is told as such.
      return waitsForPerson.has(effect.problem.code) ? [{ part: 'call', says: `a person: ${effect.problem.says}`, tone: 'doubt' }] : [];
    case 'persist':
    case 'read':
      return [];
  }
}

/** A node that is said to misbehave, and one that a person wants off, may well be heard: then it matters only whether we hear anything. */
const asked = ({ target, claim }: { readonly target: string; readonly claim: string }): string =>
  claim === 'misbehaving' ? `listening: the reference IPs, and ${target}` : `is ${target} ${claim}? listening`;

/** Fencing walks the levels in order, so the place in the walk is the number of the level; powering on walks them backwards. */
function levelOf(state: State, effect: Extract<Effect, { kind: 'order' }>): string {
  const operation = state.operations.get(effect.operation);
  return effect.wanted === 'on' || operation === undefined ? '' : `level ${operation.level + 1}, `;
}
