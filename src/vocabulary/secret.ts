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
    return this.#fetch();
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(secret)';
  }
}
