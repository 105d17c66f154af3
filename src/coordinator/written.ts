/** A snapshot as it was written, by this program or by an earlier one, as the state that it is. */
import {
  EMPTY,
  type DarkNode,
  type FencedMark,
  type KnownCommand,
  type KnownVerdict,
  type Operation,
  operationsOf,
  type OutletRun,
  type Permit,
  permitsOf,
  type Shot,
  type State,
} from '../core/state.ts';
import { digestOf } from '../core/digest.ts';
import { enrolled, type NodeSet, type Roster, setOf } from '../core/roster.ts';
import { cameToMore } from '../core/settle.ts';
import { Table } from '../core/table.ts';
import type { Answer } from '../vocabulary/index.ts';
import type { Json } from './ports.ts';

type Written<T> = Readonly<Record<string, T>>;

/** Tables are written as objects, permits and shots were written as lists; version 1 lacks what came later. */
interface WrittenState extends Partial<Omit<State, Tables>> {
  readonly verdicts?: Written<WrittenVerdict>;
  readonly operations?: Written<WrittenOperation>;
  readonly fenced?: Written<FencedMark>;
  readonly dark?: Written<DarkNode>;
  readonly poweredOn?: ReturnType<State['poweredOn']['toJSON']>;
  readonly permits?: readonly Permit[] | Written<Permit>;
  readonly commands?: Written<KnownCommand>;
  readonly shots?: readonly Shot[] | Written<Shot>;
}

type Tables = 'verdicts' | 'operations' | 'fenced' | 'dark' | 'poweredOn' | 'permits' | 'commands' | 'shots';
type WrittenVerdict = Omit<KnownVerdict, 'parts' | 'survivors'> & {
  readonly parts?: Written<Answer>;
  /** They were written name by name. */
  readonly survivors: NodeSet | readonly string[];
};
type WrittenOperation = Omit<Operation, 'decisions' | 'switching'> & Partial<Operation> & { readonly survivors?: readonly string[] };

/** Operations that another core has left open are ended by the start that follows, since their rules have changed. */
export function stateFrom(snapshot: Json): State {
  const written = snapshot as unknown as WrittenState;
  const { core = 1, verdicts, operations, fenced, dark, poweredOn, permits, commands, shots, ...state } = written;
  const named = Object.values(verdicts ?? {}).flatMap(({ survivors }) => ('digits' in survivors ? [] : survivors));
  const roster = enrolled(state.roster ?? Object.keys(state.policy?.nodes ?? {}), named);
  const known = changed(verdicts, (verdict) => verdictFrom(roster, verdict));
  return {
    ...EMPTY,
    ...state,
    core,
    roster,
    verdicts: Table.of(known),
    operations: operationsOf(changed(operations, (operation) => operationFrom(roster, known, operation))),
    fenced: Table.of(fenced ?? {}),
    dark: Table.of(dark ?? changed(fenced, darkFrom)),
    poweredOn: Table.of(poweredOn ?? {}),
    permits: permitsOf(Object.values(permits ?? {})),
    commands: Table.of(changed(commands, (command) => ({ ...command, digest: digestFrom(command.digest) }))),
    shots: Table.of(Object.fromEntries(Object.values(shots ?? {}).map((shot) => [shot.target, shot]))),
  };
}

const changed = <A, B>(record: Written<A> = {}, change: (value: A) => B): Written<B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/** Version 1 does not tell what is dark: whatever is marked is. */
const darkFrom = ({ since, operation }: FencedMark): DarkNode => ({ since, operation, until: since, orders: 1, refused: 0 });

/** What came in was remembered to the letter, as a list. */
const digestFrom = (digest: string): string => (digest.startsWith('[') ? digestOf(digest) : digest);

/** The answers of its parts were kept beside its own. */
function verdictFrom(roster: Roster, { parts, survivors, digest, ...verdict }: WrittenVerdict): KnownVerdict {
  const unanswered = verdict.answer === undefined && parts !== undefined ? { parts: Table.of(parts) } : {};
  const more = verdict.answer !== undefined && Object.values(parts ?? {}).some(cameToMore) ? { cameToMore: true as const } : {};
  const set = 'digits' in survivors ? survivors : setOf(roster, survivors);
  return { ...verdict, ...unanswered, ...more, digest: digestFrom(digest), survivors: set };
}

/** A person who is the device in hand was told apart by this code, and a level that is not begun by having no outlets. */
const CALLED = 'person-needed';

/** Whom it had ordered is not told apart in version 1: whatever was ordered may have gone to a device. */
function operationFrom(
  roster: Roster,
  verdicts: Written<KnownVerdict>,
  { outlets = [], survivors, ...operation }: WrittenOperation,
): Operation {
  const inHand = outlets.map((outlet): OutletRun => ({ ...outlet, ...(outlet.why?.code === CALLED ? { called: true } : {}) }));
  return {
    ...operation,
    decisions: operation.decisions ?? [],
    switching: operation.switching ?? operation.orders,
    ...(inHand.length === 0 ? {} : { outlets: inHand }),
    ...(survivors === undefined ? {} : openedBy(roster, verdicts, operation.id, survivors)),
  };
}

/** An operation had the survivors of its verdict beside it: that one carries it and lets the same nodes live. */
function openedBy(roster: Roster, verdicts: Written<KnownVerdict>, id: string, survivors: readonly string[]): Pick<Operation, 'openedBy'> {
  const { digits } = setOf(roster, survivors);
  const verdict = Object.values(verdicts).find((known) => known.operations.includes(id) && known.survivors.digits === digits);
  return verdict === undefined || survivors.length === 0 ? {} : { openedBy: verdict.id };
}
