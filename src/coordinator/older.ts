/**
 * Events of an earlier core, seen from outside: what they ask for, and what came of it. Where its decisions were others than ours, they are taken
 * at their worst, so that nothing is shot twice, and nothing that may be off is counted on (S5, S8, S9, S11, S13).
 */
import { digestOfVerdict, MAX_EPOCH } from '../core/admit.ts';
import type { Event, EventOf } from '../core/events.ts';
import { LATENESS } from '../core/policy.ts';
import { listed } from '../core/problems.ts';
import { digestOfCommand, digestOfDecision } from '../core/remember.ts';
import {
  BOUNDS,
  CORE_VERSION,
  type FencedMark,
  type KnownCommand,
  type KnownVerdict,
  operationsOf,
  type Permit,
  permitsOf,
  type State,
} from '../core/state.ts';
import { enrolled, type Roster, setOf } from '../core/roster.ts';
import { Table } from '../core/table.ts';
import type { Action, Answer, Problem } from '../vocabulary/index.ts';

/** Who asked for an operation, under its id. */
interface Asked {
  readonly id: string;
  readonly target: string;
  readonly action: Action;
  readonly by: string;
}

/** What only happens to an operation that was begun. */
const FOLLOWS: ReadonlySet<Event['kind']> = new Set(['assessed', 'ordered', 'read', 'due']);

/** No order of any driver takes longer to be answered, in milliseconds. */
const ANSWERED_WITHIN = 60_000;

export class Witness {
  #epoch: number;
  #at = 0;
  #policy: State['policy'];
  readonly #asked = new Map<string, Asked>();
  readonly #begun = new Set<string>();
  readonly #verdicts = new Map<string, EventOf<'verdict'>>();
  readonly #commands = new Map<string, KnownCommand>();
  /** Operations that are over by our rules, with nothing ordered, and when something was heard for them after that. */
  readonly #late = new Map<string, number>();
  /** Operations of which something came since the two cores have parted, oldest first. */
  readonly #doubtful = new Map<string, Asked & { readonly since: number }>();

  constructor({ epoch, policy, operations }: State) {
    this.#epoch = epoch;
    this.#policy = policy;
    for (const { id, target, action, by } of operations.values()) this.#asked.set(id, { id, target, action, by });
  }

  /** `parted`: our core does not step it any more. */
  see(event: Event, parted: boolean): void {
    this.#at = event.at;
    switch (event.kind) {
      case 'restored':
        this.#policy = event.policy;
        return;
      case 'verdict':
        return this.#verdict(event);
      case 'command': {
        const { id, action, target, by } = event.command;
        this.#commands.set(id, { id, digest: digestOfCommand(event.command), target });
        return this.#ask(event.operation, target, action, by);
      }
      case 'approved':
      case 'denied':
        if (event.id !== undefined) this.#decision(event, event.id);
        return;
      case 'epoch-set':
        this.#epoch = event.epoch;
        return;
      default:
        if (FOLLOWS.has(event.kind) && 'operation' in event && event.operation !== undefined) this.#follow(event.operation, parted);
    }
  }

  /** Somebody asked for it, as far as the journal is kept. */
  knows(operation: string): boolean {
    return this.#asked.has(operation);
  }

  /** Mostly it was over then too. Where it was not, an order follows, whose result is written when its time is over, if its process lives on. */
  heardOfLate(operation: string, at: number): void {
    this.#late.set(operation, at);
  }

  /** The state with which a process of today begins. `stopped`: it is what our core made of the events until it stopped stepping them. */
  takenOver(state: State, core: number, stopped: boolean): State {
    const late = [...this.#late].filter(([, at]) => at > this.#at - ANSWERED_WITHIN);
    for (const [id, at] of late) this.#doubt(id, at);
    // Whether a statement that is still being weighed by our rules was believed then, its events do not tell.
    const stated = state.operations.values().some(({ attesting }) => attesting !== undefined);
    const parted = stopped || stated || late.length > 0;
    if (parted) for (const { id } of state.operations.values()) this.#doubt(id, state.operations.get(id)?.startedAt ?? this.#at);
    const doubtful = [...this.#doubtful.values()];
    const after = parted ? this.#inDoubt(state, doubtful) : state;
    // By which of the two cores it was proven, nobody can tell any more: it counts as marked, and as not proven.
    const marks = after.dark
      .entries()
      .map(([node, { since, operation }]) => [node, { since, operation, how: 'confirmed', lifting: operation }] as const);
    return { ...after, core, epoch: this.#epoch, fenced: added(Table.of<FencedMark>(marks), after.fenced) };
  }

  #inDoubt(state: State, doubtful: readonly (Asked & { readonly since: number })[]): State {
    const cuts = doubtful.filter(({ action }) => action !== 'on');
    const moment = state.moment + 1;
    const dark = cuts.map(({ target, id, since }) => [target, { since, operation: id, until: this.#at, orders: 1, refused: 0 }] as const);
    const on = doubtful.filter(({ action }) => action === 'on' || action === 'reboot');
    const poweredOn = on.map(({ target, id, by, since }) => [target, { target, operation: id, by, at: since, moment }] as const);
    const nodes = [...new Set(doubtful.map(({ target }) => target))];
    const call = { at: this.#at, problem: takenOver(nodes) };
    const roster = [...this.#verdicts.values()].reduce((sum, { verdict }) => enrolled(sum, verdict.survivors), state.roster);
    return {
      ...state,
      roster,
      operations: operationsOf([]),
      dark: added(state.dark, dark),
      poweredOn: added(state.poweredOn, poweredOn),
      moment,
      permits: permitsOf([...state.permits.values(), ...doubtful.flatMap((one) => this.#permits(one))]),
      shots: added(
        state.shots,
        cuts.map(({ target, since }) => [target, { target, at: since }]),
      ),
      verdicts: remembered(state.verdicts, this.#lostVerdicts(state, roster), BOUNDS.verdicts),
      commands: remembered(state.commands, this.#lostCommands(state), BOUNDS.commands),
      calls: [...state.calls, call].slice(-BOUNDS.calls),
    };
  }

  /** Its orders may act as late as its slowest outlet does; the start counts that from now. */
  #permits({ id, target, action }: Asked): readonly Permit[] {
    const outlets = (Object.hasOwn(this.#policy?.nodes ?? {}, target) ? (this.#policy?.nodes[target]?.levels ?? []) : []).flat();
    const [outlet] = outlets;
    if (outlet === undefined || action === 'attest') return [];
    const lateness = Math.max(...outlets.map((one) => one.lateness ?? LATENESS));
    const wanted = action === 'reboot' ? (['off', 'on'] as const) : ([action] as const);
    const { device, plug } = outlet;
    return wanted.map((power) => ({
      operation: id,
      number: 1,
      target,
      outlet: { device, plug },
      wanted: power,
      lateness,
      until: this.#at + lateness,
    }));
  }

  #verdict(event: EventOf<'verdict'>): void {
    const { verdict, operations } = event;
    if (!this.#verdicts.has(verdict.id)) this.#verdicts.set(verdict.id, event);
    for (const [index, target] of verdict.targets.entries()) this.#ask(operations[index], target, 'off', verdict.issuer);
    const policy = this.#policy;
    const ours = policy !== undefined && verdict.cluster === policy.cluster && Object.hasOwn(policy.arbiters, verdict.issuer);
    // Whoever has used an epoch holds all before it for over, whatever became of the verdict.
    if (ours && verdict.epoch <= MAX_EPOCH) this.#epoch = Math.max(this.#epoch, verdict.epoch);
  }

  #ask(id: string | undefined, target: string, action: Action, by: string): void {
    if (id !== undefined && !this.#asked.has(id)) this.#asked.set(id, { id, target, action, by });
  }

  #decision({ kind, operation, by, reason }: EventOf<'approved' | 'denied'>, id: string): void {
    const target = this.#asked.get(operation)?.target ?? '';
    this.#commands.set(id, { id, digest: digestOfDecision(kind, operation, by, reason), target });
  }

  #follow(id: string, parted: boolean): void {
    this.#begun.add(id);
    if (parted) this.#doubt(id, this.#at);
  }

  #doubt(id: string, since: number): void {
    const asked = this.#asked.get(id);
    if (asked !== undefined && !this.#doubtful.has(id)) this.#doubtful.set(id, { ...asked, since });
  }

  /** Those that our core does not know, or takes for over without anything done, although something may have come of them. */
  #lostVerdicts({ verdicts, operations, moment }: State, roster: Roster): readonly KnownVerdict[] {
    const lost = [...this.#verdicts.values()].flatMap(({ verdict, operations: drawn }): readonly KnownVerdict[] => {
      const known = verdicts.get(verdict.id);
      const admitted = drawn.some((id) => this.#begun.has(id));
      if (known !== undefined && !this.#isDoubtful(known, drawn)) return [];
      const { id, epoch, expiresAt, targets, survivors } = verdict;
      const carried = admitted ? drawn : [];
      const written = {
        id,
        digest: digestOfVerdict(verdict),
        epoch,
        expiresAt,
        admitted: admitted || known?.admitted === true,
        targets,
        survivors: setOf(roster, survivors),
      };
      return [{ ...written, operations: carried, answer: lostAnswer(carried), answeredAt: this.#at, moment }];
    });
    // Known from a snapshot, and open when the cores parted.
    const open = verdicts.values().filter((one) => !this.#verdicts.has(one.id) && this.#isDoubtful(one, operations.keys()));
    return [...lost, ...open.map((one) => ({ ...one, answer: lostAnswer(one.operations), answeredAt: this.#at, moment }))];
  }

  #isDoubtful(known: KnownVerdict, drawn: readonly string[]): boolean {
    if (known.answer === undefined) return true;
    return known.answer.outcome !== 'confirmed' && [...drawn, ...known.operations].some((id) => this.#doubtful.has(id));
  }

  #lostCommands({ commands, moment }: State): readonly KnownCommand[] {
    const open = commands.values().filter((one) => !this.#commands.has(one.id) && one.answer === undefined);
    const lost = [...this.#commands.values()].filter(({ id }) => {
      const known = commands.get(id);
      if (known?.answer === undefined) return true;
      return known.answer.outcome !== 'confirmed' && [...this.#doubtful.values()].some(({ target }) => target === known.target);
    });
    return [...open, ...lost].map((one) => ({ ...one, answer: lostAnswer([]), answeredAt: this.#at, moment }));
  }
}

const added = <T>(table: Table<T>, entries: Iterable<readonly [string, T]>): Table<T> =>
  [...entries].reduce((sum, [key, value]) => sum.with(key, value), table);

/** Within the bound: what was refused is forgotten before what something came of, and what came first before what came later. */
function remembered<T extends KnownVerdict | KnownCommand>(known: Table<T>, lost: readonly T[], most: number): Table<T> {
  const all = [
    ...added(
      known,
      lost.map((one) => [one.id, one]),
    ).values(),
  ];
  const weight = (one: T): number => (('admitted' in one && !one.admitted) || one.answer?.outcome === 'refused' ? 0 : 1);
  const kept = all.sort((a, b) => weight(a) - weight(b)).slice(Math.max(0, all.length - most));
  return added(
    Table.of<T>([]),
    kept.map((one) => [one.id, one]),
  );
}

const takenOver = (nodes: readonly string[]): Problem => ({
  code: 'journal-taken-over',
  says: `The journal was written by an earlier bailiff, which decided otherwise than this one (version ${CORE_VERSION} of its rules): what it left open is ended, and its nodes count as off: ${nodes.length === 0 ? 'none' : listed(nodes)}.`,
  next: 'See how these nodes are (bailiff status). One that runs counts again after bailiff unfence.',
});

const lostAnswer = (operations: readonly string[]): Answer => ({
  outcome: 'unconfirmed',
  problem: {
    code: 'answer-lost',
    says: 'An earlier bailiff worked on it, whose rules were others: what it answered cannot be told from its journal.',
    next: 'See how the node is (bailiff status), then order it anew.',
  },
  operations,
});
