/** Which open operations an event is about. Each event costs what it concerns, however much is open beside it. */
import type { Event, State, Step } from '../core/index.ts';

/** What may move any operation. All of these are rare. */
const ABOUT_ALL: ReadonlySet<Event['kind']> = new Set<Event['kind']>([
  'restored',
  'resumed',
  'clock-jumped',
  'epoch-set',
  'lease-held',
  'lease-lost',
  'journal-failed',
]);

export class Concerns {
  /** The operation that was opened last on each target: at most one is open (S4). */
  readonly #openOn = new Map<string, string>();

  /** Ids of operations that are open after the event, and may have been changed by it. */
  of(event: Event, { state, effects }: Step): readonly string[] {
    const ids = ABOUT_ALL.has(event.kind)
      ? state.operations.keys()
      : [...this.#named(event, state), ...effects.flatMap((effect) => ('operation' in effect ? (effect.operation ?? []) : []))];
    const open = [...new Set(ids)].filter((id) => state.operations.has(id));
    for (const id of open) this.#openOn.set(state.operations.get(id)?.target ?? '', id);
    return open;
  }

  #named(event: Event, state: State): readonly string[] {
    if (event.kind === 'verdict') {
      const known = state.verdicts.get(event.verdict.id);
      return [...event.operations, ...(known?.operations ?? [])];
    }
    if (event.kind === 'command') return [event.operation, this.#openOn.get(event.command.target) ?? ''];
    return 'operation' in event && event.operation !== undefined ? [event.operation] : [];
  }
}
