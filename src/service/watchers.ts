/** Those who wait for something that a step brings about. Whoever has got it, or has given up, is forgotten. */
export class Watchers {
  readonly #waiting = new Set<{ look(): void; fail(error: Error): void }>();
  #failed: { readonly error: Error } | undefined;

  /** Something has happened: is it what somebody waits for? */
  look(): void {
    for (const one of [...this.#waiting]) one.look();
  }

  /** Nothing more will happen: all who wait, and all who come later, are told why. */
  fail(error: Error): void {
    this.#failed = { error };
    for (const one of [...this.#waiting]) one.fail(error);
    this.#waiting.clear();
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The first thing that `find` finds, now or after a later step. */
  until<T>(find: () => T | undefined): { readonly found: Promise<T>; forget(): void } {
    let forget = (): void => undefined;
    const found = new Promise<T>((resolve, reject) => {
      const look = (): void => {
        const thing = find();
        if (thing === undefined) return;
        forget();
        resolve(thing);
      };
      if (this.#failed !== undefined) {
        reject(this.#failed.error);
        return;
      }
      const one = { look, fail: reject };
      this.#waiting.add(one);
      forget = () => this.#waiting.delete(one);
      look();
    });
    return { found, forget: () => forget() };
  }
}
