/** Whether anybody is there: when the BMC was last heard, and since when the network says that nothing listens on its port. */
import type { Time } from './terms.ts';

/** How long "nothing listens here" has to last: a BMC that restarts says so too. */
const UNREACHABLE_MS = 1500;

export class Listening {
  lastHeardAt: Time = Number.NEGATIVE_INFINITY;
  #refusedSince: Time | undefined;

  /** A new command begins: what was said before it does not count. */
  begin(): void {
    this.#refusedSince = undefined;
  }

  heard(now: Time): void {
    this.lastHeardAt = now;
    this.#refusedSince = undefined;
  }

  /** True where it has been said for so long that silence would prove no more. */
  refused(now: Time): boolean {
    this.#refusedSince ??= now;
    return now - this.#refusedSince >= UNREACHABLE_MS;
  }

  /** It was said, and nothing was heard since. */
  get nobody(): boolean {
    return this.#refusedSince !== undefined;
  }
}
