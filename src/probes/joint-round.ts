/**
 * One round of reference IPs for all who ask in the same moment: a cluster that is fenced at once asks each address once, and not once for
 * every node. Nobody gets what began before he asked (S2): whoever comes while a round is under way waits for the next one.
 */
import type { Clock, Deadline } from '../coordinator/ports.ts';
import type { Observation } from '../vocabulary/index.ts';

/** Milliseconds between the beginnings of two rounds, while they are asked for so fast: no longer than the gap between two readings. */
const APART_MS = 25;

/** One round of all reference IPs within that time; ends at once where the signal says so. */
type AskRound = (within: Deadline & { readonly signal: AbortSignal }) => Promise<readonly Observation[]>;

class Gathering {
  /** The whole time, in milliseconds, and when it began to run: whoever comes later has joined what is nearly under way. */
  readonly #ms: number;
  readonly #since: number;
  readonly #ask: AskRound;
  readonly #nobody = new AbortController();
  #asking = 0;
  #begun = false;
  #tell: (found: Promise<readonly Observation[]>) => void = () => undefined;
  readonly #found = new Promise<readonly Observation[]>((tell) => {
    this.#tell = tell;
  });

  constructor(ask: AskRound, ms: number, since: number) {
    this.#ask = ask;
    this.#ms = ms;
    this.#since = since;
  }

  begin(now: number): void {
    this.#begun = true;
    if (this.#asking === 0) this.#nobody.abort();
    // A clock that was set back gives nobody more time than they have.
    const left = Math.min(this.#ms, Math.max(0, this.#since + this.#ms - now));
    this.#tell(this.#ask({ ms: left, signal: this.#nobody.signal }));
  }

  /** What was heard, or undefined where the signal came first. The round goes on while anybody waits for it. */
  async join(signal: AbortSignal | undefined): Promise<readonly Observation[] | undefined> {
    this.#asking += 1;
    let stop = (): void => undefined;
    const gone = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
    });
    signal?.addEventListener('abort', stop, { once: true });
    const heard = await Promise.race([gone, this.#found]);
    signal?.removeEventListener('abort', stop);
    this.#asking -= 1;
    if (!this.#begun || this.#asking > 0) return heard;
    // Nobody else waits for it: it ends at once, with what was heard so far.
    this.#nobody.abort();
    return await this.#found;
  }
}

export class JointRounds {
  readonly #ask: AskRound;
  readonly #clock: Clock;
  /** By the time that a round has: those who ask with another time have another round. */
  readonly #gathering = new Map<number, Gathering>();
  #begunAt = Number.NEGATIVE_INFINITY;

  constructor(ask: AskRound, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** What a round that begins now or a little later hears, within the whole time; undefined where the signal came first. */
  async join({ ms, signal }: Deadline): Promise<readonly Observation[] | undefined> {
    if (signal?.aborted === true) return undefined;
    const gathering = this.#gathering.get(ms) ?? this.#gather(ms);
    return await gathering.join(signal);
  }

  #gather(ms: number): Gathering {
    const now = this.#clock.now();
    const gathering = new Gathering(this.#ask, ms, now);
    this.#gathering.set(ms, gathering);
    const begin = (): void => {
      this.#gathering.delete(ms);
      this.#begunAt = this.#clock.now();
      gathering.begin(this.#begunAt);
    };
    // A clock that was set back must not keep anybody waiting.
    const wait = Math.min(APART_MS, ms / 4, this.#begunAt + APART_MS - now);
    if (wait > 0) this.#clock.after(wait, begin);
    else queueMicrotask(begin);
    return gathering;
  }
}
