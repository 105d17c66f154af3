/**
 * JSON as it may be signed: one text that every parser reads alike. `JSON.parse` keeps the last of two members of one name and says
 * nothing, others keep the first (RFC 8259, 4); it rounds numbers, and decoders replace bytes that are no UTF-8. A signature over such a
 * text proves that somebody signed it, and not what was meant.
 */

/** What is wrong, and at which member: `targets.1`, or '' for the text as a whole. */
export interface Fault {
  readonly at: string;
  readonly says: string;
}

type StrictJson = { readonly value: unknown } | { readonly faults: readonly Fault[] };

const NOT_JSON = 'is not JSON';
const MOST_FAULTS = 8;
/** A verdict is two deep. Whoever nests on is stopped before it costs time and memory: nothing is authenticated yet. */
const MOST_DEPTH = 16;
const TOO_DEEP = `is nested more than ${MOST_DEPTH} deep`;

/** Never throws. */
export function strictJson(bytes: Uint8Array): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return whole('begins with a byte order mark: save it as UTF-8 without one');
  const text = utf8(bytes);
  if (text === undefined) return notUtf8(bytes);
  const value = parsed(text);
  if (value === undefined) return whole(NOT_JSON);
  const places = walk(text);
  if (places === undefined) return whole(TOO_DEEP);
  const faults = faultsOf(places);
  return faults.length > 0 ? { faults } : value;
}

const whole = (says: string): StrictJson => ({ faults: [{ at: '', says }] });

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Read byte for byte as Latin-1, JSON keeps its structure; so the member that holds the wrong bytes can be named. */
function notUtf8(bytes: Uint8Array): StrictJson {
  const text = Buffer.from(bytes).toString('latin1');
  if (parsed(text) === undefined) return whole('holds bytes that are no UTF-8');
  const all = walk(text);
  if (all === undefined) return whole(TOO_DEEP);
  const places = all.filter(({ token }) => utf8(Buffer.from(token, 'latin1')) === undefined);
  return { faults: places.slice(0, MOST_FAULTS).map(({ at }) => ({ at, says: 'holds bytes that are no UTF-8' })) };
}

function faultsOf(places: readonly Place[]): readonly Fault[] {
  const faults: Fault[] = [];
  for (const { at, token, repeated } of places) {
    if (faults.length >= MOST_FAULTS) break;
    if (repeated === true) faults.push({ at, says: 'stands twice' });
    if (token.startsWith('"')) {
      if (/\p{Cs}/u.test(JSON.parse(token) as string)) faults.push({ at, says: 'holds half of a surrogate pair, which is no letter' });
    } else if (/^[-\d]/.test(token) && String(Number(token)) !== token) {
      faults.push({ at, says: `${cut(token)} is not written plainly, or is too long to be exact: programs would read it differently` });
    }
  }
  return faults;
}

const cut = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

interface Place {
  /** Where in the document: names and indices with dots between. */
  readonly at: string;
  /** A member's name, or a value that is neither object nor list; as written. */
  readonly token: string;
  /** A name that this object had already, however it was written. */
  readonly repeated?: true;
}

interface Level {
  readonly names?: Set<string>;
  step: string | number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/** Every name and every plain value of a text that is known to be JSON; undefined where it is nested too deeply. */
function walk(text: string): readonly Place[] | undefined {
  const places: Place[] = [];
  const levels: Level[] = [];
  const here = (): string => levels.map(({ step }) => (typeof step === 'number' ? String(step) : cut(step))).join('.');
  let wantsName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (levels.length > MOST_DEPTH) return undefined;
    const level = levels.at(-1);
    if (token === '{') {
      levels.push({ names: new Set(), step: '' });
      wantsName = true;
    } else if (token === '[') {
      levels.push({ step: 0 });
      wantsName = false;
    } else if (token === '}' || token === ']') {
      levels.pop();
      wantsName = false;
    } else if (token === ',') {
      wantsName = level?.names !== undefined;
      if (typeof level?.step === 'number') level.step += 1;
    } else if (token === ':') wantsName = false;
    else if (wantsName && level?.names !== undefined) {
      const name = JSON.parse(token) as string;
      level.step = name;
      places.push({ at: here(), token, ...(level.names.has(name) ? { repeated: true as const } : {}) });
      level.names.add(name);
    } else places.push({ at: here(), token });
  }
  return places;
}
