/**
 * What waits for the loop. What comes back from the world goes before what is newly asked, so that what was begun comes to its end however many
 * ask at once; one place in so many is kept for those who ask, so that nobody waits behind the work of others for ever.
 */

/** Of so many events in a row, the last is one that was asked, where one waits. */
const ASKED_EVERY = 8;

/** First in, first out; taking one costs the same however many wait. */
class Line<T> {
  #items: T[] = [];
  #from = 0;

  get size(): number {
    return this.#items.length - this.#from;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#from];
    if (this.size === 0) return undefined;
    this.#from += 1;
    // What was taken is let go of now and then, and not each time.
    if (this.#from * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#from);
      this.#from = 0;
    }
    return item;
  }
}

export class Inbox<T> {
  readonly #back = new Line<T>();
  readonly #asked = new Line<T>();
  #returned: T | undefined;
  #inARow = 0;

  /** How many wait. */
  get size(): number {
    return this.#back.size + this.#asked.size + (this.#returned === undefined ? 0 : 1);
  }

  /** It came back from a device, a probe or a timer, or is ours. */
  back(item: T): void {
    this.#back.push(item);
  }

  /** Somebody asks for something. */
  asked(item: T): void {
    this.#asked.push(item);
  }

  take(): T | undefined {
    const returned = this.#returned;
    if (returned !== undefined) {
      this.#returned = undefined;
      return returned;
    }
    this.#inARow += 1;
    const turn = this.#inARow >= ASKED_EVERY || this.#back.size === 0;
    return turn && this.#asked.size > 0 ? this.takeAsked() : this.#back.shift();
  }

  /** The next of what came back alone. */
  takeBack(): T | undefined {
    return this.#returned === undefined ? this.#back.shift() : this.take();
  }

  /** The next of what was asked alone. */
  takeAsked(): T | undefined {
    this.#inARow = 0;
    return this.#asked.shift();
  }

  /** The one that was taken last is taken next, after all. */
  putBack(item: T): void {
    this.#returned = item;
  }
}
