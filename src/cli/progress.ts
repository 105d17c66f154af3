/** What a person sees while an operation runs: one line per thing that happened, with the time since the start. */
import { describeAnswer, describeReading, type Effect, type Event, type State, type Step } from '../core/index.ts';
import { outletName } from '../vocabulary/index.ts';
import { type Io, styleOf } from './io.ts';

export function progress(io: Io): (event: Event, after: Step) => void {
  let start: number | undefined;
  return (event, after) => {
    start ??= event.at;
    const time = io.paint('faint', `${((event.at - start) / 1000).toFixed(2).padStart(7)} s`);
    const lines = [...lineOf(io, event), ...after.effects.flatMap((effect) => effectLine(io, effect, after.state))];
    // Two who wait for one operation are answered alike.
    for (const line of new Set(lines)) io.err(`${time}  ${line}`);
  };
}

function lineOf(io: Io, event: Event): string[] {
  switch (event.kind) {
    case 'verdict':
      return [`verdict   ${event.verdict.id}, epoch ${event.verdict.epoch}: ${event.verdict.targets.join(', ')} ${event.verdict.claim}`];
    case 'command':
      return [`command   ${event.command.action} ${event.command.target}, by ${event.command.by}: ${event.command.reason}`];
    case 'assessed':
      return event.assessment.observations.map((seen) => {
        const what = seen.probe === 'reference-ip' ? `reference IP ${seen.address}` : `${seen.of} on link ${seen.link}`;
        return `verify    ${what}: ${seen.answer}${seen.says === undefined ? '' : ` (${seen.says})`}`;
      });
    case 'ordered': {
      const why = event.order.result === 'accepted' ? ' (no evidence yet)' : `: ${event.order.why.says}`;
      return [`shoot     ${outletName(event.outlet)} ${event.order.result}${why}`];
    }
    case 'read': {
      const style = event.reading.power === 'off' ? 'good' : event.reading.power === 'on' ? 'bad' : 'doubt';
      return [`confirm   ${outletName(event.outlet)} reads ${io.paint(style, describeReading(event.reading))}`];
    }
    case 'approved':
      return [`hold      approved by ${event.by}: ${event.reason}`];
    case 'denied':
      return [`hold      denied by ${event.by}: ${event.reason}`];
    case 'journal-failed':
      return [io.paint('bad', `journal   ${event.problem.says}`)];
    case 'clock-jumped':
      return [
        io.paint('bad', `clock     jumped by ${(event.by / 1000).toFixed(1)} s: what was under way is read, and orders nothing more`),
      ];
    case 'broke':
      return [io.paint('bad', `broken    ${event.promise}: ${event.says}`)];
    case 'resumed':
    case 'epoch-set':
    case 'restored':
    case 'due':
    case 'lease-held':
    case 'lease-lost':
    case 'noted':
      return [];
  }
}

const waitsForPerson: ReadonlySet<string> = new Set(['person-needed', 'awaiting-approval']);

function effectLine(io: Io, effect: Effect, state: State): string[] {
  switch (effect.kind) {
    case 'assess':
      return [`verify    ${asked(effect.question)} (round ${effect.round})`];
    case 'order':
      return [`shoot     ${levelOf(state, effect)}ordering ${outletName(effect.outlet)} ${effect.wanted} (order ${effect.number})`];
    case 'wake':
      return effect.timer.kind === 'hold' || effect.timer.kind === 'off-time' ? [`hold      waiting (${effect.timer.kind})`] : [];
    case 'answer':
      return [`settle    ${io.paint(styleOf(effect.answer.outcome), describeAnswer(effect.answer))}`];
    case 'cancel':
      return ['shoot     calling back what was ordered'];
    case 'persist':
    case 'read':
      return [];
    case 'call-human':
      // Other calls follow an end, which is told as such.
      return waitsForPerson.has(effect.problem.code) ? [io.paint('doubt', `call      a person: ${effect.problem.says}`)] : [];
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
