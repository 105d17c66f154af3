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
 * docs/guides/library.md has a whole program.
 *
 * What travels between an arbiter and the coordinator is `Verdict`; `signVerdict` and `openVerdict` make and check the signed form.
 */
import type { Problem } from './vocabulary/index.ts';

export { driverLookup as treeDrivers } from './devices/lookup.ts';
export { type Carried, Engine, type EngineOptions } from './main/engine.ts';
export { policyOf } from './main/policy.ts';
export { type OneShot as OpenService, type OneShotOptions as OpenServiceOptions, openOneShot as openService } from './main/oneshot.ts';
export type { Coordinator, Ports, StartOptions } from './service/coordinator.ts';
export type { Awaiting } from './service/awaiting.ts';
export type { PlanLine } from './service/plan-lines.ts';
export type * from './coordinator/ports.ts';
export type { Happened, ProgressLine, WeakAnswer } from './service/progress.ts';
export type {
  AttestRequest,
  CommandRequest,
  DecisionRequest,
  DeviceLook,
  EpochRequest,
  EventView,
  NodePlan,
  Operations,
  PlannedVerdict,
  PlanQuestion,
  PlanView,
  Principal,
  Readiness,
  Request,
  Service,
} from './service/service.ts';
export type { OpenCall } from './service/calls.ts';
export type { PersonAwaited } from './service/waiting.ts';
export type { Known, Mark, NodeStatus, OutletSeen, StatusView, TopologyOutlet, UnderWay } from './service/status.ts';
export type {
  AnswerView,
  CarriedView,
  EndedView,
  LevelView,
  OpenTold,
  OpenView,
  OutletView,
  PendingView,
  ReadingView,
} from './service/views.ts';
export type { Environment } from './config/secrets.ts';
export type * from './config/configuration.ts';
export {
  type ConfigCode,
  type DescribedDriver,
  type DriverLookup,
  explainConfiguration,
  formatProblem,
  lintConfiguration,
  loadConfiguration,
  type LoadOptions,
  parseConfiguration,
} from './config/index.ts';
export type * from './core/state.ts';
export type { Groupings } from './core/table.ts';
export {
  describeEffect,
  describeEvent,
  describeState,
  type Asker,
  type Effect,
  type Event,
  type Operations as OpenOperations,
  type Policy,
  type PolicyNode,
  type PolicyOutlet,
  type NodeSet,
  type Roster,
  type Step,
  type Table,
  type Timer,
  step,
} from './core/index.ts';
export { type KnownArbiter, newKeyPair, openVerdict, signVerdict } from './intake/verdict-jws.ts';
export { parseVerdict, verdictJsonSchema } from './intake/verdict-schema.ts';
export type { JournalFiles, KeptFile, SegmentFile } from './store/files.ts';
export { type JournalView, type Past, readJournal, type Verification, verifyJournal } from './store/index.ts';
export * from './vocabulary/index.ts';

/** Tells a problem from what was asked for. */
export const isProblem = (value: object): value is Problem => 'code' in value && 'says' in value && 'next' in value;
