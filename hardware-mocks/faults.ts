/**
 * Fault plans as data: what goes wrong with a mock device, repeatably. A plan is JSON (lab files, `bailiff lab fault`). Shells apply it at
 * two places: to bytes on their way (in, out) and to meaning (what an order does, what a reading says). See faulty.ts for the engine.
 */
import type { Problem } from '../src/vocabulary/index.ts';

/** Every fault may be limited in time: it begins `fromMs` after the plan was applied (default 0) and lasts `forMs` (default for ever). */
interface Timed {
  readonly fromMs?: number;
  readonly forMs?: number;
}

/** A fault that strikes some of the datagrams: `probability` 0 to 1, default 1. */
interface Sometimes extends Timed {
  readonly probability?: number;
}

type Bare<Kind extends string> = Timed & { readonly kind: Kind };

export type Fault =
  /** Hears nothing (`in`), says nothing (`out`), or both (default). With `out` alone orders are still carried out. */
  | (Bare<'mute'> & { readonly direction?: 'in' | 'out' | 'both' })
  /** Each datagram is lost with this probability on its way in and out. */
  | (Bare<'loss'> & { readonly in?: number; readonly out?: number })
  /** Answers come `ms` late, plus up to `jitterMs`: with jitter they also overtake each other. */
  | (Bare<'delay'> & { readonly ms: number; readonly jitterMs?: number })
  /** Requests (`in`) or answers (`out`, default) arrive twice. */
  | (Sometimes & { readonly kind: 'duplicate'; readonly direction?: 'in' | 'out' })
  /** An older answer is sent once more: `before` the right one (default) or `instead` of it. */
  | (Sometimes & { readonly kind: 'replay'; readonly place?: 'before' | 'instead' })
  /** Only the first `keep` bytes of the answer are sent (default: a random part). */
  | (Sometimes & { readonly kind: 'truncate'; readonly keep?: number })
  /** Random bytes instead of the answer. */
  | (Sometimes & { readonly kind: 'garbage' })
  /** `bytes` of random tail are added to the answer (default 1200). */
  | (Sometimes & { readonly kind: 'oversized'; readonly bytes?: number })
  /** The answer carries a wrong session or request id. */
  | (Sometimes & { readonly kind: 'wrong-session' })
  /** Readings say this, whatever is true. */
  | (Bare<'lie'> & { readonly says: 'on' | 'off' })
  /** Orders are accepted and not carried out. */
  | Bare<'ignore-orders'>
  /** Orders reach the plug `offset` further on (default 1). On devices with one outlet the order goes nowhere. */
  | (Bare<'wrong-plug'> & { readonly offset?: number })
  /** Answers speak of the plug `offset` further on (default 1), or of another request where there is one outlet. */
  | (Bare<'wrong-plug-answer'> & { readonly offset?: number })
  /** Readings repeat the last order instead of looking at the relay. */
  | Bare<'echo'>
  /** What was ordered is undone after `afterMs` (default 1000): somebody else switches it back. */
  | (Bare<'bounce'> & { readonly afterMs?: number })
  /** Readings say neither on nor off but "on the way", for ever. */
  | Bare<'transitional'>
  /** The device is without power while its machine is off. */
  | Bare<'die-with-machine'>
  /** The device starts again: silent for `ms`, sessions forgotten. `on`: at once (default) or right after the next order was taken. */
  | (Bare<'reboot'> & { readonly ms: number; readonly on?: 'now' | 'order' })
  /** After this many bad passwords every login is refused, for `ms` (default 60000). */
  | (Bare<'lock-out'> & { readonly after: number; readonly ms?: number })
  /** No free session for anybody. */
  | Bare<'sessions-exhausted'>
  /** The next `times` requests are answered "busy". */
  | (Bare<'busy'> & { readonly times: number })
  /** Every `every`-th reading (default 3, beginning with the second) says off, once; the others tell the truth. */
  | (Bare<'off-once'> & { readonly every?: number });

export type FaultKind = Fault['kind'];

export interface FaultPlan {
  /** Same seed, same traffic: same faults. */
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export const NO_FAULTS: FaultPlan = { seed: 0, faults: [] };

const MAX_FAULTS = 32;
const HOUR = 3_600_000;

type Field =
  | { readonly type: 'number'; readonly max: number; readonly required?: boolean }
  | { readonly type: 'word'; readonly of: readonly string[]; readonly required?: boolean };

const ms = (required = false): Field => ({ type: 'number', max: HOUR, required });
const chance: Field = { type: 'number', max: 1 };
const offset: Field = { type: 'number', max: 1000 };

/** What each kind takes besides `fromMs` and `forMs`. One line per kind: also the list of kinds for help texts. */
export const FAULT_FIELDS: Readonly<Record<FaultKind, Readonly<Record<string, Field>>>> = {
  mute: { direction: { type: 'word', of: ['in', 'out', 'both'] } },
  loss: { in: chance, out: chance },
  delay: { ms: ms(true), jitterMs: ms() },
  duplicate: { probability: chance, direction: { type: 'word', of: ['in', 'out'] } },
  replay: { probability: chance, place: { type: 'word', of: ['before', 'instead'] } },
  truncate: { probability: chance, keep: { type: 'number', max: 65_507 } },
  garbage: { probability: chance },
  oversized: { probability: chance, bytes: { type: 'number', max: 60_000 } },
  'wrong-session': { probability: chance },
  lie: { says: { type: 'word', of: ['on', 'off'], required: true } },
  'ignore-orders': {},
  'wrong-plug': { offset },
  'wrong-plug-answer': { offset },
  echo: {},
  bounce: { afterMs: ms() },
  transitional: {},
  'die-with-machine': {},
  reboot: { ms: ms(true), on: { type: 'word', of: ['now', 'order'] } },
  'lock-out': { after: { type: 'number', max: 1000, required: true }, ms: ms() },
  'sessions-exhausted': {},
  busy: { times: { type: 'number', max: 1_000_000, required: true } },
  'off-once': { every: { type: 'number', max: 1000 } },
};

export type Checked<Value> = { readonly value: Value } | { readonly problem: Problem };

function badPlan(says: string): { readonly problem: Problem } {
  return {
    problem: {
      code: 'bad-fault-plan',
      says: `fault plan: ${says}`,
      next: `Known faults: ${Object.keys(FAULT_FIELDS).join(', ')}.`,
      lasting: true,
    },
  };
}

/** Checks a plan from outside (a lab file, the lab's socket). Unknown kinds and fields are problems: a misspelt fault must not be silent. */
export function readFaultPlan(raw: unknown): Checked<FaultPlan> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return badPlan('must be a map with seed and faults');
  const { seed, faults, ...rest } = raw as Record<string, unknown>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return badPlan(`unknown field ${unknown.slice(0, 40)}`);
  if (seed !== undefined && (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)) {
    return badPlan('seed must be a whole number from 0 to 4294967295');
  }
  if (!Array.isArray(faults)) return badPlan('faults must be a list');
  if (faults.length > MAX_FAULTS) return badPlan(`at most ${MAX_FAULTS} faults at once`);
  const good: Fault[] = [];
  for (const each of faults as readonly unknown[]) {
    const fault = readFault(each);
    if ('problem' in fault) return fault;
    good.push(fault.value);
  }
  return { value: { seed: seed ?? 0, faults: good } };
}

function readFault(raw: unknown): Checked<Fault> {
  if (typeof raw !== 'object' || raw === null) return badPlan('each fault is a map with its kind');
  const { kind, ...rest } = raw as Record<string, unknown>;
  if (typeof kind !== 'string' || !Object.hasOwn(FAULT_FIELDS, kind)) return badPlan(`unknown kind ${String(kind).slice(0, 40)}`);
  const fields: Readonly<Record<string, Field>> = { ...FAULT_FIELDS[kind as FaultKind], fromMs: ms(), forMs: ms() };
  for (const [name, value] of Object.entries(rest)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) return badPlan(`${kind} does not take ${name.slice(0, 40)}; it takes ${Object.keys(fields).join(', ')}`);
    if (field.type === 'word' && !field.of.some((word) => word === value))
      return badPlan(`${kind}.${name} must be one of ${field.of.join(', ')}`);
    if (field.type === 'number' && !(typeof value === 'number' && value >= 0 && value <= field.max)) {
      return badPlan(`${kind}.${name} must be a number from 0 to ${field.max}`);
    }
  }
  const missing = Object.entries(fields).find(([name, field]) => field.required === true && rest[name] === undefined);
  if (missing !== undefined) return badPlan(`${kind} needs ${missing[0]}`);
  return { value: { kind, ...rest } as Fault };
}

/** A plan from words, as typed: `loss in=0.3 out=0.3`, `seed=7 reboot ms=3000 lie says=off`; `none` heals. */
export function faultPlanFromWords(words: readonly string[]): Checked<FaultPlan> {
  if (words.length === 1 && words[0] === 'none') return { value: NO_FAULTS };
  const faults: Array<Record<string, unknown>> = [];
  let seed: number | undefined;
  for (const word of words) {
    const [name = '', text] = word.split('=', 2);
    if (text === undefined) faults.push({ kind: name });
    else if (name === 'seed') seed = Number(text);
    else {
      const last = faults.at(-1);
      if (last === undefined) return badPlan(`${name.slice(0, 40)}=… comes before any fault`);
      last[name] = /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    }
  }
  return readFaultPlan({ ...(seed === undefined ? {} : { seed }), faults });
}
