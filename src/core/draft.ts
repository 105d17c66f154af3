/**
 * One step's scratch pad: a shallow draft of the state and the effects so far. It keeps `step` pure (the given state is never changed)
 * while the walk through admit, verify, hold, shoot, confirm, settle reads like a story.
 */
import { keep, type TimedReading } from '../vocabulary/index.ts';
import type { Effect } from './effects.ts';
import type { Policy } from './policy.ts';
import { BOUNDS, type KnownVerdict, type LevelRun, type Operation, type OutletRun, type Permit, type State } from './state.ts';
import { Summary } from './table.ts';

/** The state that comes next, still to be changed. */
type Next = { -readonly [K in keyof State]: State[K] };

export class Draft {
  readonly at: number;
  readonly effects: Effect[] = [];
  readonly state: Next;
  readonly #policy: Policy | undefined;
  readonly #copied = new Set<string>();

  constructor(state: State, at: number) {
    this.state = { ...state };
    this.at = at;
    this.#policy = state.policy;
  }

  /** Of an order whose time is over nothing comes any more. Not before it is known that the clock has not jumped. */
  forgetPermits(): void {
    const { permits } = this.state;
    if (!firstEnds.of(permits).some((until) => until <= this.at)) return;
    this.state.permits = permits.map((permit) => (permit.until > this.at ? permit : undefined));
  }

  /** One later than all before it. */
  nextMoment(): number {
    this.state.moment = (this.state.moment ?? 0) + 1;
    return this.state.moment;
  }

  /** Did it begin by the clock that is in force now? What was under way while the clock was set back seems to be still to come. */
  isTimely(reading: TimedReading): boolean {
    return reading.startedAt <= this.at;
  }

  get policy(): Policy {
    const policy = this.state.policy ?? this.#policy;
    keep('S1', policy !== undefined, 'nothing may be decided before a policy is in force');
    return policy;
  }

  /** `persist` is about the whole event: it is said once, and before everything else. Who was called is remembered. */
  do(...effects: Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'call-human') {
        const { kind: _said, ...call } = effect;
        this.state.calls = [...this.state.calls, { at: this.at, ...call }].slice(-BOUNDS.calls);
      }
      if (effect.kind !== 'persist') this.effects.push(effect);
      else if (this.effects[0]?.kind !== 'persist') this.effects.unshift(effect);
    }
  }

  /** The open operation, ready to be changed; undefined where it has ended (late results are then of no interest). */
  operation(id: string): Operation | undefined {
    const operation = this.state.operations.get(id);
    if (operation === undefined || this.#copied.has(id)) return operation;
    const copy = copyOperation(operation);
    this.put(copy);
    return copy;
  }

  verdict(id: string): KnownVerdict | undefined {
    return this.state.verdicts.get(id);
  }

  /** Operations that this step works on: they may change until it is over. */
  get inHand(): ReadonlySet<string> {
    return this.#copied;
  }

  put(operation: Operation): void {
    this.#copied.add(operation.id);
    this.state.operations = this.state.operations.with(operation.id, operation);
  }

  drop(id: string): void {
    this.state.operations = this.state.operations.without(id);
  }

  /** The open operation on a target (promise S4: there is at most one). */
  openOn(target: string): Operation | undefined {
    const found = this.state.operations.in('target', target);
    keep('S4', found.length <= 1, `${found.length} operations are open on ${target}`);
    const only = found[0];
    return only === undefined ? undefined : this.operation(only.id);
  }
}

/** When the first permit of each part of them ends. */
const firstEnds = new Summary((permits: readonly Permit[]) => Math.min(...permits.map(({ until }) => until)));

const copyOutlet = (outlet: OutletRun): OutletRun => ({ ...outlet, readings: [...outlet.readings] });
const copyLevel = (level: LevelRun): LevelRun => ({ ...level, outlets: level.outlets.map(copyOutlet) });

function copyOperation(operation: Operation): Operation {
  return {
    ...operation,
    verdicts: [...operation.verdicts],
    commands: [...operation.commands],
    decisions: [...operation.decisions],
    ...(operation.outlets === undefined ? {} : { outlets: operation.outlets.map(copyOutlet) }),
    levels: operation.levels.map(copyLevel),
  };
}
