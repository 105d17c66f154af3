/**
 * What a case works with: one stand, drivers opened against it, and calls that are watched: a call that throws, rejects, answers in no
 * known shape or outlives its deadline breaks the promise of whatever case made it.
 */
import {
  checkSettings,
  type Health,
  type ListedOutlet,
  type OrderResult,
  type PowerDriver,
  type Problem,
  type Reading,
  type WantedPower,
  type Deadline,
} from '../kit/contract.ts';
import { type Bench, type BenchClock, type Pace, type RawSettings, type Stand, USUAL_PACE } from './bench.ts';
import { Broken, must } from './broken.ts';
import { listFault, orderFault, problemFault, readingFault } from './shapes.ts';
import { LATE, orLate, realClock, unhurried, type WatchedTools, watchedTools } from './tools.ts';

interface CallOptions {
  readonly ms?: number;
  /** Of an order, on the clock of the tools. */
  readonly notAfter?: number;
  readonly signal?: AbortSignal;
}

export class Scene {
  readonly bench: Bench;
  readonly stand: Stand;
  readonly mayOrder: boolean;
  readonly pace: Pace;
  readonly clock: BenchClock;
  /** Everything that any call gave back, for C13. */
  readonly said: unknown[] = [];
  readonly #opened: { readonly driver: PowerDriver; readonly tools: WatchedTools }[] = [];
  readonly #others: Scene[] = [];

  constructor(bench: Bench, stand: Stand, mayOrder: boolean) {
    this.bench = bench;
    this.stand = stand;
    this.mayOrder = mayOrder;
    this.pace = { ...USUAL_PACE, ...bench.pace };
    this.clock = bench.clock ?? realClock;
  }

  get plug(): string {
    return this.bench.plug;
  }

  /** Another scene of this bench, with a fresh stand; it ends together with this one. */
  async fresh(): Promise<Scene> {
    const scene = new Scene(this.bench, await this.bench.fresh(), this.mayOrder);
    this.#others.push(scene);
    return scene;
  }

  open(settings: RawSettings = this.stand.settings, seed?: number): PowerDriver {
    return this.openWatched(settings, seed).driver;
  }

  openWatched(
    settings: RawSettings = this.stand.settings,
    seed?: number,
    clock: BenchClock = this.clock,
  ): { readonly driver: PowerDriver; readonly tools: WatchedTools } {
    // Given bytes are compared with kept ones: no copy of a request may be among them.
    const tools = watchedTools(seed === undefined ? clock : unhurried(clock), seed);
    const checked =
      this.stand.checked === true && settings === this.stand.settings
        ? { settings, problems: [] }
        : checkSettings(this.bench.module.settings, settings);
    const first = checked.problems[0];
    if (first !== undefined) throw new Broken(`the bench's settings do not pass the driver's own schema: ${first.path} ${first.says}`);
    const opened = { driver: this.bench.module.open('subject', checked.settings, tools), tools };
    this.#opened.push(opened);
    return opened;
  }

  get lines(): readonly string[] {
    return [...this.#opened.flatMap(({ tools }) => tools.lines), ...this.#others.flatMap((scene) => scene.lines)];
  }

  read(driver: PowerDriver, plug = this.plug, options: CallOptions = {}): Promise<Reading> {
    return this.watch(`read of '${plug}'`, options, (within) => driver.read(plug, within), readingFault);
  }

  order(driver: PowerDriver, wanted: WantedPower, plug = this.plug, options: CallOptions = {}): Promise<OrderResult> {
    return this.watch(`order of '${plug}' ${wanted}`, options, (within) => driver.order(plug, wanted, within), orderFault);
  }

  check(driver: PowerDriver, options: CallOptions = {}): Promise<Health> {
    const fault = (health: Health): string | undefined => (health.problem === undefined ? undefined : problemFault(health.problem));
    return this.watch('check', options, (within) => driver.check(within), fault);
  }

  /** Undefined where the driver cannot list. */
  async list(driver: PowerDriver, options: CallOptions = {}): Promise<readonly ListedOutlet[] | Problem | undefined> {
    const list = driver.list?.bind(driver);
    return list === undefined ? undefined : this.watch('list', options, list, listFault);
  }

  close(driver: PowerDriver): Promise<void> {
    return this.watch(
      'close',
      { ms: this.pace.usualMs },
      () => driver.close(),
      () => undefined,
    );
  }

  /** Reads until the power is as wanted, for as long as a relay may take; the last reading otherwise. */
  async readUntil(driver: PowerDriver, wanted: WantedPower, plug = this.plug): Promise<Reading> {
    const end = this.clock.now() + this.pace.relayMs;
    for (;;) {
      const reading = await this.read(driver, plug);
      if (reading.power === wanted || this.clock.now() >= end) return reading;
      await this.pause(this.pace.pollMs);
    }
  }

  /** Orders and reads until the power is as wanted: the beginning of most cases on a subject whose state is not known. */
  async bring(driver: PowerDriver, wanted: WantedPower, plug = this.plug): Promise<void> {
    const result = await this.order(driver, wanted, plug);
    must(result.result === 'accepted', `an order of '${plug}' ${wanted} was ${told(result)}`);
    const reading = await this.readUntil(driver, wanted, plug);
    must(reading.power === wanted, `after an accepted order '${plug}' ${wanted} the reading stayed ${told(reading)}`);
  }

  /** The lamp must come to show it within the relay's time; nothing is said where there is no lamp. */
  async lampMustShow(wanted: WantedPower, when: string, plug = this.plug): Promise<void> {
    if (this.stand.lamp === undefined) return;
    const end = this.clock.now() + this.pace.relayMs;
    while ((await this.stand.lamp(plug)) !== wanted) {
      must(this.clock.now() < end, `${when} the lamp of '${plug}' is not ${wanted}`);
      await this.pause(this.pace.pollMs);
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  /** The value, or LATE where `ms` have passed first on the bench's clock. */
  orLate<T>(value: Promise<T>, ms: number): Promise<T | typeof LATE> {
    return orLate(this.clock, value, ms);
  }

  /** Closes what the case left open, and gives the stand back. */
  async end(): Promise<void> {
    for (const scene of this.#others) await scene.end();
    for (const { driver } of this.#opened)
      await this.orLate(
        driver.close().catch(() => undefined),
        this.pace.usualMs,
      );
    await this.stand.release();
  }

  /**
   * Runs one call against its deadline. Lateness is judged by which timer fires first, ours being the later one, so that a stalled
   * machine delays both alike and proves nothing.
   */
  async watch<T>(
    what: string,
    options: CallOptions,
    run: (within: Deadline) => Promise<T>,
    fault: (value: T) => string | undefined,
  ): Promise<T> {
    const ms = options.ms ?? this.pace.usualMs;
    const within: Deadline = {
      ms,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.notAfter === undefined ? {} : { notAfter: options.notAfter }),
    };
    try {
      const value = await this.orLate(run(within), Math.max(ms, 0) + this.pace.slackMs);
      if (value === LATE) throw new Broken(`${what} with a deadline of ${ms} ms had not settled ${this.pace.slackMs} ms after it`);
      this.said.push(value);
      const wrong = fault(value);
      if (wrong !== undefined) throw new Broken(`${what}: ${wrong}`);
      return value;
    } catch (error) {
      if (error instanceof Broken) throw error;
      this.said.push(error instanceof Error ? `${error.message} ${error.stack ?? ''}` : error);
      throw new Broken(`${what} threw instead of giving a value: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** What calls of this scene and of those that came from it gave back. */
  get everythingSaid(): readonly unknown[] {
    return [...this.said, ...this.#others.flatMap((scene) => scene.everythingSaid)];
  }
}

/** A result or a reading in a few words, for findings. */
export function told(value: OrderResult | Reading): string {
  const word = 'result' in value ? value.result : value.power;
  const why = 'why' in value ? value.why : undefined;
  return why === undefined ? word : `${word} (${why.code}: ${why.says})`;
}
