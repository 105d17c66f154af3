/** All objects of one mock PDU in the order of a walk, and what reading and writing them does. */
import { compareOids } from './ber.ts';
import { type Action, type Family, instance, type Meter, type WireType } from './family.ts';
import type { Outlet, Outlets } from './outlets.ts';
import type { Value } from './request.ts';

/** What writing did: an error-status of RFC 3416, 0 for none. `test` is asked first for all objects of a request. */
export interface Leaf {
  readonly oid: string;
  /** Column or scalar without its instance: tells noSuchInstance from noSuchObject. */
  readonly column: string;
  readonly type: WireType | 'oid' | 'ticks';
  read(): Value;
  /** Absent: read-only. */
  test?(value: number): number;
  write?(value: number): void;
}

interface System {
  readonly description: string;
  readonly name: string;
  readonly sysObjectId: string;
  uptimeMs(): number;
}

const WRONG_VALUE = 10;

export class Tree {
  readonly #leaves = new Map<string, Leaf>();
  readonly #order: readonly string[];
  readonly #columns: ReadonlySet<string>;

  constructor(families: readonly Family[], outlets: Outlets, system: System) {
    for (const leaf of systemLeaves(system)) this.#leaves.set(leaf.oid, leaf);
    for (const family of families) for (const leaf of leavesOf(family, outlets)) this.#leaves.set(leaf.oid, leaf);
    this.#order = [...this.#leaves.keys()].sort(compareOids);
    this.#columns = new Set([...this.#leaves.values()].map((leaf) => leaf.column));
  }

  find(oid: string): Leaf | undefined {
    return this.#leaves.get(oid);
  }

  /** Is there such a column at all? */
  knows(oid: string): boolean {
    for (const column of this.#columns) if (oid === column || oid.startsWith(`${column}.`)) return true;
    return false;
  }

  after(oid: string): Leaf | undefined {
    const next = this.#order.find((each) => compareOids(each, oid) > 0);
    return next === undefined ? undefined : this.#leaves.get(next);
  }
}

function systemLeaves(system: System): readonly Leaf[] {
  const base = '1.3.6.1.2.1.1';
  const text = (arc: number, read: () => string): Leaf => ({
    oid: `${base}.${arc}.0`,
    column: `${base}.${arc}`,
    type: 'octets',
    read: () => ({ type: 'octets', text: read() }),
  });
  return [
    text(1, () => system.description),
    { oid: `${base}.2.0`, column: `${base}.2`, type: 'oid', read: () => ({ type: 'oid', text: system.sysObjectId }) },
    { oid: `${base}.3.0`, column: `${base}.3`, type: 'ticks', read: () => ({ type: 'ticks', number: Math.floor(system.uptimeMs() / 10) }) },
    text(5, () => system.name),
  ];
}

function leavesOf(family: Family, outlets: Outlets): Leaf[] {
  const leaves: Leaf[] = [];
  const number = (oid: string, column: string, type: WireType, read: () => number): Leaf => ({
    oid,
    column,
    type,
    read: () => ({ type: type === 'gauge' ? 'gauge' : 'integer', number: read() }),
  });
  for (const outlet of outlets.all) {
    const at = (column: string, shape = family.shape): string => `${column}.${instance(shape, outlet.number, outlet.row)}`;
    const add = (column: string, type: WireType, read: () => number, shape?: string): number =>
      leaves.push(number(at(column, shape), column, type, read));
    add(family.state.oid, 'integer', () => stateOf(family, outlets, outlet));
    if (family.pending !== undefined)
      add(family.pending.oid, 'integer', () =>
        outlets.moving(outlet) === undefined ? (family.pending?.none ?? 0) : (family.pending?.some ?? 0),
      );
    if (family.intent !== undefined) add(family.intent.oid, 'integer', () => intentOf(family.intent, outlets, outlet));
    for (const label of [family.label, ...(family.moreLabels ?? [])]) {
      if (label !== undefined)
        leaves.push({ oid: at(label), column: label, type: 'octets', read: () => ({ type: 'octets', text: outlet.label }) });
    }
    if (family.rowNumber !== undefined) add(family.rowNumber, 'integer', () => outlet.number - 1);
    if (family.rowColumns !== undefined) {
      add(family.rowColumns.unit, 'integer', () => outlet.unit);
      add(family.rowColumns.outlet, 'integer', () => outlet.number);
    }
    for (const [meter, watts] of [
      [family.amps, false],
      [family.watts, true],
    ] as const)
      if (meter !== undefined) leaves.push(...meterLeaf(meter, watts, at, outlets, outlet));
    for (const fixed of family.fixed ?? []) add(fixed.oid, fixed.type, () => fixed.value, fixed.shape);
    for (const config of family.config ?? []) leaves.push(settingLeaf(at(config.oid), config.oid, config.type, config.value));
    leaves.push(...commandLeaves(family, outlets, outlet));
  }
  if (family.model !== undefined)
    leaves.push({
      oid: family.model,
      column: family.model.slice(0, family.model.lastIndexOf('.')),
      type: 'octets',
      read: () => ({ type: 'octets', text: 'SIMULATED' }),
    });
  const units = Math.max(...outlets.all.map((outlet) => outlet.unit));
  const perUnit = outlets.all.length / units;
  if (family.count !== undefined)
    leaves.push(number(family.count, family.count.slice(0, family.count.lastIndexOf('.')), 'integer', () => outlets.all.length));
  for (let unit = 1; family.countPerUnit !== undefined && unit <= units; unit += 1)
    leaves.push(number(`${family.countPerUnit}.${unit}`, family.countPerUnit, 'integer', () => perUnit));
  for (const scalar of family.scalars ?? []) leaves.push(settingLeaf(scalar.oid, scalar.oid.slice(0, -2), scalar.type, scalar.value));
  for (const whole of family.wholeUnit ?? []) {
    leaves.push({
      ...number(whole.oid, whole.oid, 'integer', () => 0),
      test: (value) => (value === whole.off || value === whole.on ? 0 : WRONG_VALUE),
      write: (value) => outlets.wholeUnit(whole.oid, value === whole.on ? 'on' : 'off'),
    });
  }
  return leaves;
}

/** The command's object can be the state's own: then the later leaf, which can be written, takes its place. */
function commandLeaves(family: Family, outlets: Outlets, outlet: Outlet): readonly Leaf[] {
  return family.commands.map((command): Leaf => {
    const actionOf = (value: number): Action | undefined => {
      if (command.seconds === undefined) return command.takes[value];
      return value === -1 ? 'cancel' : value === 0 ? command.seconds : undefined;
    };
    const delayed = (value: number): boolean => command.seconds !== undefined && value > 0 && value <= 99_999;
    const own = (wanted: Action): number => Number(Object.entries(command.takes).find(([, action]) => action === wanted)?.[0] ?? 0);
    return {
      oid: `${command.oid}.${instance(command.shape ?? family.shape, outlet.number, outlet.row)}`,
      column: command.oid,
      type: 'integer',
      read: () => {
        if (typeof command.reads === 'number') return { type: 'integer', number: command.reads };
        if (command.fault !== undefined && outlets.broken.has(outlet)) return { type: 'integer', number: command.fault };
        return {
          type: 'integer',
          number: command.reads === 'state' ? stateOf(family, outlets, outlet) : own(outlet.relay.closed ? 'on' : 'off'),
        };
      },
      test: (value) => (actionOf(value) !== undefined || delayed(value) ? 0 : WRONG_VALUE),
      write: (value) => {
        const action = actionOf(value);
        if (action !== undefined) outlets.order(outlet, action, `${command.oid}=${value}`);
        else if (command.seconds !== undefined) outlets.order(outlet, command.seconds, `${command.oid}=${value}`, value * 1000);
      },
    };
  });
}

function settingLeaf(oid: string, column: string, type: WireType, initial: number): Leaf {
  let value = initial;
  return {
    oid,
    column,
    type,
    read: () => ({ type: type === 'gauge' ? 'gauge' : 'integer', number: value }),
    test: (wanted) => (wanted >= 0 ? 0 : WRONG_VALUE),
    write: (wanted) => {
      value = wanted;
    },
  };
}

function meterLeaf(
  meter: Meter,
  watts: boolean,
  at: (column: string, shape?: string) => string,
  outlets: Outlets,
  outlet: Outlet,
): readonly Leaf[] {
  if (outlets.metering === 'absent') return [];
  const read = (): Value => {
    const load = outlets.loadOf(outlet);
    const number = load < 0 ? -1 : Math.round((watts ? load : load / outlets.volts) * meter.per);
    return { type: meter.type === 'gauge' ? 'gauge' : 'integer', number: meter.type === 'gauge' ? Math.max(0, number) : number };
  };
  return [{ oid: at(meter.oid, meter.shape), column: meter.oid, type: meter.type, read }];
}

/** What the state object says: the truth as seen through the fault plan, in the family's numbers. */
function stateOf({ state, commands }: Family, outlets: Outlets, outlet: Outlet): number {
  const said = outlets.said(outlet);
  if (said === 'fault') {
    const toldElsewhere = commands.some((command) => command.fault !== undefined);
    return state.fault ?? (!toldElsewhere ? 99 : outlet.relay.closed ? state.on : state.off);
  }
  if (said === 'transitional') return state.turningOff ?? state.fault ?? 99;
  const moving = outlets.moving(outlet);
  if (moving === 'off' && state.turningOff !== undefined && said === 'on') return state.turningOff;
  if (moving === 'on' && state.turningOn !== undefined && said === 'off') return state.turningOn;
  return said === 'on' ? state.on : state.off;
}

/** What an outlet is up to, in the family's numbers. */
function intentOf(intent: Family['intent'], outlets: Outlets, outlet: Outlet): number {
  if (intent === undefined) return 0;
  const moving = outlets.moving(outlet);
  if (moving !== undefined) return moving === 'on' ? intent.turningOn : intent.turningOff;
  return outlet.relay.closed ? intent.on : intent.off;
}
