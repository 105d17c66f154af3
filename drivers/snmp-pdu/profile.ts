/**
 * A PDU family as data: where its objects are and what their numbers mean. The driver knows families only through this shape; it never asks
 * who made the device. One file per family in profiles/; a user's own family is the same shape as JSON (profile: custom).
 *
 * An object is named by a template: dotted numbers in which `{outlet}`, `{unit}` ... stand for parts of the plug, `{outlet+1}` and
 * `{outlet-1}` for shifted numbering: `1.3.6.1.4.1.20677.2.6.2.{outlet+1}.0`.
 */

/** What a plug is made of, outermost first; the last part is always the outlet. `row` is looked up in the device (see Profile.rows). */
export const PART_NAMES = ['unit', 'tower', 'infeed', 'cord', 'module', 'line', 'outlet'] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface Part {
  readonly name: PartName;
  /** Least and greatest number a person may write; anything else is rejected before a packet is sent. */
  readonly min: number;
  readonly max: number;
  /** Taken where a plug leaves this part out. */
  readonly default?: number;
}

export type Template = string;

/** The object that says whether the outlet is on. INTEGER only; a number that is listed nowhere is unknown. */
interface StateObject {
  readonly object: Template;
  /** The one exact number that means off. */
  readonly off: number;
  readonly on: readonly number[];
  /** On its way, delayed, or about to come back by itself: unknown, and worth asking again. */
  readonly changing: readonly number[];
}

/** What to write, as INTEGER, to switch at once (never a delayed, toggling or rebooting value). */
interface Write {
  readonly object: Template;
  readonly value: number;
}

/** A further object that must hold for the state to count: no command pending, no relay failure, switchable. */
interface Condition {
  readonly object: Template;
  readonly equals: readonly number[];
  /** What it means when it does not hold: `a command is still pending`. */
  readonly says: string;
  /** What an absent object means: `unknown` (default), or `fine` where older firmware lacks it. */
  readonly absent?: 'unknown' | 'fine';
  /** Waiting may help: the order is still on its way. */
  readonly passes?: boolean;
}

/** A measured value: number on the wire times `scale`. A negative number and an absent object mean "not measured". */
export interface Meter {
  readonly object: Template;
  readonly scale: number;
  /** Object that gives the count of decimal digits, where the device scales by itself (value x 10^-digits). */
  readonly digits?: Template;
  /** Object that must be 1 (true) for the value to count. */
  readonly available?: Template;
}

interface Metering {
  readonly amps?: Meter;
  readonly watts?: Meter;
  /** From here on current flows: an outlet that says off with this much load contradicts itself. Below is noise of the sensor. */
  readonly flowing: { readonly amps: number; readonly watts: number };
}

/** Chained units: the row is not the outlet's number, it is found by these columns (indexed by row) and proven in every reading. */
type Rows = Readonly<Partial<Record<PartName, Template>>>;

export interface Profile {
  readonly name: string;
  readonly title: string;
  /** Present where a fact behind this profile is in doubt: says which. Shown by `check` and `discover`. */
  readonly experimental?: string;
  readonly recognise: {
    /** sysObjectID values or prefixes; the longest match wins. */
    readonly sysObjectId: readonly string[];
    /** Words that sysDescr carries, where the sysObjectID alone does not tell. */
    readonly sysDescr: readonly string[];
  };
  readonly parts: readonly Part[];
  readonly rows?: Rows;
  readonly state: StateObject;
  readonly orders: { readonly off: Write; readonly on: Write };
  readonly conditions: readonly Condition[];
  readonly outletName?: Template;
  /** Scalar or per-unit object with the number of outlets. */
  readonly outletCount?: Template;
  readonly metering?: Metering;
  /** An INTEGER object whose present value may be written back without any effect: proves the right to write. */
  readonly harmlessWrite?: { readonly object: string; readonly says: string };
  /** Outlets per request. Orders: 1 unless one request may carry several; readings: bounded by the size of an answer. */
  readonly batch: { readonly orders: number; readonly readings: number };
  /** Objects that switch more than one outlet. The driver never writes below them; a test proves it for every plug. */
  readonly wholeUnit: readonly string[];
  /** Real devices, model and firmware, on which somebody ran the conformance suite. Empty: nobody has yet. */
  readonly testedOn: readonly string[];
  /** Where the numbers come from: MIB, or the tool that uses them. */
  readonly source: string;
}
