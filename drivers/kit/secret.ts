const MASK = '(secret)';

/** What left a secret in this process, with the spellings in which it may come back; the newest last. Bounded: rotated values pile up. */
const revealed = new Map<string, readonly string[]>();
const MOST_REVEALED = 4096;

/** Shorter values stand in too many words to be masked there. */
const SHORTEST = 4;
/** Of a key over several lines each line is told apart, where it is no everyday text. */
const SHORTEST_LINE = 16;
const LONGEST_TEXT = 100_000;

function spellings(value: string): readonly string[] {
  const lines = value.split('\n').filter((line) => line !== value && line.length >= SHORTEST_LINE && !line.startsWith('-----'));
  const whole = [value, JSON.stringify(value).slice(1, -1), encoded(value)];
  return [...new Set([...whole, ...lines])].toSorted((a, b) => b.length - a.length);
}

/** A lone surrogate cannot be written in an address. */
function encoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value;
  }
}

function remember(value: string): void {
  if (value.length < SHORTEST || revealed.has(value)) return;
  const [oldest] = revealed.keys();
  if (revealed.size >= MOST_REVEALED && oldest !== undefined) revealed.delete(oldest);
  revealed.set(value, spellings(value));
}

/** A text of somebody who was given secrets (a driver, a library below it), without any of them. Cut it to its length afterwards, not before. */
export function withoutSecrets(text: string): string {
  const words = [...revealed.values()].flat().toSorted((a, b) => b.length - a.length);
  return words.reduce((left, word) => left.replaceAll(word, MASK), text.slice(0, LONGEST_TEXT));
}

/**
 * A password, key or community. It has no printable form: logs, journals, answers and error texts show `(secret)` (promise S12).
 * The value is fetched at each use, so that a rotated secret file is taken up without a restart.
 */
export class Secret {
  readonly #fetch: () => string;
  /** Where it comes from, for error texts: a file path or the name of a variable; never the value. */
  readonly origin: string;

  constructor(origin: string, fetch: () => string) {
    this.origin = origin;
    this.#fetch = fetch;
  }

  static fixed(value: string, origin = 'given directly'): Secret {
    return new Secret(origin, () => value);
  }

  /** The value itself. Throws what the source throws (a file that vanished). */
  reveal(): string {
    const value = this.#fetch();
    remember(value);
    return value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}
