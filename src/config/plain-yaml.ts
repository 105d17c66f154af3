/**
 * The plain part of YAML, read fast: keys that are names, maps and lists in blocks or on one line, texts of one word or in simple quotes, whole
 * numbers, true and false, comments. That is how programs write the configurations of large clusters, which the yaml package takes seconds and
 * hundreds of megabytes to read. Whatever is written in any other way, or is wrong, is not read here at all: the package has the word then. So the
 * two cannot differ, which a test holds against texts of every kind.
 */
import type { Whereabouts } from './configuration.ts';
import type { Path } from './findings.ts';

/** Where a key or an item stands, and what stands in it. */
interface Spot {
  readonly line: number;
  readonly column: number;
  inner: ReadonlyMap<string | number, Spot> | undefined;
}

interface PlainTree {
  readonly value: unknown;
  readonly where: Whereabouts;
}

interface PlainBounds {
  readonly values: number;
  readonly depth: number;
}

/** Printable ASCII in lines. What else there is (tabs, marks, other scripts) has rules of its own. */
const READABLE = /^[\x20-\x7e\n]*$/;
const KEY = /[A-Za-z][A-Za-z0-9_.-]{0,63}(?=:(?: |$))/y;
/** One word that cannot be taken for anything else; a colon only within it. */
const WORD = /[A-Za-z0-9/.](?:[A-Za-z0-9_./@+-]|:(?=[A-Za-z0-9/]))*/y;
/** YAML 1.2.2, 10.3.2: what is or may be no text. */
const NO_TEXT =
  /^(?:~|null|true|false|[-+]?(?:0o[0-7]+|0x[0-9a-f]+|[0-9]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?|\.inf)|\.nan)$/i;
const WHOLE = /^(?:0|[1-9][0-9]{0,14})$/;
const QUOTED = /"[^"\\]*"|'[^']*'/y;
/** What comes from one place and goes no further than these many columns. */
const WIDEST_INDENT = 200;

class NotPlain extends Error {}

class Reader {
  readonly #lines: readonly string[];
  readonly #bounds: PlainBounds;
  #line = 0;
  #text = '';
  #at = 0;
  #values = 0;

  constructor(text: string, bounds: PlainBounds) {
    this.#lines = text.split('\n');
    this.#bounds = bounds;
  }

  document(): { readonly value: unknown; readonly spots: ReadonlyMap<string | number, Spot> } {
    const spots = new Map<string | number, Spot>();
    if (!this.#next() || this.#at !== 0) throw new NotPlain();
    const value = this.#blockMap(0, spots, 1);
    if (this.#line < this.#lines.length) throw new NotPlain();
    return { value, spots };
  }

  /** To the next line that says something, without its comment; `#at` is its indentation then. False at the end of the text. */
  #next(): boolean {
    for (; this.#line < this.#lines.length; this.#line += 1) {
      let text = this.#lines[this.#line] ?? '';
      const comment = text.search(/(?:^| )#/);
      if (comment >= 0) {
        if (/["']/.test(text)) throw new NotPlain();
        text = text.slice(0, comment);
      }
      text = text.trimEnd();
      if (text === '') continue;
      this.#text = text;
      this.#at = text.search(/[^ ]/);
      if (this.#at > WIDEST_INDENT) throw new NotPlain();
      return true;
    }
    this.#text = '';
    this.#at = -1;
    return false;
  }

  #count(depth: number): void {
    this.#values += 1;
    if (this.#values > this.#bounds.values || depth > this.#bounds.depth) throw new NotPlain();
  }

  #spot(): Spot {
    return { line: this.#line + 1, column: this.#at + 1, inner: undefined };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #key(value: Record<string, unknown>): string {
    const key = this.#match(KEY);
    if (key === undefined || NO_TEXT.test(key) || Object.hasOwn(value, key)) throw new NotPlain();
    this.#at += 1;
    return key;
  }

  #blockMap(indent: number, spots: Map<string | number, Spot>, depth: number): unknown {
    this.#count(depth);
    const value = Object.create(null) as Record<string, unknown>;
    while (this.#at === indent) {
      const spot = this.#spot();
      const key = this.#key(value);
      spots.set(key, spot);
      value[key] = this.#valueOf(indent, spot, depth + 1);
    }
    if (this.#at > indent) throw new NotPlain();
    return value;
  }

  /** After the colon: the rest of the line, or the block below it. */
  #valueOf(indent: number, spot: Spot, depth: number): unknown {
    if (this.#at < this.#text.length) return this.#restOfLine(spot, depth);
    this.#line += 1;
    if (!this.#next() || this.#at <= indent) throw new NotPlain();
    const inner = new Map<string | number, Spot>();
    spot.inner = inner;
    return this.#text.startsWith('- ', this.#at) ? this.#blockList(this.#at, inner, depth) : this.#blockMap(this.#at, inner, depth);
  }

  #blockList(indent: number, spots: Map<string | number, Spot>, depth: number): unknown {
    this.#count(depth);
    const items: unknown[] = [];
    while (this.#at === indent) {
      if (!this.#text.startsWith('- ', this.#at)) throw new NotPlain();
      this.#at += 1;
      this.#blanks();
      const spot = this.#spot();
      spots.set(items.length, spot);
      items.push(this.#restOfLine(spot, depth + 1));
    }
    if (this.#at > indent) throw new NotPlain();
    return items;
  }

  #restOfLine(spot: Spot, depth: number): unknown {
    this.#blanks();
    const value = this.#flow(spot, depth);
    if (this.#at < this.#text.length) throw new NotPlain();
    this.#line += 1;
    this.#next();
    return value;
  }

  #blanks(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }

  #flow(spot: Spot, depth: number): unknown {
    const first = this.#text[this.#at];
    if (first !== '{' && first !== '[') return this.#scalar(depth);
    this.#count(depth);
    this.#at += 1;
    const inner = new Map<string | number, Spot>();
    spot.inner = inner;
    return first === '{' ? this.#flowMap(inner, depth) : this.#flowList(inner, depth);
  }

  #flowMap(spots: Map<string | number, Spot>, depth: number): unknown {
    const value = Object.create(null) as Record<string, unknown>;
    this.#blanks();
    for (let more = !this.#ends('}'); more; more = this.#goesOn('}')) {
      const spot = this.#spot();
      const key = this.#key(value);
      this.#blanks();
      spots.set(key, spot);
      value[key] = this.#flow(spot, depth + 1);
    }
    return value;
  }

  #flowList(spots: Map<string | number, Spot>, depth: number): unknown {
    const items: unknown[] = [];
    this.#blanks();
    for (let more = !this.#ends(']'); more; more = this.#goesOn(']')) {
      const spot = this.#spot();
      spots.set(items.length, spot);
      items.push(this.#flow(spot, depth + 1));
    }
    return items;
  }

  #ends(close: string): boolean {
    if (this.#text[this.#at] !== close) return false;
    this.#at += 1;
    return true;
  }

  /** After a value within brackets: false where they close. */
  #goesOn(close: string): boolean {
    this.#blanks();
    if (this.#ends(close)) return false;
    if (!this.#ends(',')) throw new NotPlain();
    this.#blanks();
    return true;
  }

  #scalar(depth: number): unknown {
    this.#count(depth);
    const quoted = this.#match(QUOTED);
    if (quoted !== undefined) return quoted.slice(1, -1);
    const word = this.#match(WORD);
    if (word === undefined) throw new NotPlain();
    if (WHOLE.test(word)) return Number(word);
    if (word === 'true' || word === 'false') return word === 'true';
    if (NO_TEXT.test(word)) throw new NotPlain();
    return word;
  }
}

/** Undefined where the text is not plain through and through. */
export function readPlainly(text: string, bounds: PlainBounds): PlainTree | undefined {
  if (!READABLE.test(text)) return undefined;
  try {
    const { value, spots } = new Reader(text, bounds).document();
    return { value, where: (path) => placeIn(spots, path) };
  } catch (error) {
    if (error instanceof NotPlain || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The place of a path, or of its nearest ancestor that stands in the file. */
function placeIn(spots: ReadonlyMap<string | number, Spot>, path: Path): { readonly line: number; readonly column: number } {
  let place = { line: 1, column: 1 };
  let inner: ReadonlyMap<string | number, Spot> | undefined = spots;
  for (const part of path) {
    const spot: Spot | undefined = inner?.get(part);
    if (spot === undefined) break;
    place = { line: spot.line, column: spot.column };
    ({ inner } = spot);
  }
  return place;
}
