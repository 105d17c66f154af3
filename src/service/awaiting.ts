/** What is told while only a person can bring the answer: for whom it waits, and what was ordered before they were called. */
import { type Operation, type OutletRun, type State, waitsFor } from '../core/index.ts';
import { type Outcome, outletName, type Problem, sameOutlet, type WantedPower } from '../vocabulary/index.ts';

/** Not an answer: that comes when the person has spoken, or their time is over. `outcome` is what would be true if nobody came. */
export interface Awaiting {
  readonly pending: readonly string[];
  /** `withheld` only where no device was ordered anything: what was ordered may have been done. */
  readonly outcome: Extract<Outcome, 'withheld' | 'unconfirmed'>;
  readonly problem: Problem;
}

export function awaiting(state: State, ids: readonly string[]): Awaiting {
  const open = ids.flatMap((id) => state.operations.get(id) ?? []);
  const ordered = open.flatMap((one) => orderedSoFar(state, one));
  const outcome = open.some((one) => one.switching > 0) ? 'unconfirmed' : 'withheld';
  return { pending: ids, outcome, problem: problemOf(state, open, ordered) };
}

function problemOf(state: State, open: readonly Operation[], ordered: readonly string[]): Problem {
  const forWord = open.find((one) => waitsFor(state, one) === 'attestation');
  const ids = open.map((one) => one.id).join(', ');
  if (forWord === undefined) {
    return {
      code: 'awaiting-approval',
      says: `The policy asks a person first; ${ids} waits.`,
      next: `bailiff approve ${open[0]?.id ?? 'OP'} --by NAME --reason TEXT, or bailiff deny.`,
    };
  }
  const { target } = forWord;
  const before = ordered.length === 0 ? '' : ` Ordered before: ${ordered.join('; ')}.`;
  return {
    code: 'person-needed',
    says: `A person must cut the power of ${target}; ${ids} waits for their word.${before}`,
    next: `${ordered.length === 0 ? '' : `Treat ${target} as running until then. `}When the node is down: bailiff attest ${target} --by NAME --reason TEXT.`,
  };
}

/** `db1-bmc off (accepted, reads unknown)`: every device that was ordered anything, once per level. People are called, not ordered. */
export function orderedSoFar(state: State, operation: Operation): readonly string[] {
  const people = (state.policy?.nodes[operation.target]?.levels ?? []).flat().filter(({ manual }) => manual === true);
  const inHand = { wanted: operation.wanted, outlets: operation.outlets ?? [] };
  return [...operation.levels, inHand].flatMap(({ wanted, outlets }) =>
    outlets
      .filter((outlet) => outlet.orders > 0 && !people.some((person) => sameOutlet(person, outlet)))
      .map((outlet) => orderWords(outlet, wanted)),
  );
}

function orderWords(outlet: OutletRun, wanted: WantedPower): string {
  const answer = outlet.order === 'accepted' || outlet.order === 'rejected' ? outlet.order : 'no answer';
  return `${outletName(outlet)} ${wanted} (${answer}, reads ${outlet.readings.at(-1)?.power ?? 'unknown'})`;
}
