/**
 * What an earlier core decided, where the rules of this one would have decided otherwise. Its events are not stepped then: what they show of
 * nodes, epochs and ids is taken at its worst, so that nothing is shot twice, and nothing that may be off is counted on (S5, S8, S13).
 */
import { contentOf } from '../core/admit.ts';
import type { Event, EventOf } from '../core/events.ts';
import { contentOfCommand, contentOfDecision } from '../core/remember.ts';
import { BOUNDS, CORE_VERSION, type KnownCommand, type KnownVerdict, type State } from '../core/state.ts';
import { type Action, type Answer, outletName, type PowerState, type Problem } from '../vocabulary/index.ts';

/** An operation as its events show it. */
interface Shown {
  readonly id: string;
  readonly target: string;
  readonly action: Action;
  readonly epoch: number;
  /** Something came of it. */
  begun: boolean;
  /** What each outlet that was ordered said last. */
  readonly said: Map<string, PowerState>;
}

/** Follows the events of an earlier core from the oldest that is kept. */
export class Witness {
  #epoch = 0;
  #policy: State['policy'];
  #core = 1;
  #last: Event | undefined;
  readonly #shown = new Map<string, Shown>();
  readonly #verdicts = new Map<string, EventOf<'verdict'>>();
  readonly #commands = new Map<string, KnownCommand>();
  readonly #dark = new Map<string, { readonly since: number; readonly operation: string }>();
  readonly #lit = new Set<string>();
  #shots: State['shots'] = [];

  see(event: Event): void {
    this.#last = event;
    switch (event.kind) {
      case 'restored':
        this.#policy = event.policy;
        this.#core = event.core ?? 1;
        return;
      case 'verdict':
        this.#verdicts.set(event.verdict.id, event);
        for (const [index, target] of event.verdict.targets.entries())
          this.#show(event.operations[index], target, 'off', event.verdict.epoch);
        return;
      case 'command': {
        const { id, action, target } = event.command;
        this.#commands.set(id, { id, digest: contentOfCommand(event.command), target });
        return this.#show(event.operation, target, action, 0);
      }
      case 'approved':
      case 'denied':
        return this.#decision(event);
      case 'epoch-set':
        this.#epoch = event.epoch;
        return;
      default:
        return 'operation' in event && event.operation !== undefined ? this.#follow(event, event.operation) : undefined;
    }
  }

  /** Something came of this operation then. `undefined`: it was never asked for, as far as the journal is kept. */
  begun(operation: string): boolean | undefined {
    return this.#shown.get(operation)?.begun;
  }

  /** What this core knows, and what the events show beyond it. What is open is ended by the start that follows. */
  takenOver(state: State): State {
    const dark = [...this.#dark].map(
      ([node, { since, operation }]) => [node, { since, operation, until: since, orders: 1, refused: 0 }] as const,
    );
    const without = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(record).filter(([node]) => !this.#lit.has(node)));
    const at = this.#last?.at ?? 0;
    return {
      ...state,
      ...(this.#policy === undefined ? {} : { policy: this.#policy }),
      core: this.#core,
      epoch: Math.max(state.epoch, this.#epoch),
      dark: { ...without(state.dark), ...Object.fromEntries(dark) },
      fenced: without(state.fenced),
      shots: [...state.shots, ...this.#shots].slice(-BOUNDS.shots),
      verdicts: { ...state.verdicts, ...this.#rememberedVerdicts(state, at) },
      commands: { ...state.commands, ...this.#rememberedCommands(state, at) },
      calls: [...state.calls, { at, problem: takenOver(this.#core, [...this.#dark.keys()]) }].slice(-BOUNDS.calls),
    };
  }

  #show(id: string | undefined, target: string, action: Action, epoch: number): void {
    if (id !== undefined && !this.#shown.has(id)) this.#shown.set(id, { id, target, action, epoch, begun: false, said: new Map() });
  }

  #decision({ kind, id, operation, by, reason }: EventOf<'approved' | 'denied'>): void {
    if (id === undefined) return;
    const target = this.#shown.get(operation)?.target ?? '';
    this.#commands.set(id, { id, digest: contentOfDecision(kind, operation, by, reason), target });
  }

  #follow(event: Event, id: string): void {
    const shown = this.#shown.get(id);
    if (shown === undefined) return;
    shown.begun = true;
    this.#epoch = Math.max(this.#epoch, shown.epoch);
    if (event.kind === 'ordered' && event.order.result !== 'rejected') this.#ordered(shown, event);
    if (event.kind === 'read' && event.number > 0) this.#read(shown, event);
    // Whether the statement was believed is not told by its events.
    if (shown.action === 'attest') this.#darken(shown, event.at);
  }

  #ordered(shown: Shown, { outlet, at }: EventOf<'ordered'>): void {
    shown.said.set(outletName(outlet), 'unknown');
    if (shown.action === 'on') return;
    if (this.#dark.get(shown.target)?.operation !== shown.id) this.#shots = [...this.#shots, { target: shown.target, at }];
    this.#darken(shown, at);
  }

  /** Whoever was to bring it back has read every outlet on. */
  #read(shown: Shown, { outlet, reading }: EventOf<'read'>): void {
    const name = outletName(outlet);
    if (shown.said.has(name)) shown.said.set(name, reading.power);
    const bringsBack = shown.action === 'on' || shown.action === 'reboot';
    if (!bringsBack || shown.said.size === 0 || [...shown.said.values()].some((power) => power !== 'on')) return;
    this.#dark.delete(shown.target);
    this.#lit.add(shown.target);
  }

  #darken({ target, id }: Shown, since: number): void {
    this.#lit.delete(target);
    this.#dark.set(target, { since: this.#dark.get(target)?.since ?? since, operation: id });
  }

  /** The same again does nothing: what became of it, nobody can tell any more. */
  #rememberedVerdicts({ verdicts, moment }: State, at: number): Record<string, KnownVerdict> {
    const begun = (ids: readonly string[]): boolean => ids.some((one) => this.begun(one) === true);
    const forgotten = [...this.#verdicts.values()].filter(({ verdict, operations }) => {
      const known = Object.hasOwn(verdicts, verdict.id) ? verdicts[verdict.id] : undefined;
      return known === undefined || (!known.admitted && begun(operations));
    });
    const room = Math.max(0, BOUNDS.verdicts - Object.keys(verdicts).length);
    return Object.fromEntries(
      forgotten.slice(-room).map(({ verdict, operations }) => {
        const { id, epoch, expiresAt, targets, survivors } = verdict;
        const admitted = begun(operations);
        const known = {
          id,
          digest: contentOf(verdict),
          epoch,
          expiresAt,
          admitted,
          targets,
          survivors,
          operations: admitted ? operations : [],
        };
        return [id, { ...known, answer: this.#lost(known.operations), answeredAt: at, moment }];
      }),
    );
  }

  #rememberedCommands({ commands, moment }: State, at: number): Record<string, KnownCommand> {
    const forgotten = [...this.#commands.values()].filter(({ id }) => !Object.hasOwn(commands, id));
    const room = Math.max(0, BOUNDS.commands - Object.keys(commands).length);
    return Object.fromEntries(forgotten.slice(-room).map((one) => [one.id, { ...one, answer: this.#lost([]), answeredAt: at, moment }]));
  }

  #lost(operations: readonly string[]): Answer {
    return { outcome: 'unconfirmed', problem: toldByOthers(this.#core), operations };
  }
}

const takenOver = (core: number, dark: readonly string[]): Problem => ({
  code: 'journal-taken-over',
  says: `The journal was written by an earlier bailiff (its events are of version ${core}, this program's of ${CORE_VERSION}), which decided otherwise: what it left open is ended, and whatever may be off counts as off: ${dark.length === 0 ? 'no node' : dark.join(', ')}.`,
  next: 'See how these nodes are (bailiff status). One that runs counts again after bailiff unfence.',
});

const toldByOthers = (core: number): Problem => ({
  code: 'answer-lost',
  says: `An earlier bailiff worked on it (its events are of version ${core}, this program's of ${CORE_VERSION}); what it answered cannot be told from them.`,
  next: 'See how the node is (bailiff status), then order it anew.',
});
