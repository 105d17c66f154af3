/** Any installed fence agent of the ClusterLabs catalogue as a device: its orders are taken for orders, its status for a reading. */
import type {
  DriverModule,
  DriverTools,
  Evidence,
  Health,
  ListedOutlet,
  OrderResult,
  PowerDriver,
  Problem,
  Reading,
  WantedPower,
  Deadline,
} from '../kit/contract.ts';
import { SharedDeadline } from '../kit/deadline.ts';
import { Misconfigured } from '../kit/misconfigured.ts';
import { complaintOf, orderOf, readingOf } from './answer.ts';
import { AgentClient } from './client.ts';
import { checkHealth } from './health.ts';
import { valueFault } from './input.ts';
import { listedIn, listedOutlets } from './listing.ts';
import { cannotList, contradicted, failed, noSuchPlug, offInDoubt, unclear, wrongSettings } from './problems.ts';
import { agentName } from './program.ts';
import { kindOf, type Resolved, placeOf, resolve, SETTINGS } from './settings.ts';

export const driver: DriverModule = {
  name: 'fence-agent',
  summary: 'Any installed fence agent (fence_apc, fence_vmware_soap, …), one process per question',
  // The best case; settings whose off is no proof have the evidence target.
  evidence: 'device',
  plugs: 'required',
  kindOf,
  settings: SETTINGS,
  place: placeOf,
  settingsProblem: (settings) => {
    const resolved = resolve(settings);
    return typeof resolved === 'string' ? resolved : undefined;
  },
  open: (device, settings, tools) => {
    const resolved = resolve(settings);
    return typeof resolved === 'string'
      ? new Misconfigured(
          wrongSettings({ device, agent: agentName(typeof settings['agent'] === 'string' ? settings['agent'] : '') }, resolved),
          'target',
        )
      : new FenceAgentDriver(device, resolved, kindOf(settings).evidence, tools);
  },
};

/** Problems after which it is certain that no agent ran: the order was rejected, not lost. */
const NEVER_RAN = new Set([
  'order-too-late',
  'fence-agent-not-runnable',
  'fence-agent-not-started',
  'fence-agent-value-refused',
  'fence-agent-secret-missing',
]);

class FenceAgentDriver implements PowerDriver {
  readonly evidence: Evidence;
  readonly list?: (within: Deadline) => Promise<readonly ListedOutlet[] | Problem>;
  readonly #first: AgentClient;
  readonly #second: AgentClient | undefined;
  readonly #tools: DriverTools;

  constructor(device: string, resolved: Resolved, evidence: Evidence, tools: DriverTools) {
    this.evidence = evidence;
    this.#tools = tools;
    this.#first = new AgentClient(device, resolved, tools);
    this.#second = resolved.second === undefined ? undefined : new AgentClient(device, resolved.second, tools);
    if (resolved.outlets) this.list = (within) => this.#list(within);
  }

  async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    const wrong = this.#plugFault(plug);
    if (wrong !== undefined) return { result: 'rejected', why: wrong };
    const called = await this.#first.call(wanted, plug, within);
    if ('code' in called) return { result: NEVER_RAN.has(called.code) ? 'rejected' : 'unknown', why: called };
    return orderOf(called.ended, called.asked);
  }

  async read(plug: string, within: Deadline): Promise<Reading> {
    const source = `${this.#first.where.agent} status`;
    const wrong = this.#plugFault(plug);
    if (wrong !== undefined) return { power: 'unknown', why: wrong, source };
    const deadline = new SharedDeadline(this.#tools, within);
    const power = await this.#first.power(plug, within);
    const { doubt } = this.#first;
    if (power !== 'off' || doubt === undefined) return readingOf(power, source);
    if (this.#second === undefined) return readingOf(offInDoubt(this.#first.where, doubt.says), source);
    const other = await this.#second.power(plug, deadline.left);
    const both = `${source} and ${this.#second.where.agent} status`;
    if (other === 'off' && this.#second.doubt !== undefined)
      return readingOf(offInDoubt(this.#second.where, this.#second.doubt.says), both);
    if (other === 'on') return readingOf(contradicted(this.#first.where, this.#second.where.agent, 'on'), both);
    return readingOf(other, both);
  }

  async check(within: Deadline): Promise<Health> {
    return await checkHealth(this.#first, this.#second, new SharedDeadline(this.#tools, within));
  }

  close(): Promise<void> {
    this.#first.close();
    this.#second?.close();
    return Promise.resolve();
  }

  #plugFault(plug: string): Problem | undefined {
    const { where, use } = this.#first;
    if (!use.outlets) return plug === '' ? undefined : noSuchPlug(where, plug, 'outlets have no names here; outlets: true changes that');
    if (plug === '') return noSuchPlug(where, plug, 'an outlet has to be named');
    // Agents take `8,9` for two outlets at once.
    const separator = use.parameters['plug_separator'] ?? use.parameters['plug-separator'] ?? ',';
    if (separator !== '' && plug.includes(separator)) return noSuchPlug(where, plug, 'that would be several outlets');
    const fault = valueFault(plug);
    return fault === undefined ? undefined : noSuchPlug(where, plug, `the name ${fault}`);
  }

  async #list(within: Deadline): Promise<readonly ListedOutlet[] | Problem> {
    const deadline = new SharedDeadline(this.#tools, within);
    const { where, use } = this.#first;
    const metadata = await this.#first.metadata(within);
    if ('code' in metadata) return metadata;
    const action = ['list-status', 'list'].find((each) => metadata.actions.includes(each));
    if (action === undefined) return cannotList(where);
    const called = await this.#first.call(action, undefined, deadline.left);
    if ('code' in called) return called;
    const { ended, asked } = called;
    if (ended.code !== 0) return failed(where, action, complaintOf(ended, asked));
    if (ended.cut) return unclear(where, action, 'the list is longer than 64 KiB');
    const lines = listedIn(ended.out, use.parameters['separator'] ?? ',', action === 'list-status');
    if (lines.length === 0) return unclear(where, action, 'it named no outlet');
    const { doubt } = this.#first;
    return listedOutlets(lines, ({ plug, power }) => {
      const source = `${where.agent} ${action}`;
      if (power === 'off' && doubt !== undefined) return { power: 'unknown', why: offInDoubt(where, doubt.says), source };
      return power === 'unknown'
        ? { power, why: unclear(where, action, `it tells no state of outlet ${plug}`), source }
        : { power, source };
    });
  }
}
