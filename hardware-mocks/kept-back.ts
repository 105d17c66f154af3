/** Answers that are kept back for a while, and then come before the next one: late replies to an earlier request. */

/** More is thrown away. */
const MOST = 64;

export class KeptBack {
  readonly #sends: Array<() => void> = [];
  #keeping = false;

  /** From now on answers are kept back; what is returned sends them before the next answer. */
  begin(): () => void {
    this.#keeping = true;
    return () => {
      this.#keeping = false;
    };
  }

  /** Sends now, after what was kept back; or keeps this one back too. */
  pass(send: () => void): void {
    if (this.#keeping) {
      if (this.#sends.length < MOST) this.#sends.push(send);
      return;
    }
    for (const late of this.#sends.splice(0)) late();
    send();
  }
}
