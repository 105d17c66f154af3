/** The engine of a configuration: its own probes, journal and devices under one coordinator in this process. */
import { barred, type Configuration } from '../config/index.ts';
import type { Clock, DevicePool, Probes, Question } from '../coordinator/ports.ts';
import type { Event, Step } from '../core/index.ts';
import { openDevicePool } from '../devices/pool.ts';
import { type AheadProbes, listenAhead } from '../probes/ahead.ts';
import { createPanel } from '../probes/index.ts';
import { Coordinator, type Ports, type Started } from '../service/coordinator.ts';
import { openJournal } from '../store/index.ts';
import type { Problem } from '../vocabulary/index.ts';
import { realClock, realRandom } from './clock.ts';
import { linksOf } from './links.ts';
import { policyOf } from './policy.ts';

export type { Carried } from '../service/replies.ts';

export interface EngineOptions {
  /** In place of what the configuration names: each of them as a test, a simulation or another store brings it. */
  readonly ports?: Partial<Ports>;
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

  /**
   * Takes the state folder, replays its journal, resumes what was open. A problem: nothing was started. A configuration that lint finds an error in
   * is one: it would cut the wrong node.
   */
  static async open(configuration: Configuration, options: EngineOptions = {}): Promise<Engine | Problem> {
    const why = barred(configuration);
    if (why !== undefined) return why;
    const { clock = realClock(), random = realRandom(clock), probes = panelOf(configuration, clock), store, pool } = options.ports ?? {};
    const ahead = options.ahead === undefined ? undefined : listenAhead(probes, options.ahead, configuration.verify.within);
    const opened = store ?? (await openJournal(configuration.stateDir, { clock }));
    if ('code' in opened) {
      ahead?.stop();
      return opened;
    }
    const ports = {
      clock,
      random,
      store: opened,
      probes: ahead ?? probes,
      pool: pool ?? poolOf(configuration, options, { clock, random }),
    };
    const started = await Coordinator.begin(ports, policyOf(configuration), options);
    if (!('code' in started)) return new Engine(started, ahead);
    ahead?.stop();
    return started;
  }

  override async close(): Promise<void> {
    this.#ahead?.stop();
    await super.close();
  }
}

const panelOf = (configuration: Configuration, clock: Clock): Probes =>
  createPanel({
    clock,
    self: configuration.self,
    referenceIps: configuration.verify.referenceIps,
    links: linksOf(configuration),
    folder: configuration.stateDir,
  });

function poolOf(configuration: Configuration, { ports, debug }: EngineOptions, tools: Pick<Ports, 'clock' | 'random'>): DevicePool {
  // Drivers are promised a clock that never goes back.
  const driverClock = ports?.clock === undefined ? {} : { driverClock: realClock() };
  return openDevicePool(configuration, { ...tools, ...driverClock, debug: debug ?? (() => undefined) });
}
