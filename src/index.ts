/**
 * `bailiff` as a library: the coordinator in process, for arbiters and HA tools written in JavaScript or TypeScript.
 *
 * ```ts
 * import { Engine, isProblem, loadConfiguration, treeDrivers } from 'bailiff';
 *
 * const loaded = await loadConfiguration('bailiff.yaml', { drivers: treeDrivers('bailiff.yaml') });
 * if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
 * const engine = await Engine.open(loaded.configuration);
 * if (isProblem(engine)) throw new Error(engine.says);
 * const carried = await engine.command({ id: 'c1', action: 'off', target: 'db1', by: 'my-tool', origin: 'program', reason: 'why', override: [] });
 * await engine.close();
 * ```
 *
 * `openService` gives the same as the service that every face uses: it takes signed verdicts and principals, and shows plain data.
 *
 * What travels between an arbiter and the coordinator is `Verdict`; `signVerdict` and `openVerdict` make and check the signed form.
 */
import type { Problem } from './vocabulary/index.ts';

export { driverLookup as treeDrivers } from './devices/lookup.ts';
export { type Carried, Engine, type EngineOptions } from './main/engine.ts';
export { policyOf } from './main/policy.ts';
export { type OneShot as OpenService, type OneShotOptions as OpenServiceOptions, openOneShot as openService } from './main/oneshot.ts';
export type { Ports } from './service/coordinator.ts';
export type { Happened, ProgressLine, WeakAnswer } from './service/progress.ts';
export type {
  AttestRequest,
  CommandRequest,
  DecisionRequest,
  DeviceLook,
  EventView,
  Operations,
  PlanQuestion,
  PlanView,
  Principal,
  Readiness,
  Service,
} from './service/service.ts';
export type { StatusView } from './service/status.ts';
export type { AnswerView, CarriedView, EndedView, OpenView, PendingView } from './service/views.ts';
export {
  type Configuration,
  type ConfigProblem,
  explainConfiguration,
  formatProblem,
  lintConfiguration,
  loadConfiguration,
  type LoadResult,
  parseConfiguration,
} from './config/index.ts';
export {
  describeEffect,
  describeEvent,
  describeState,
  type Effect,
  type Event,
  type Policy,
  type State,
  type Step,
  step,
} from './core/index.ts';
export { newKeyPair, openVerdict, signVerdict } from './intake/verdict-jws.ts';
export { parseVerdict, verdictJsonSchema } from './intake/verdict-schema.ts';
export { type JournalView, readJournal, type Verification, verifyJournal } from './store/index.ts';
export * from './vocabulary/index.ts';

/** Tells a problem from what was asked for. */
export const isProblem = (value: object): value is Problem => 'code' in value && 'says' in value && 'next' in value;
