/**
 * The root of a command that does its own work: the service over the journal, devices and probes of its configuration, in this process, used once
 * and closed.
 */
import type { Configuration } from '../config/index.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { topologyOf } from './topology.ts';
import { LocalService } from '../service/local.ts';
import { type Happened, happenedIn } from '../service/progress.ts';
import type { Operations, Service } from '../service/service.ts';
import { endedView, openTold } from '../service/views.ts';
import type { Problem } from '../vocabulary/index.ts';

/** What the command will be asked to weigh first: listening for it begins before the state folder is taken. */
export type Ahead = NonNullable<EngineOptions['ahead']>;

export interface OneShotOptions extends Omit<EngineOptions, 'watch'> {
  /** Called after every step with what it brought about; must not throw. */
  readonly tell?: (happened: Happened) => void;
}

/** A service in this process, and what only its owner may do with it. */
export interface OneShot {
  readonly service: Service;
  readonly warnings: readonly Problem[];
  /** Rejects when a promise was broken: the process must end, the next start resumes. */
  readonly broken: Promise<never>;
  /** What an earlier process had left open: still open, or ended with the start of this one. */
  found(): Operations;
  /** Of these, as they are now. */
  still(operations: readonly string[]): Operations;
  /** What was held at the start goes on. */
  resume(): void;
  /** Until nothing is open but what waits for a person. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Takes the state folder. A problem: nothing was started; an error of lint is one. */
export async function openOneShot(configuration: Configuration, options: OneShotOptions = {}): Promise<OneShot | Problem> {
  const { tell, ...rest } = options;
  const watch: Pick<EngineOptions, 'watch'> = tell === undefined ? {} : { watch: (event, after) => tell(happenedIn(event, after)) };
  const engine = await Engine.open(configuration, { ...rest, ...watch });
  if (!(engine instanceof Engine)) return engine;
  const { clock } = engine;
  const intake = async (jws: string) => {
    const { openVerdict } = await import('../intake/verdict-jws.ts');
    return await openVerdict(jws, configuration.arbiters);
  };
  const still = (operations: readonly string[]): Operations => ({
    open: operations.flatMap((id) => engine.state.operations.get(id) ?? []).map((one) => openTold(engine.state, one, clock.now())),
    ended: operations.flatMap((id) => engine.state.ended.find((one) => one.id === id) ?? []).map(endedView),
  });
  return {
    service: new LocalService({ coordinator: engine, intake, topology: topologyOf(configuration), clock }),
    warnings: engine.warnings,
    broken: engine.broken,
    found: () => still(engine.openAtStart),
    still,
    resume: () => engine.resume(),
    quiet: async () => await engine.quiet(),
    close: async () => await engine.close(),
  };
}
