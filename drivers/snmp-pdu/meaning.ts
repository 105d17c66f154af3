/**
 * From objects to a reading. Pure, and strict: off is the profile's one exact number as an INTEGER, with every condition fulfilled, the right
 * row, the right name and no current. Everything else is unknown, with the reason.
 */
import type { Problem, Reading } from '../kit/contract.ts';
import { instanceOf, type Place } from './addressing.ts';
import type { Answer } from './client.ts';
import { contradiction, nameMismatch, notFit, outletMissing, quoted, renumbered, stateUnknown } from './problems.ts';
import type { Meter, PartName, Profile } from './profile.ts';

/** An outlet that was found: where its objects are and what has to be proven in every reading. */
export interface Located {
  readonly plug: string;
  readonly place: Place;
  /** Row columns that must still hold these numbers. */
  readonly rows: ReadonlyArray<{ readonly object: string; readonly equals: number; readonly part: PartName }>;
  /** The name it must have: it was found by name, or the configuration expects one. */
  readonly name?: string;
}

/** The objects of one outlet's reading: needed ones first, then those that a device may lack. */
interface Objects {
  readonly needed: readonly string[];
  readonly optional: readonly string[];
}

export function objectsOf(profile: Profile, outlet: Located): Objects {
  const at = (template: string): string => instanceOf(template, outlet.place);
  const needed = [at(profile.state.object), ...outlet.rows.map((row) => row.object)];
  const optional: string[] = [];
  for (const condition of profile.conditions) (condition.absent === 'fine' ? optional : needed).push(at(condition.object));
  if (outlet.name !== undefined && profile.outletName !== undefined) needed.push(at(profile.outletName));
  for (const meter of [profile.metering?.amps, profile.metering?.watts]) {
    if (meter !== undefined)
      for (const object of [meter.object, meter.digits, meter.available]) if (object !== undefined) optional.push(at(object));
  }
  return { needed: [...new Set(needed)], optional: [...new Set(optional)].filter((oid) => !needed.includes(oid)) };
}

type Answers = ReadonlyMap<string, Answer>;

/** What the answers of one moment say about one outlet. Objects that are not among them count as absent. */
export function meaningOf(device: string, profile: Profile, outlet: Located, answers: Answers): Reading {
  const at = (template: string): string => instanceOf(template, outlet.place);
  const source = `${profile.name} ${at(profile.state.object)}`;
  const load = loadOf(profile, outlet, answers);
  const measured = { ...(load.amps === undefined ? {} : { amps: load.amps }), ...(load.watts === undefined ? {} : { watts: load.watts }) };
  const unknown = (why: Problem): Reading => ({ power: 'unknown', why, source, ...measured });
  const wrong = misplaced(device, profile, outlet, answers);
  if (wrong !== undefined) return unknown(wrong);
  const state = answers.get(at(profile.state.object));
  if (state?.kind !== 'integer') return unknown(stateUnknown(device, outlet.plug, 'its state is not an INTEGER'));
  const value = state.number;
  const isOff = value === profile.state.off;
  if (!isOff && !profile.state.on.includes(value)) {
    const says = profile.state.changing.includes(value)
      ? `it is on its way (state ${value})`
      : `its state is ${value}, which is neither on nor off in profile ${profile.name}`;
    return unknown(stateUnknown(device, outlet.plug, says));
  }
  for (const condition of profile.conditions) {
    const answer = answers.get(at(condition.object));
    if (answer === undefined || answer.kind === 'absent') {
      if (condition.absent !== 'fine')
        return unknown(
          stateUnknown(device, outlet.plug, `the PDU does not tell whether ${condition.says}: ${at(condition.object)} is missing`),
        );
    } else if (answer.kind !== 'integer' || !condition.equals.includes(answer.number)) {
      return unknown((condition.passes === true ? stateUnknown : notFit)(device, outlet.plug, condition.says));
    }
  }
  if (load.wrong !== undefined) return unknown(stateUnknown(device, outlet.plug, load.wrong));
  const flowing = profile.metering?.flowing;
  if (isOff && flowing !== undefined) {
    if (load.amps !== undefined && load.amps >= flowing.amps) return unknown(contradiction(device, outlet.plug, `${load.amps} A`));
    if (load.watts !== undefined && load.watts >= flowing.watts) return unknown(contradiction(device, outlet.plug, `${load.watts} W`));
  }
  return { power: isOff ? 'off' : 'on', source, ...measured };
}

/** Why these answers are not about the outlet that is meant: it does not exist, its row or its name is another one. */
export function misplaced(device: string, profile: Profile, outlet: Located, answers: Answers): Problem | undefined {
  const state = answers.get(instanceOf(profile.state.object, outlet.place));
  if (state === undefined || state.kind === 'absent') return outletMissing(device, outlet.plug);
  for (const row of outlet.rows) {
    const answer = answers.get(row.object);
    if (answer?.kind !== 'integer' || answer.number !== row.equals) return renumbered(device, outlet.plug, row.part);
  }
  if (outlet.name === undefined) return undefined;
  if (profile.outletName === undefined) return stateUnknown(device, outlet.plug, `profile ${profile.name} has no outlet names to compare`);
  const answer = answers.get(instanceOf(profile.outletName, outlet.place));
  if (answer?.kind !== 'text')
    return stateUnknown(device, outlet.plug, `the PDU does not tell its name, which should be ${quoted(outlet.name)}`);
  return sameName(answer.text, outlet.name) ? undefined : nameMismatch(device, outlet.plug, outlet.name, answer.text);
}

/** Agents pad names with blanks or zero bytes; case counts. */
export function sameName(found: string, wanted: string): boolean {
  return trimName(found) === trimName(wanted);
}

export const trimName = (name: string): string => name.replaceAll('\u0000', ' ').trim();

interface Load {
  readonly amps?: number;
  readonly watts?: number;
  /** A measured object has a type that no meter has: the profile does not fit this device. */
  readonly wrong?: string;
}

function loadOf(profile: Profile, outlet: Located, answers: Answers): Load {
  const load: { amps?: number; watts?: number; wrong?: string } = {};
  for (const name of ['amps', 'watts'] as const) {
    const meter = profile.metering?.[name];
    if (meter === undefined) continue;
    const value = measured(meter, outlet.place, answers);
    if (typeof value === 'number') load[name] = value;
    else if (value === 'wrong') load.wrong = `its ${name === 'amps' ? 'current' : 'power'} is not a number`;
  }
  return load;
}

function measured(meter: Meter, place: Place, answers: Answers): number | 'wrong' | undefined {
  const number = (template: string): number | 'wrong' | undefined => {
    const answer = answers.get(instanceOf(template, place));
    if (answer === undefined || answer.kind === 'absent') return undefined;
    return answer.kind === 'integer' || answer.kind === 'unsigned' ? answer.number : 'wrong';
  };
  const value = number(meter.object);
  if (value === undefined || value === 'wrong') return value;
  if (value < 0 || (meter.available !== undefined && number(meter.available) !== 1)) return undefined;
  if (meter.digits === undefined) return rounded(value * meter.scale);
  const digits = number(meter.digits);
  if (digits === undefined || digits === 'wrong' || digits < 0 || digits > 9) return 'wrong';
  return rounded((value * meter.scale) / 10 ** digits);
}

/** 12 x 0.1 is 1.2, not 1.2000000000000002. */
const rounded = (value: number): number => Number(value.toFixed(6));
