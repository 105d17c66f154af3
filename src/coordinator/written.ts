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
type WrittenVerdict = Omit<KnownVerdict, 'parts'> & { readonly parts?: Written<Answer> };
type WrittenOperation = Omit<Operation, 'decisions' | 'switching'> & Partial<Operation>;

/** Operations that another core has left open are ended by the start that follows, since their rules have changed. */
export function stateFrom(snapshot: Json): State {
  const {
    core = 1,
    verdicts,
    operations,
    fenced,
    dark,
    poweredOn,
    permits,
    commands,
    shots,
    ...state
  } = snapshot as unknown as WrittenState;
  return {
    ...EMPTY,
    ...state,
    core,
    verdicts: Table.of(changed(verdicts, verdictFrom)),
    operations: operationsOf(changed(operations, operationFrom)),
    fenced: Table.of(fenced ?? {}),
    dark: Table.of(dark ?? changed(fenced, darkFrom)),
    poweredOn: Table.of(poweredOn ?? {}),
    permits: permitsOf(Object.values(permits ?? {})),
    commands: Table.of(commands ?? {}),
    shots: Table.of(Object.fromEntries(Object.values(shots ?? {}).map((shot) => [shot.target, shot]))),
  };
}

const changed = <A, B>(record: Written<A> = {}, change: (value: A) => B): Written<B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/** Version 1 does not tell what is dark: whatever is marked is. */
const darkFrom = ({ since, operation }: FencedMark): DarkNode => ({ since, operation, until: since, orders: 1, refused: 0 });

const verdictFrom = ({ parts, ...verdict }: WrittenVerdict): KnownVerdict =>
  parts === undefined ? verdict : { ...verdict, parts: Table.of(parts) };

/** A person who is the device in hand was told apart by this code, and a level that is not begun by having no outlets. */
const CALLED = 'person-needed';

/** Whom it had ordered is not told apart in version 1: whatever was ordered may have gone to a device. */
function operationFrom({ outlets = [], ...operation }: WrittenOperation): Operation {
  const inHand = outlets.map((outlet): OutletRun => ({ ...outlet, ...(outlet.why?.code === CALLED ? { called: true } : {}) }));
  return {
    ...operation,
    decisions: operation.decisions ?? [],
    switching: operation.switching ?? operation.orders,
    ...(inHand.length === 0 ? {} : { outlets: inHand }),
  };
}
