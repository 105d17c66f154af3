/**
 * What a driver brought, taken for what the contract says it is, or for unknown. Drivers of others run in this process: what they return is
 * looked at as if it came from the network, and copied, so that nothing of it can change or throw later.
 */
import type { Discovered, Health, Identity, ListedOutlet } from '../../drivers/kit/contract.ts';
import { type OrderResult, type PowerState, type Problem, type Reading, withoutSecrets } from '../vocabulary/index.ts';

const POWERS: ReadonlySet<unknown> = new Set<PowerState>(['on', 'off', 'unknown']);
const LONGEST = 500;
const MOST_LINES = 200;
/** What a fence agent takes, in one line. */
const LONGEST_LINE = 8000;
/** More than any device has. */
const MOST_OUTLETS = 4096;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value.slice(0, LONGEST) : undefined);
/** For people: no secret that the driver was given stands in it (S12). */
const forPeople = (value: unknown): string | undefined => (typeof value === 'string' ? text(withoutSecrets(value)) : undefined);
/** A list of a driver's own, by its places: its functions are the driver's too, and are never called. */
const copied = (list: readonly unknown[], most: number): readonly unknown[] =>
  Array.from({ length: Math.min(list.length, most) }, (_none, place) => list[place]);
const measure = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

export const threw = (device: string, what: string, error: unknown): Problem => ({
  code: 'driver-threw',
  says: `The driver of ${device} threw while it was to ${what}: ${thrown(error)}`,
  next: 'It counts as unknown, and the device is opened again. The driver breaks its contract: `bailiff conform` shows it.',
});

/** What is thrown is a stranger's too: even its text may throw. */
function thrown(error: unknown): string {
  try {
    return withoutSecrets(error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, LONGEST);
  } catch {
    return 'something without a text';
  }
}

const malformed = (device: string, what: string): Problem => ({
  code: 'driver-malformed',
  says: `The driver of ${device} gave back ${what}, which the contract does not know.`,
  next: 'It counts as unknown. The driver breaks its contract: `bailiff conform` shows it.',
});

export const cannotList = (device: string): Problem => ({
  code: 'outlets-not-listed',
  says: `${device} does not list its outlets.`,
  next: 'Name them by number.',
});

function problemIn(value: unknown, fallback: Problem): Problem {
  if (!isObject(value)) return fallback;
  // The codes are the driver's own; each is read once.
  const told = Object.fromEntries((['code', 'says', 'next'] as const).map((key) => [key, forPeople(value[key])]));
  if (told.code === undefined || told.says === undefined) return fallback;
  return { ...fallback, ...told, next: told.next ?? fallback.next, ...(value.lasting === true ? { lasting: true } : {}) };
}

export function orderResultIn(device: string, value: unknown): OrderResult {
  const result = isObject(value) ? value.result : undefined;
  if (result === 'accepted') return { result };
  const fallback = malformed(device, `"${shown(result)}" for an order`);
  if (result !== 'rejected' && result !== 'unknown') return { result: 'unknown', why: fallback };
  return { result, why: problemIn(isObject(value) ? value.why : undefined, fallback) };
}

export function readingIn(device: string, value: unknown): Reading {
  const given = isObject(value) ? value : {};
  const { power, source, watts, amps, why } = given;
  const known = POWERS.has(power);
  const fallback = malformed(device, known ? 'an unknown power without a reason' : `"${shown(power)}" for a power`);
  const load = {
    ...(measure(watts) === undefined ? {} : { watts: measure(watts) ?? 0 }),
    ...(measure(amps) === undefined ? {} : { amps: measure(amps) ?? 0 }),
  };
  const seen = { source: forPeople(source) ?? 'not said', ...load };
  if (power === 'on' || power === 'off') return { power, ...seen, ...(why === undefined ? {} : { why: problemIn(why, fallback) }) };
  return { power: 'unknown', ...seen, why: known ? problemIn(why, fallback) : fallback };
}

/** Whatever is no health is none. */
export function healthIn(device: string, value: unknown): Health {
  const fallback = malformed(device, 'something else when it was to be checked');
  const { ok, found, problem, identity } = isObject(value) ? value : {};
  if (!Array.isArray(found)) return { ok: false, found: [], problem: fallback };
  const lines = copied(found, MOST_LINES).flatMap((line) =>
    typeof line === 'string' ? [withoutSecrets(line).slice(0, LONGEST_LINE)] : [],
  );
  const told = isObject(identity) ? identityIn(identity) : undefined;
  const known = told === undefined ? {} : { identity: told };
  if (ok === true && problem === undefined) return { ok, found: lines, ...known };
  return { ok: false, found: lines, problem: problemIn(problem, fallback), ...known };
}

/** What is printed and pasted of it must be there; the rest is the driver's own. */
export function discoveredIn(driver: string, value: unknown): Discovered | Problem {
  const fallback = malformed(driver, 'something else when it was to look at an address');
  if (!isObject(value)) return fallback;
  const { code, configuration, outlets } = value;
  if (code !== undefined) return problemIn(value, fallback);
  const found = textsIn(value.found);
  const warnings = textsIn(value.warnings);
  if (found === undefined || warnings === undefined || !isObject(configuration)) return fallback;
  const told = { found, warnings, configuration: { ...configuration } };
  if (outlets === undefined) return told;
  const listed = Array.isArray(outlets) ? listedIn(driver, outlets) : fallback;
  return 'code' in listed ? fallback : { ...told, outlets: listed };
}

/** Every outlet with its plug; what is no list of outlets is none. */
export function listedIn(device: string, value: unknown): readonly ListedOutlet[] | Problem {
  const fallback = malformed(device, 'something else when it was to list its outlets');
  if (!Array.isArray(value)) return problemIn(value, fallback);
  const given = copied(value, MOST_OUTLETS + 1);
  const listed = given.flatMap((outlet) => outletIn(device, outlet) ?? []);
  return listed.length < given.length || listed.length > MOST_OUTLETS ? fallback : listed;
}

function outletIn(device: string, value: unknown): ListedOutlet | undefined {
  const { plug, name, reading } = isObject(value) ? value : {};
  if (typeof plug !== 'string') return undefined;
  const called = text(name);
  return { plug, ...(called === undefined ? {} : { name: called }), reading: readingIn(device, reading) };
}

/** Lines for people; undefined where one of them is no text. */
function textsIn(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const given = copied(value, MOST_LINES);
  const lines = given.filter((line) => typeof line === 'string');
  return lines.length < given.length ? undefined : lines;
}

function identityIn(value: Readonly<Record<string, unknown>>): Identity {
  const told = (['guid', 'serial', 'maker', 'name'] as const).flatMap((key): [string, string][] => {
    const said = text(value[key]);
    return said === undefined ? [] : [[key, said]];
  });
  return Object.fromEntries(told);
}

/** One answer per plug, in their order; any other number of answers cannot be told apart, so none of them counts. */
export function eachOf<T>(
  device: string,
  plugs: readonly string[],
  value: unknown,
  one: (device: string, value: unknown) => T,
): readonly T[] {
  const answers = Array.isArray(value) ? copied(value, plugs.length + 1) : [];
  const counts = answers.length === plugs.length;
  return plugs.map((_plug, place) => one(device, counts ? answers[place] : undefined));
}

const shown = (value: unknown): string => thrown(value).slice(0, 40);
