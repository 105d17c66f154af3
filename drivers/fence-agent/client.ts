/** One agent with its parameters: calls it with an action, and knows its metadata. */
import type { DriverTools, Problem, Deadline } from '../kit/contract.ts';
import { type Asked, type Ended, endOf, powerOf } from './answer.ts';
import { type Doubt, doubtOf } from './doubts.ts';
import { inputLines, valueFault } from './input.ts';
import { type Metadata, parseMetadata } from './metadata.ts';
import { driverClosed, failed, metadataUnusable, secretMissing, valueRefused, type Where } from './problems.ts';
import { agentName, findProgram } from './program.ts';
import { excerpt } from './redact.ts';
import { mayAct } from '../kit/deadline.ts';
import { orderTooLate } from '../kit/problem.ts';
import { runAgent, type Running } from './transport.ts';
import type { AgentUse } from './settings.ts';

interface Called {
  readonly ended: Ended;
  readonly asked: Asked;
}

export class AgentClient {
  readonly where: Where;
  readonly use: AgentUse;
  readonly #tools: DriverTools;
  readonly #running = new Set<Running>();
  #metadata: Metadata | undefined;
  #closed = false;
  #linked: Doubt | undefined;

  constructor(device: string, use: AgentUse, tools: DriverTools) {
    this.where = { device, agent: agentName(use.agent) };
    this.use = use;
    this.#tools = tools;
  }

  /** Why its off is no proof: by its name, or by that of the file behind it once it has been run. */
  get doubt(): Doubt | undefined {
    return this.use.doubt ?? this.#linked;
  }

  /** `plug` undefined: the action is not about one outlet. */
  async call(action: string, plug: string | undefined, within: Deadline): Promise<Called | Problem> {
    const secrets = this.#reveal();
    if ('code' in secrets) return secrets;
    const named = plug === undefined || !this.use.outlets ? {} : { [this.use.plugParameter]: plug };
    return await this.#run(action, { ...this.use.parameters, ...secrets.values, ...named }, Object.values(secrets.values), within);
  }

  /** What the agent says of one outlet now. */
  async power(plug: string, within: Deadline): Promise<'on' | 'off' | Problem> {
    const called = await this.call('status', plug, within);
    return 'code' in called ? called : powerOf(called.ended, called.asked, this.use.silentOff);
  }

  /** Asked for once; the agent is told nothing but the action, as Pacemaker does it. */
  async metadata(within: Deadline): Promise<Metadata | Problem> {
    if (this.#metadata !== undefined) return this.#metadata;
    const called = await this.#run('metadata', {}, [], within);
    if ('code' in called) return called;
    const { ended } = called;
    if (ended.code !== 0) return failed(this.where, 'metadata', excerpt(ended.err, []));
    const parsed = ended.cut ? 'it is longer than 64 KiB' : parseMetadata(ended.out);
    if (typeof parsed === 'string') return metadataUnusable(this.where, parsed);
    this.#metadata = parsed;
    return parsed;
  }

  close(): void {
    this.#closed = true;
    for (const running of [...this.#running]) running.abort();
  }

  async #run(
    action: string,
    parameters: Readonly<Record<string, string>>,
    secrets: readonly string[],
    within: Deadline,
  ): Promise<Called | Problem> {
    const end = this.#tools.now() + within.ms;
    const program = await findProgram(this.where, this.use.agent);
    if ('code' in program) return program;
    this.#linked = doubtOf(program.name, this.use.parameters);
    if (this.#closed) return driverClosed(this.where);
    if (!mayAct(this.#tools, within)) return orderTooLate(this.where.device, false);
    // What the agent repeats by itself ends with it.
    const ms = Math.min(end, within.notAfter ?? end) - this.#tools.now();
    const rest: Deadline = { ...within, ms };
    const running = runAgent(program.path, inputLines(action, parameters), rest, this.#tools);
    this.#running.add(running);
    const ran = await running.ran;
    this.#running.delete(running);
    if (this.#closed && ran.kind === 'aborted') return driverClosed(this.where);
    const asked: Asked = { where: this.where, action, secrets };
    const ended = endOf(ran, asked);
    return 'kind' in ended ? { ended, asked } : ended;
  }

  #reveal(): { readonly values: Readonly<Record<string, string>> } | Problem {
    const values: Record<string, string> = {};
    for (const [name, secret] of Object.entries(this.use.secrets)) {
      let value: string;
      try {
        value = secret.reveal();
      } catch (error) {
        return secretMissing(this.where, error instanceof Error ? error.message : secret.origin);
      }
      const fault = valueFault(value);
      if (fault !== undefined) return valueRefused(this.where, name, fault);
      values[name] = value;
    }
    return { values };
  }
}
