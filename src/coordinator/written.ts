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

/** Tables are written as keys with their values, and were written as objects, which tell keys that look like numbers first. */
type Written<T> = readonly (readonly [string, T])[] | Readonly<Record<string, T>>;

/** Permits and shots were written as lists of values; version 1 lacks what came later. */
interface WrittenState extends Partial<Omit<State, Tables>> {
  readonly verdicts?: Written<WrittenVerdict>;
  readonly operations?: Written<WrittenOperation>;
  readonly fenced?: Written<FencedMark>;
  readonly dark?: Written<DarkNode>;
  readonly poweredOn?: Written<PoweredOnMark>;
  readonly permits?: readonly Permit[] | Written<Permit>;
  readonly commands?: Written<KnownCommand>;
  readonly shots?: readonly Shot[] | Written<Shot>;
}

type PoweredOnMark = ReturnType<State['poweredOn']['values']>[number];

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
  const named = entriesOf(verdicts).flatMap(([, { survivors }]) => ('digits' in survivors ? [] : survivors));
  const roster = enrolled(state.roster ?? Object.keys(state.policy?.nodes ?? {}), named);
  const known = changed(verdicts, (verdict) => verdictFrom(roster, verdict));
  return {
    ...EMPTY,
    ...state,
    core,
    roster,
    verdicts: Table.of(known),
    operations: operationsOf(changed(operations, (operation) => operationFrom(core, roster, known, operation)).map(([, one]) => one)),
    fenced: Table.of(entriesOf(fenced)),
    dark: Table.of(dark === undefined ? changed(fenced, darkFrom) : entriesOf(dark)),
    poweredOn: Table.of(entriesOf(poweredOn)),
    permits: permitsOf(valuesOf(permits)),
    commands: Table.of(changed(commands, (command) => ({ ...command, digest: digestFrom(command.digest) }))),
    shots: Table.of(valuesOf(shots).map((shot) => [shot.target, shot])),
  };
}

type Entries<T> = readonly (readonly [string, T])[];

const isList = <T>(written: Written<T>): written is Entries<T> => Array.isArray(written);

const entriesOf = <T>(written: Written<T> = []): Entries<T> => (isList(written) ? written : Object.entries(written));

/** Of a table, or of a list of values as it was written before. */
function valuesOf<T extends object>(written: Written<T> | readonly T[] = []): readonly T[] {
  const told: readonly unknown[] = Object.values(written);
  return told.map((one) => (Array.isArray(one) ? one[1] : one) as T);
}

const changed = <A, B>(written: Written<A> | undefined, change: (value: A) => B): Entries<B> =>
  entriesOf(written).map(([key, value]) => [key, change(value)] as const);

/** Version 1 does not tell what is dark: whatever is marked is. */
const darkFrom = ({ since, operation }: FencedMark): DarkNode => ({ since, operation, until: since, orders: 1, refused: 0 });

/** What came in was remembered to the letter, as a list. */
const digestFrom = (digest: string): string => (digest.startsWith('[') ? digestOf(digest) : digest);

/** The answers of its parts were kept beside its own. */
function verdictFrom(roster: Roster, { parts, survivors, digest, ...verdict }: WrittenVerdict): KnownVerdict {
  const unanswered = verdict.answer === undefined && parts !== undefined ? { parts: Table.of(entriesOf(parts)) } : {};
  const more =
    verdict.answer !== undefined && entriesOf(parts).some(([, answer]) => cameToMore(answer)) ? { cameToMore: true as const } : {};
  const set = 'digits' in survivors ? survivors : setOf(roster, survivors);
  return { ...verdict, ...unanswered, ...more, digest: digestFrom(digest), survivors: set };
}

/** Before version 5 a person who is the device in hand was told apart by this code, and a level that is not begun by having no outlets. */
const CALLED_IS_A_FIELD = 5;
const CALLED = 'person-needed';

const calledFrom = (outlet: OutletRun): OutletRun => ({ ...outlet, ...(outlet.why?.code === CALLED ? { called: true } : {}) });

/** Whom it had ordered is not told apart in version 1: whatever was ordered may have gone to a device. */
function operationFrom(
  core: number,
  roster: Roster,
  verdicts: Entries<KnownVerdict>,
  { outlets = [], survivors, ...operation }: WrittenOperation,
): Operation {
  const inHand = core < CALLED_IS_A_FIELD ? outlets.map(calledFrom) : outlets;
  return {
    ...operation,
    decisions: operation.decisions ?? [],
    switching: operation.switching ?? operation.orders,
    ...(inHand.length === 0 ? {} : { outlets: inHand }),
    ...(survivors === undefined ? {} : openedBy(roster, verdicts, operation.id, survivors)),
  };
}

/** An operation had the survivors of its verdict beside it: that one carries it and lets the same nodes live. */
function openedBy(roster: Roster, verdicts: Entries<KnownVerdict>, id: string, survivors: readonly string[]): Pick<Operation, 'openedBy'> {
  const { digits } = setOf(roster, survivors);
  const verdict = verdicts.map(([, known]) => known).find((known) => known.operations.includes(id) && known.survivors.digits === digits);
  return verdict === undefined || survivors.length === 0 ? {} : { openedBy: verdict.id };
}
