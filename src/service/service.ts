/**
 * The application, as every face sees it: the command line, an API, hooks. A face translates; it hands over signed verdicts, and for everything
 * else a principal whom it has authenticated. Whether that principal may do it is decided behind this interface.
 */
import type { Action, Claim, Health, ListedOutlet, Outlet, Override, Problem, TimedReading } from '../vocabulary/index.ts';
import type { PlanLine } from './plan-lines.ts';
import type { StatusView } from './status.ts';
import type { AnswerView, CarriedView, EndedView, OpenTold } from './views.ts';

export { MAX_EPOCH } from '../core/index.ts';

/** Who asks. A face makes one; `by` and `origin` of what is journalled come from here and from nowhere else. */
export interface Principal {
  readonly name: string;
  /** `viewer`: may look, and change nothing. */
  readonly role: 'person' | 'program' | 'viewer';
  /** `login`: by the account of the process. `stated`: by whoever has that account, under a name of their choice. */
  readonly known: 'login' | 'stated';
}

/** `id` names the request: the same again gets the same answer, and does nothing twice. */
export interface Request {
  readonly id: string;
  readonly reason: string;
}

export interface CommandRequest extends Request {
  readonly action: Exclude<Action, 'attest'>;
  readonly target: string;
  /** Limits that a person lifts for this one command. */
  readonly override?: readonly Override[];
  /** Milliseconds for the whole operation, where it differs from the policy. */
  readonly timeout?: number;
}

export interface DecisionRequest extends Request {
  readonly operation: string;
}

export interface AttestRequest extends Request {
  readonly target: string;
}

export interface EpochRequest {
  readonly epoch: number;
  readonly reason: string;
}

/** A plan is asked for by node, or by signed verdict. */
export type PlanQuestion = { readonly node: string; readonly reboot?: boolean } | { readonly jws: string };

export interface NodePlan {
  readonly node: string;
  readonly steps: readonly PlanLine[];
}

export interface PlannedVerdict {
  readonly id: string;
  readonly epoch: number;
  readonly claim: Claim;
}

/** `verdict` and its answer stand only where a verdict was planned for; `answer`: it would not be admitted, and end so. */
export type PlanView = { readonly plans: readonly NodePlan[]; readonly verdict?: PlannedVerdict } | { readonly answer: AnswerView };

export interface Operations {
  readonly open: readonly OpenTold[];
  /** The newest that have ended, oldest first. */
  readonly ended: readonly EndedView[];
}

/** One event as the journal has it. */
export interface EventView {
  /** Its number: `events(position)` goes on after it. */
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
  readonly says: string;
}

/** Can it act now? `problems`: why not, or what it would refuse. */
export interface Readiness {
  readonly ready: boolean;
  /** The number of the last durable event. */
  readonly position: number;
  readonly problems: readonly Problem[];
}

/**
 * What may be asked of devices by whoever only looks: one request in flight per device, after all that a fencing asks of it. `within`:
 * milliseconds from its turn on. Never rejects for what a device or its driver does.
 */
export interface DeviceLook {
  /** The power of one outlet, now. */
  status(outlet: Outlet, within: number): Promise<TimedReading>;
  /** Can we log in, and may we cut? */
  health(device: string, within: number): Promise<Health>;
  /** All its outlets, as the device tells them itself. */
  list(device: string, within: number): Promise<readonly ListedOutlet[] | Problem>;
}

export interface Service {
  /** A verdict as its arbiter signed it: a compact JWS. */
  submit(jws: string): Promise<CarriedView>;
  command(who: Principal, request: CommandRequest): Promise<CarriedView>;
  approve(who: Principal, request: DecisionRequest): Promise<CarriedView>;
  deny(who: Principal, request: DecisionRequest): Promise<CarriedView>;
  /** A named person states that the node is down. */
  attest(who: Principal, request: AttestRequest): Promise<CarriedView>;
  /** A person says which epoch counts from now on. A problem: it was not taken. */
  setEpoch(who: Principal, request: EpochRequest): Promise<{ readonly before: number } | Problem>;
  /** Power, read now. Without names: of all nodes. */
  status(nodes?: readonly string[]): Promise<StatusView>;
  /** What would happen, in order, with worst-case times; touches no device. A problem: it cannot be told. */
  plan(question: PlanQuestion): Promise<PlanView | Problem>;
  operations(): Operations;
  readonly devices: DeviceLook;
  /** Every kept event after that position, and each that follows once it is durable, until `signal` or the end of the service. */
  events(after: number, signal?: AbortSignal): AsyncIterable<EventView>;
  readiness(): Readiness;
}
