/**
 * What a mock PDU of one family looks like from outside: objects and numbers as the vendor's MIB has them. Kept apart from the driver's
 * profiles on purpose: a slip in one of the two tables shows as a lamp that does not go out.
 */
export type WireType = 'integer' | 'gauge' | 'octets';

/** What a written number makes the outlet do. */
export type Action = 'on' | 'off' | 'reboot' | 'delayedOn' | 'delayedOff' | 'cancel' | 'toggle';

/** An instance under a column: `{o}` the outlet from 1, `{o-1}` from 0, `{o+1}` shifted, `{row}` counted over all units; numbers as they are. */
type Shape = string;

export interface Meter {
  readonly oid: string;
  readonly type: WireType;
  /** Steps per ampere or watt. */
  readonly per: number;
  readonly shape?: Shape;
}

interface Fixed {
  readonly oid: string;
  readonly type: WireType;
  readonly value: number;
  readonly shape?: Shape;
}

export interface Family {
  readonly name: string;
  readonly sysObjectId: string;
  readonly shape: Shape;
  /** Outlets per unit, where the test does not say otherwise. */
  readonly outlets: number;
  readonly units?: number;
  readonly state: {
    readonly oid: string;
    readonly on: number;
    readonly off: number;
    readonly turningOff?: number;
    readonly turningOn?: number;
    /** The device's own word for "unknown" or "the relay did not follow". */
    readonly fault?: number;
  };
  readonly commands: readonly {
    readonly oid: string;
    readonly shape?: Shape;
    /** What a GET of it says: the state object's value, the command's own number for on and off, or always this. */
    readonly reads: 'state' | 'own' | number;
    /** What a GET says of an outlet whose place is lost, where `reads` is `own`. */
    readonly fault?: number;
    readonly takes: Readonly<Record<number, Action>>;
    /** The written number is a delay in seconds before this happens; -1 cancels. */
    readonly seconds?: 'on' | 'off';
  }[];
  readonly pending?: { readonly oid: string; readonly none: number; readonly some: number };
  /** A column that says what the outlet is up to, beside the one that says where it is. */
  readonly intent?: {
    readonly oid: string;
    readonly on: number;
    readonly off: number;
    readonly turningOn: number;
    readonly turningOff: number;
  };
  /** Instance of the object that names the model, complete: general tools recognise the family by its being there. */
  readonly model?: string;
  readonly label?: string;
  readonly moreLabels?: readonly string[];
  /** Instance of the outlet count, complete. */
  readonly count?: string;
  readonly countPerUnit?: string;
  readonly rowColumns?: { readonly unit: string; readonly outlet: string };
  readonly rowNumber?: string;
  readonly amps?: Meter;
  readonly watts?: Meter;
  readonly fixed?: readonly Fixed[];
  /** Writable and harmless, one per outlet. */
  readonly config?: readonly Fixed[];
  readonly scalars?: readonly Fixed[];
  /** Objects that switch everything at once. */
  readonly wholeUnit?: readonly { readonly oid: string; readonly off: number; readonly on: number }[];
}

/** The instance of one outlet: `outlet` from 1 within its unit, `row` from 1 over all units. */
export function instance(shape: Shape, outlet: number, row: number): string {
  return shape.replace(/\{(o|row)([+-]1)?\}/g, (_all, word: string, shift: string | undefined) =>
    String((word === 'row' ? row : outlet) + Number(shift ?? 0)),
  );
}
