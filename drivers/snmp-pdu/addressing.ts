/** Plugs to object instances and back. Pure. */
import type { PartName, Profile, Template } from './profile.ts';

/** Numbers for the placeholders of a template. */
export type Place = Readonly<Partial<Record<PartName | 'row', number>>>;

interface Hole {
  readonly part: PartName | 'row';
  readonly shift: number;
}

const HOLE = /^\{([a-z]+)([+-]1)?\}$/;

/** The pieces of a template: fixed numbers and holes. Undefined where it is no template. */
export function pieces(template: Template): ReadonlyArray<number | Hole> | undefined {
  const out: Array<number | Hole> = [];
  for (const word of template.split('.')) {
    const hole = HOLE.exec(word);
    if (hole !== null) out.push({ part: hole[1] as PartName | 'row', shift: hole[2] === undefined ? 0 : Number(hole[2]) });
    else if (/^(0|[1-9]\d{0,9})$/.test(word) && Number(word) <= 0xffff_ffff) out.push(Number(word));
    else return undefined;
  }
  return out.length >= 2 && out.length <= 128 ? out : undefined;
}

/** The parts a template needs. */
export function holesOf(template: Template): ReadonlyArray<PartName | 'row'> {
  return (pieces(template) ?? []).flatMap((piece) => (typeof piece === 'number' ? [] : [piece.part]));
}

/** The object instance of one place. Throws where a part is missing: a profile that passed its check never does. */
export function instanceOf(template: Template, place: Place): string {
  const arcs = (pieces(template) ?? []).map((piece) => {
    if (typeof piece === 'number') return piece;
    const value = place[piece.part];
    if (value === undefined || value + piece.shift < 0) throw new RangeError(`template ${template}: no number for ${piece.part}`);
    return value + piece.shift;
  });
  return arcs.join('.');
}

/** The fixed beginning of a template: where a walk over all its instances starts. */
export function columnOf(template: Template): string {
  const fixed: number[] = [];
  for (const piece of pieces(template) ?? []) {
    if (typeof piece !== 'number') break;
    fixed.push(piece);
  }
  return fixed.join('.');
}

/** The place of an instance that a walk found, or undefined where it does not fit the template. */
export function placeOf(template: Template, oid: string): Place | undefined {
  const all = pieces(template) ?? [];
  const arcs = oid.split('.');
  if (arcs.length !== all.length) return undefined;
  const place: Partial<Record<PartName | 'row', number>> = {};
  for (const [at, piece] of all.entries()) {
    const arc = Number(arcs[at]);
    if (typeof piece === 'number') {
      if (arc !== piece) return undefined;
    } else {
      const value = arc - piece.shift;
      if (value < 0 || (place[piece.part] ?? value) !== value) return undefined;
      place[piece.part] = value;
    }
  }
  return place;
}

type ParsedPlug =
  | { readonly kind: 'numbers'; readonly place: Place }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'wrong'; readonly says: string };

/** Longest outlet name taken from a configuration or compared with a device. */
const MAX_NAME = 255;

/**
 * What a plug means: `4`, `2.4` (outermost part first; left-out parts take their defaults) are numbers, `name:...` and anything else is a
 * name; a blank one is none, or it would mean whichever outlet has not been named. A number outside the profile's range is wrong, never clipped.
 */
export function parsePlug(profile: Profile, plug: string, defaults: Place = {}): ParsedPlug {
  if (plug.replace(/^name:/, '').trim() === '') return { kind: 'wrong', says: 'no outlet is named' };
  if (plug.length > MAX_NAME + 5) return { kind: 'wrong', says: 'the outlet name is too long' };
  if (plug.startsWith('name:')) return { kind: 'name', name: plug.slice(5) };
  if (!/^\d+(\.\d+)*$/.test(plug)) return { kind: 'name', name: plug };
  const words = plug.split('.');
  const missing = profile.parts.length - words.length;
  const form = profile.parts.map((part) => part.name).join('.');
  if (missing < 0 || words.some((word) => !/^(0|[1-9]\d{0,8})$/.test(word)))
    return { kind: 'wrong', says: `${plug} does not have the form ${form}` };
  const place: Partial<Record<PartName, number>> = {};
  for (const [at, part] of profile.parts.entries()) {
    const value = at < missing ? (defaults[part.name] ?? part.default) : Number(words[at - missing]);
    if (value === undefined) return { kind: 'wrong', says: `${plug} leaves out ${part.name}: the full form is ${form}` };
    if (value < part.min || value > part.max)
      return { kind: 'wrong', says: `${part.name} ${value} is not from ${part.min} to ${part.max}` };
    place[part.name] = value;
  }
  return { kind: 'numbers', place };
}

/** The shortest plug for a place; the inverse of `parsePlug`. Undefined where the place lacks a part or is out of range. */
export function plugOf(profile: Profile, place: Place, defaults: Place = {}): string | undefined {
  const values: number[] = [];
  let left = 0;
  for (const [at, part] of profile.parts.entries()) {
    const value = place[part.name];
    if (value === undefined || value < part.min || value > part.max) return undefined;
    values.push(value);
    if (at === left && at < profile.parts.length - 1 && value === (defaults[part.name] ?? part.default)) left += 1;
  }
  return values.slice(left).join('.');
}
