/** The service over a coordinator in this process. */
import { eventOf } from '../coordinator/restore.ts';
import { describeEvent, type State } from '../core/index.ts';
import type { Problem, Verdict } from '../vocabulary/index.ts';
import { forbidden, type Wish } from './authorise.ts';
import { wrongCommand, wrongEpoch } from './wrong-request.ts';
import type { Coordinator, Ports } from './coordinator.ts';
import { planNode, planVerdict } from './plan.ts';
import type { Carried } from './replies.ts';
import type {
  AttestRequest,
  CommandRequest,
  DecisionRequest,
  DeviceLook,
  EpochRequest,
  EventView,
  Operations,
  PlanQuestion,
  PlanView,
  Principal,
  Readiness,
  Service,
} from './service.ts';
import { type StatusView, statusOf, type Topology } from './status.ts';
import { type CarriedView, carriedView, endedView, openTold, refusal } from './views.ts';

/** Checks the signature and the form of a verdict. A problem: it is none that we believe. Never rejects. */
export type Intake = (jws: string) => Promise<Verdict | Problem>;

export interface LocalParts {
  readonly coordinator: Coordinator;
  readonly intake: Intake;
  readonly topology: Topology;
  readonly clock: Ports['clock'];
}

export class LocalService implements Service {
  readonly #coordinator: Coordinator;
  readonly #intake: Intake;
  readonly #topology: Topology;
  readonly #clock: Ports['clock'];

  constructor({ coordinator, intake, topology, clock }: LocalParts) {
    this.#coordinator = coordinator;
    this.#intake = intake;
    this.#topology = topology;
    this.#clock = clock;
  }

  get devices(): DeviceLook {
    return this.#coordinator.devices;
  }

  async submit(jws: string): Promise<CarriedView> {
    const verdict = await this.#intake(jws);
    if ('code' in verdict) return refusal(verdict);
    return this.#shown(await this.#coordinator.verdict(verdict));
  }

  async command(who: Principal, { id, action, target, reason, override, timeout }: CommandRequest): Promise<CarriedView> {
    // A face may hand over what somebody wrote: a statement is no command, and has a right of its own.
    const wrong = wrongCommand(action, timeout);
    if (wrong !== undefined) return refusal(wrong);
    return await this.#allowed(who, 'command', async () => {
      const limits = { override: override ?? [], ...(timeout === undefined ? {} : { timeout }) };
      return await this.#coordinator.command({ id, action, target, by: who.name, origin: originOf(who), reason, ...limits });
    });
  }

  async approve(who: Principal, { id, operation, reason }: DecisionRequest): Promise<CarriedView> {
    return await this.#allowed(who, 'approve', async () => await this.#coordinator.approve(id, operation, who.name, reason));
  }

  async deny(who: Principal, { id, operation, reason }: DecisionRequest): Promise<CarriedView> {
    return await this.#allowed(who, 'deny', async () => await this.#coordinator.deny(id, operation, who.name, reason));
  }

  async attest(who: Principal, { id, target, reason }: AttestRequest): Promise<CarriedView> {
    return await this.#allowed(
      who,
      'attest',
      async () =>
        await this.#coordinator.command({ id, action: 'attest', target, by: who.name, origin: originOf(who), reason, override: [] }),
    );
  }

  async setEpoch(who: Principal, { epoch, reason }: EpochRequest): Promise<{ readonly before: number } | Problem> {
    const before = this.#state.epoch;
    return (
      forbidden(who, 'set the epoch') ??
      wrongEpoch(epoch, reason) ??
      (await this.#coordinator.setEpoch(epoch, who.name, reason)) ?? { before }
    );
  }

  async status(nodes: readonly string[] = []): Promise<StatusView> {
    return await statusOf(this.#topology, nodes, {
      read: async (outlet, within) => await this.devices.status(outlet, within),
      now: () => this.#clock.now(),
      state: () => this.#state,
    });
  }

  async plan(question: PlanQuestion): Promise<PlanView | Problem> {
    const { unusable } = this.#topology;
    const { policy } = this.#coordinator;
    if ('node' in question) return planNode(policy, unusable, question.node, question.reboot === true);
    const verdict = await this.#intake(question.jws);
    return 'code' in verdict ? { answer: refusal(verdict) } : planVerdict(this.#state, policy, unusable, verdict, this.#clock.now());
  }

  operations(): Operations {
    const state = this.#state;
    const now = this.#clock.now();
    return { open: state.operations.values().map((one) => openTold(state, one, now)), ended: state.ended.map(endedView) };
  }

  async *events(after: number, signal?: AbortSignal): AsyncGenerator<EventView, void> {
    for await (const entry of this.#coordinator.store.tail(after, signal)) {
      const event = eventOf(entry);
      yield { position: entry.n, at: entry.at, kind: event.kind, says: describeEvent(event) };
    }
  }

  readiness(): Readiness {
    const problems = this.#coordinator.troubles(this.#clock.now());
    return { ready: problems.length === 0, position: this.#coordinator.store.position(), problems };
  }

  get #state(): State {
    return this.#coordinator.state;
  }

  #shown(carried: Carried): CarriedView {
    return carriedView(this.#state, carried, this.#clock.now());
  }

  async #allowed(who: Principal, wish: Wish, carry: () => Promise<Carried>): Promise<CarriedView> {
    const not = forbidden(who, wish);
    return not === undefined ? this.#shown(await carry()) : refusal(not);
  }
}

const originOf = ({ role }: Principal): 'person' | 'program' => (role === 'person' ? 'person' : 'program');
