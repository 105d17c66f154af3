/** The engine of a configuration: its own probes, journal and devices under one coordinator in this process. */
import type { Configuration } from '../config/index.ts';
import type { Clock, Random, Question } from '../coordinator/ports.ts';
import type { Event, Step } from '../core/index.ts';
import { createPanel } from '../probes/index.ts';
import { Coordinator, type Started } from '../service/coordinator.ts';
import { openJournal } from '../store/index.ts';
import type { Problem } from '../vocabulary/index.ts';
import { type AheadProbes, listenAhead } from './ahead.ts';
import { openDevicePool } from '../devices/pool.ts';
import { realClock, realRandom } from './clock.ts';
import { linksOf } from './links.ts';
import { policyOf } from './policy.ts';

export type { Carried } from '../service/replies.ts';

export interface EngineOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly watch?: (event: Event, after: Step) => void;
  readonly debug?: (says: string) => void;
  /** What will be asked first: its round begins before the state folder is taken. */
  readonly ahead?: Question;
  /** What an earlier process left open waits until `resume`, or until somebody asks about its node. */
  readonly hold?: boolean;
}

export class Engine extends Coordinator {
  readonly #ahead: AheadProbes | undefined;

  private constructor(started: Started, ahead: AheadProbes | undefined) {
    super(started);
    this.#ahead = ahead;
  }

  /** Takes the state folder, replays its journal, resumes what was open. A problem: nothing was started. */
  static async open(configuration: Configuration, options: EngineOptions = {}): Promise<Engine | Problem> {
    const clock = options.clock ?? realClock();
    const random = options.random ?? realRandom(clock);
    const panel = createPanel({
      clock,
      self: configuration.self,
      referenceIps: configuration.verify.referenceIps,
      links: linksOf(configuration),
      folder: configuration.stateDir,
    });
    const ahead = options.ahead === undefined ? undefined : listenAhead(panel, options.ahead, configuration.verify.within);
    const store = await openJournal(configuration.stateDir, { clock });
    if ('code' in store) {
      ahead?.stop();
      return store;
    }
    // Drivers are promised a clock that never goes back.
    const driverClock = options.clock === undefined ? { driverClock: realClock() } : {};
    const pool = openDevicePool(configuration, { clock, ...driverClock, random, debug: options.debug ?? (() => undefined) });
    const started = await Coordinator.begin({ clock, random, store, probes: ahead ?? panel, pool }, policyOf(configuration), options);
    if (!('code' in started)) return new Engine(started, ahead);
    ahead?.stop();
    return started;
  }

  override async close(): Promise<void> {
    this.#ahead?.stop();
    await super.close();
  }
}
