/**
 * What waits for the loop: first in, first out, whoever sent it. A denial, a newer epoch or a verdict that came before a timer rang is worked on
 * before it, however much waits. Taking one costs the same however many wait.
 */
export class Inbox<T> {
  #items: T[] = [];
  #from = 0;
  #returned: T | undefined;

  /** How many wait. */
  get size(): number {
    return this.#items.length - this.#from + (this.#returned === undefined ? 0 : 1);
  }

  put(item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    const returned = this.#returned;
    if (returned !== undefined) {
      this.#returned = undefined;
      return returned;
    }
    if (this.#from === this.#items.length) return undefined;
    const item = this.#items[this.#from];
    this.#from += 1;
    // What was taken is let go of now and then, and not each time.
    if (this.#from * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#from);
      this.#from = 0;
    }
    return item;
  }

  /** The one that was taken last is taken next, after all. */
  putBack(item: T): void {
    this.#returned = item;
  }
}
