/** Reads data from outside (a lab file, a line on the lab's socket) field by field: bounded, and misspelt fields are named. */
import type { Problem } from '../../src/vocabulary/index.ts';

/** Thrown while reading a description, caught at its edge and given back as a problem. */
export class BadDescription extends Error {
  override readonly name = 'BadDescription';
}

const MAX_TEXT = 1024;

export class Fields {
  readonly #at: string;
  readonly #left: Map<string, unknown>;

  /** `at`: where it stands in the description, for error texts. */
  constructor(raw: unknown, at: string) {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new BadDescription(`${at} must be a map`);
    this.#at = at;
    this.#left = new Map(Object.entries(raw).filter(([, value]) => value !== undefined));
  }

  text(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value.length > MAX_TEXT) throw this.#bad(name, `must be a text of at most ${MAX_TEXT} characters`);
    return value;
  }

  needText(name: string): string {
    return this.text(name) ?? this.#missing(name);
  }

  number(name: string, least: number, most: number): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !(value >= least && value <= most)) throw this.#bad(name, `must be a number from ${least} to ${most}`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#bad(name, 'must be true or false');
  }

  oneOf<Word extends string>(name: string, ...words: readonly Word[]): Word | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const found = words.find((word) => word === value);
    if (found === undefined) throw this.#bad(name, `must be one of ${words.join(', ')}`);
    return found;
  }

  list<Item>(name: string, most: number, read: (item: unknown, at: string) => Item): readonly Item[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > most) throw this.#bad(name, `must be a list of at most ${most}`);
    return value.map((item: unknown, index) => read(item, `${this.#at}.${name}[${index}]`));
  }

  /** Anything at all: who takes it reads it on its own. */
  raw(name: string): unknown {
    return this.#take(name);
  }

  /** All that is left, for a reader further on. */
  rest(): Readonly<Record<string, unknown>> {
    const rest = Object.fromEntries(this.#left);
    this.#left.clear();
    return rest;
  }

  /** What is left was not understood. */
  done(): void {
    const [unknown] = this.#left.keys();
    if (unknown !== undefined) throw this.#bad(unknown.slice(0, 40), 'is not known here');
  }

  #take(name: string): unknown {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value;
  }

  #missing(name: string): never {
    throw this.#bad(name, 'is missing');
  }

  #bad(name: string, says: string): BadDescription {
    return new BadDescription(`${this.#at}.${name} ${says}`);
  }
}

/** Names of nodes, devices and outlets. */
export function goodName(name: string, at: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw new BadDescription(`${at} is not a name: letters, digits, dots, hyphens and underscores, 64 at most`);
}

export function badRack(says: string): Problem {
  return { code: 'bad-rack', says: `rack: ${says}`, next: 'Mend the description of the rack.', lasting: true };
}
