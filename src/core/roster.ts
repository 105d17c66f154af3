/**
 * Nodes by number, so that a set of them is a short text however many they are: the roster names each node that ever was in it once, and only
 * grows. A set has a hexadecimal digit for each four of them, the first node in the lowest bit.
 */
export type Roster = readonly string[];

export interface NodeSet {
  readonly digits: string;
}

export const NOBODY: NodeSet = { digits: '' };

export function enrolled(roster: Roster, names: readonly string[]): Roster {
  const known = numbersOf(roster);
  const more = [...new Set(names)].filter((name) => !known.has(name));
  return more.length === 0 ? roster : [...roster, ...more];
}

/** Of nodes that are all in the roster. */
export function setOf(roster: Roster, names: readonly string[]): NodeSet {
  const numbers = numbersOf(roster);
  const digits: number[] = [];
  for (const number of names.flatMap((name) => numbers.get(name) ?? [])) {
    while (digits.length <= number >> 2) digits.push(0);
    digits[number >> 2] = (digits[number >> 2] ?? 0) | (1 << (number & 3));
  }
  return { digits: digits.map((digit) => digit.toString(16)).join('') };
}

export function isIn(roster: Roster, { digits }: NodeSet, name: string): boolean {
  const number = numbersOf(roster).get(name);
  return number !== undefined && bit(digits, number);
}

/** In the order of the roster. */
export function namesIn(roster: Roster, set: NodeSet): readonly string[] {
  const known = NAMES.get(set) ?? roster.filter((_name, number) => bit(set.digits, number));
  NAMES.set(set, known);
  return known;
}

const bit = (digits: string, number: number): boolean => (Number.parseInt(digits[number >> 2] ?? '0', 16) & (1 << (number & 3))) !== 0;

/** A roster only grows, so the names of a set stay the same. */
const NAMES = new WeakMap<NodeSet, readonly string[]>();
const NUMBERS = new WeakMap<Roster, ReadonlyMap<string, number>>();

function numbersOf(roster: Roster): ReadonlyMap<string, number> {
  const numbers = NUMBERS.get(roster) ?? new Map(roster.map((name, number) => [name, number]));
  NUMBERS.set(roster, numbers);
  return numbers;
}
