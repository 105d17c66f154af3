/** Checks a profile, in-tree or from a user's file: bounded, every template fillable, the meanings of a number apart from each other. */
import { columnOf, holesOf, pieces } from './addressing.ts';
import { type Part, PART_NAMES, type Profile } from './profile.ts';

type CheckedProfile = { readonly profile: Profile } | { readonly problems: readonly string[] };

type Raw = Readonly<Record<string, unknown>>;

const INT32 = { min: -0x8000_0000, max: 0x7fff_ffff };
const MAX_LIST = 64;
const isMap = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= INT32.min && value <= INT32.max;

class Findings {
  readonly problems: string[] = [];

  say(path: string, says: string): void {
    if (this.problems.length < 20) this.problems.push(`${path} ${says}`);
  }

  map(value: unknown, path: string, known: readonly string[], needed: readonly string[]): Raw {
    if (!isMap(value)) {
      this.say(path, 'must be a map');
      return {};
    }
    for (const name of Object.keys(value))
      if (!known.includes(name)) this.say(`${path}.${name.slice(0, 40)}`, `is not known here; known are ${known.join(', ')}`);
    for (const name of needed) if (value[name] === undefined) this.say(`${path}.${name}`, 'is missing');
    return value;
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length <= MAX_LIST) return value;
    this.say(path, `must be a list of at most ${MAX_LIST}`);
    return [];
  }

  text(value: unknown, path: string): void {
    if (value !== undefined && (typeof value !== 'string' || value === '' || value.length > 500))
      this.say(path, 'must be a text of 1 to 500 characters');
  }

  integer(value: unknown, path: string, min = INT32.min, max = INT32.max): void {
    if (value !== undefined && !(isInteger(value) && value >= min && value <= max))
      this.say(path, `must be a whole number from ${min} to ${max}`);
  }

  integers(value: unknown, path: string): void {
    for (const [at, each] of this.list(value, path).entries()) this.integer(each, `${path}[${at}]`);
  }

  /** A template whose holes are all among `parts`. */
  template(value: unknown, path: string, parts: readonly string[]): void {
    if (value === undefined) return;
    if (typeof value !== 'string' || value.length > 1000 || pieces(value) === undefined)
      return this.say(path, 'must be an object identifier such as 1.3.6.1.4.1.318.1.1.4.4.2.1.3.{outlet}');
    for (const hole of holesOf(value)) if (!parts.includes(hole)) this.say(path, `uses {${hole}}, which is not among ${parts.join(', ')}`);
  }
}

const FIELDS = [
  'name',
  'title',
  'experimental',
  'recognise',
  'parts',
  'rows',
  'state',
  'orders',
  'conditions',
  'outletName',
  'outletCount',
  'metering',
  'harmlessWrite',
  'batch',
  'wholeUnit',
  'testedOn',
  'source',
] as const;

/** `raw` as parsed from JSON, or an in-tree profile. Lists that may be empty may be left out. */
export function checkProfile(raw: unknown): CheckedProfile {
  const found = new Findings();
  const top = found.map(raw, 'profile', FIELDS, ['name', 'title', 'parts', 'state', 'orders', 'source']);
  for (const name of ['title', 'experimental', 'source'] as const) found.text(top[name], name);
  if (top['name'] !== undefined && !(typeof top['name'] === 'string' && /^[a-z][a-z0-9-]{1,39}$/.test(top['name'])))
    found.say('name', 'must be lower-case words joined by -');
  checkRecognise(top['recognise'], found);
  const parts = checkParts(top['parts'], found);
  const rows = top['rows'] === undefined ? undefined : found.map(top['rows'], 'rows', PART_NAMES, parts);
  if (rows !== undefined) for (const [part, template] of Object.entries(rows)) found.template(template, `rows.${part}`, ['row']);
  const places = rows === undefined ? parts : ['row'];
  checkState(top['state'], found, places);
  checkOrders(top['orders'], found, places);
  checkConditions(top['conditions'], found, places);
  checkMetering(top['metering'], found, places);
  checkExtras(top, found, places, parts);
  if (found.problems.length > 0) return { problems: found.problems };
  return {
    profile: {
      recognise: { sysObjectId: [], sysDescr: [] },
      conditions: [],
      batch: { orders: 1, readings: 8 },
      wholeUnit: [],
      testedOn: [],
      ...top,
    } as unknown as Profile,
  };
}

function checkRecognise(raw: unknown, found: Findings): void {
  if (raw === undefined) return;
  const recognise = found.map(raw, 'recognise', ['sysObjectId', 'sysDescr'], ['sysObjectId', 'sysDescr']);
  for (const oid of found.list(recognise['sysObjectId'], 'recognise.sysObjectId')) found.template(oid, 'recognise.sysObjectId', []);
  for (const word of found.list(recognise['sysDescr'], 'recognise.sysDescr')) found.text(word, 'recognise.sysDescr');
}

function checkParts(raw: unknown, found: Findings): readonly string[] {
  const names: string[] = [];
  for (const [at, each] of found.list(raw, 'parts').entries()) {
    const part = found.map(each, `parts[${at}]`, ['name', 'min', 'max', 'default'], ['name', 'min', 'max']) as Partial<Part>;
    found.integer(part.min, `parts[${at}].min`, 0, 9999);
    found.integer(part.max, `parts[${at}].max`, part.min ?? 0, 9999);
    found.integer(part.default, `parts[${at}].default`, part.min ?? 0, part.max ?? 9999);
    if (!PART_NAMES.some((name) => name === part.name)) found.say(`parts[${at}].name`, `must be one of ${PART_NAMES.join(', ')}`);
    else if (names.includes(String(part.name))) found.say(`parts[${at}].name`, 'is there twice');
    names.push(String(part.name));
  }
  if (names.length > 4 || names.at(-1) !== 'outlet') found.say('parts', 'must be one to four parts, the last one outlet');
  return names;
}

function checkState(raw: unknown, found: Findings, places: readonly string[]): void {
  const state = found.map(raw, 'state', ['object', 'off', 'on', 'changing'], ['object', 'off', 'on']);
  found.template(state['object'], 'state.object', places);
  if (typeof state['object'] === 'string' && !places.every((part) => holesOf(state['object'] as string).some((hole) => hole === part)))
    found.say('state.object', `must use every part: ${places.join(', ')}`);
  found.integer(state['off'], 'state.off');
  found.integers(state['on'], 'state.on');
  found.integers(state['changing'], 'state.changing');
  if (Array.isArray(state['on']) && state['on'].length === 0) found.say('state.on', 'must not be empty');
  const meanings = [state['off'], ...found.list(state['on'], 'state.on'), ...found.list(state['changing'], 'state.changing')];
  if (new Set(meanings).size !== meanings.length) found.say('state', 'gives one number two meanings');
}

function checkOrders(raw: unknown, found: Findings, places: readonly string[]): void {
  const orders = found.map(raw, 'orders', ['off', 'on'], ['off', 'on']);
  const written: string[] = [];
  for (const wanted of ['off', 'on'] as const) {
    const write = found.map(orders[wanted], `orders.${wanted}`, ['object', 'value'], ['object', 'value']);
    found.template(write['object'], `orders.${wanted}.object`, places);
    found.integer(write['value'], `orders.${wanted}.value`);
    if (typeof write['object'] === 'string' && !places.every((part) => holesOf(write['object'] as string).some((hole) => hole === part))) {
      found.say(`orders.${wanted}.object`, `must use every part: ${places.join(', ')}`);
    }
    written.push(`${String(write['object'])}=${String(write['value'])}`);
  }
  if (written[0] === written[1]) found.say('orders', 'off and on write the same');
}

function checkConditions(raw: unknown, found: Findings, places: readonly string[]): void {
  for (const [at, each] of found.list(raw, 'conditions').entries()) {
    const path = `conditions[${at}]`;
    const condition = found.map(each, path, ['object', 'equals', 'says', 'absent', 'passes'], ['object', 'equals', 'says']);
    found.template(condition['object'], `${path}.object`, places);
    found.integers(condition['equals'], `${path}.equals`);
    if (Array.isArray(condition['equals']) && condition['equals'].length === 0) found.say(`${path}.equals`, 'must not be empty');
    found.text(condition['says'], `${path}.says`);
    if (condition['absent'] !== undefined && condition['absent'] !== 'unknown' && condition['absent'] !== 'fine')
      found.say(`${path}.absent`, 'must be unknown or fine');
    if (condition['passes'] !== undefined && typeof condition['passes'] !== 'boolean') found.say(`${path}.passes`, 'must be true or false');
  }
}

function checkMetering(raw: unknown, found: Findings, places: readonly string[]): void {
  if (raw === undefined) return;
  const metering = found.map(raw, 'metering', ['amps', 'watts', 'flowing'], ['flowing']);
  for (const name of ['amps', 'watts'] as const) {
    if (metering[name] === undefined) continue;
    const meter = found.map(metering[name], `metering.${name}`, ['object', 'scale', 'digits', 'available'], ['object', 'scale']);
    for (const field of ['object', 'digits', 'available'] as const) found.template(meter[field], `metering.${name}.${field}`, places);
    if (!(typeof meter['scale'] === 'number' && meter['scale'] > 0 && meter['scale'] <= 1000))
      found.say(`metering.${name}.scale`, 'must be a number above 0, at most 1000');
  }
  const flowing = found.map(metering['flowing'], 'metering.flowing', ['amps', 'watts'], ['amps', 'watts']);
  for (const name of ['amps', 'watts'] as const) {
    const least = flowing[name];
    if (least !== undefined && !(typeof least === 'number' && least > 0 && least <= 1000))
      found.say(`metering.flowing.${name}`, 'must be a number above 0, at most 1000');
  }
}

function checkExtras(top: Raw, found: Findings, places: readonly string[], parts: readonly string[]): void {
  found.template(top['outletName'], 'outletName', places);
  found.template(top['outletCount'], 'outletCount', parts);
  if (top['harmlessWrite'] !== undefined) {
    const write = found.map(top['harmlessWrite'], 'harmlessWrite', ['object', 'says'], ['object', 'says']);
    found.template(write['object'], 'harmlessWrite.object', []);
    found.text(write['says'], 'harmlessWrite.says');
  }
  if (top['batch'] !== undefined) {
    const batch = found.map(top['batch'], 'batch', ['orders', 'readings'], ['orders', 'readings']);
    found.integer(batch['orders'], 'batch.orders', 1, 48);
    found.integer(batch['readings'], 'batch.readings', 1, 48);
  }
  for (const oid of found.list(top['wholeUnit'], 'wholeUnit')) {
    found.template(oid, 'wholeUnit', []);
    for (const wanted of ['off', 'on'] as const)
      if (isBelow(top['orders'], wanted, oid))
        found.say(`orders.${wanted}.object`, `is below wholeUnit ${String(oid)}: no order could ever be given`);
  }
  for (const device of found.list(top['testedOn'], 'testedOn')) found.text(device, 'testedOn');
}

/** Every outlet's order would be refused: the fixed beginning of the template is already under a root that must not be written. */
function isBelow(orders: unknown, wanted: 'off' | 'on', root: unknown): boolean {
  const write = isMap(orders) ? orders[wanted] : undefined;
  const object = isMap(write) ? write['object'] : undefined;
  return typeof object === 'string' && typeof root === 'string' && `${columnOf(object)}.`.startsWith(`${root}.`);
}
