/**
 * Driver for BMCs with IPMI 2.0 over LAN. One BMC is one device with one unnamed outlet. Power is read by Get Chassis Status and switched
 * by Chassis Control; an answer to the latter means "accepted", for BMCs answer before they act.
 */
import type {
  DriverModule,
  DriverTools,
  Health,
  OrderResult,
  PowerDriver,
  Problem,
  Reading,
  WantedPower,
  Deadline,
} from '../kit/contract.ts';
import { SharedDeadline } from '../kit/deadline.ts';
import { noSuchPlug } from '../kit/problem.ts';
import { CHASSIS_CONTROL, COMMAND, type Command, type Decoded, decodeChassisStatus, NOTHING, toHex } from './codec/index.ts';
import { IpmiClient } from './client.ts';
import { discover } from './discover.ts';
import { checkHealth } from './health.ts';
import { malformedAnswer, problemOf } from './problems.ts';
import { refusedCommand } from './session/failures.ts';
import { type Answer, type Credentials, type Failure, type LoginSeen, sameCredentials } from './session/terms.ts';
import { type Prepared, prepareSettings, readCredentials, settings, settingsProblem } from './settings.ts';
import { type OpenWire, openUdp } from './transport.ts';

/** After a refusal of user, password, key or privilege nothing is sent for so long: accounts lock after a few failures. */
const BARRED_MS = 10_000;

const SOURCE = COMMAND.getChassisStatus.name;

export class IpmiDriver implements PowerDriver {
  readonly evidence = 'device';
  readonly #device: string;
  readonly #tools: DriverTools;
  readonly #prepared: Prepared | Problem;
  readonly #client: IpmiClient | undefined;
  #barred: { readonly until: number; readonly failure: Failure; readonly credentials: Credentials } | undefined;
  #login: (LoginSeen & { readonly afterSilence: boolean }) | undefined;

  constructor(device: string, checked: Readonly<Record<string, unknown>>, tools: DriverTools, openWire: OpenWire = openUdp) {
    this.#device = device;
    this.#tools = tools;
    this.#prepared = prepareSettings(checked);
    if ('code' in this.#prepared) return;
    this.#client = new IpmiClient(this.#prepared.client, tools, tools, openWire, (login, worthRemembering) => {
      this.#login = { ...login, afterSilence: !worthRemembering };
      this.#tools.debug(`${device}: logged in with cipher suite ${login.suite.id}`);
    });
  }

  async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    if (plug !== '') return { result: 'rejected', why: this.#noPlug(plug) };
    return await this.#change(COMMAND.chassisControl, Uint8Array.of(CHASSIS_CONTROL[wanted]), within);
  }

  async read(plug: string, within: Deadline): Promise<Reading> {
    const unknown = (why: Problem): Reading => ({ power: 'unknown', why, source: SOURCE });
    if (plug !== '') return unknown(this.#noPlug(plug));
    const status = await this.#get(COMMAND.getChassisStatus, NOTHING, decodeChassisStatus, within);
    if ('code' in status) return unknown(status);
    return { power: status.value.on ? 'on' : 'off', source: SOURCE };
  }

  async check(within: Deadline): Promise<Health> {
    const deadline = new SharedDeadline(this.#tools, within);
    return await checkHealth({
      get: (command, data, decode, most) => this.#get(command, data, decode, deadline.leftWithin(most ?? Number.POSITIVE_INFINITY)),
      login: () => this.#login,
      privilege: 'code' in this.#prepared ? 0 : this.#prepared.client.privilege,
      suites: 'code' in this.#prepared ? [] : this.#prepared.client.suites,
    });
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  async #change(command: Command, data: Uint8Array, within: Deadline): Promise<OrderResult> {
    const answer = await this.#ask(command, data, true, within);
    if ('code' in answer) return { result: answer.lasting === true ? 'rejected' : 'unknown', why: answer };
    if (answer.kind === 'failed') {
      const why = this.#problem(answer.failure);
      const neverLeft = !answer.sent && (answer.failure.lasting || answer.failure.code === 'order-too-late');
      return { result: neverLeft ? 'rejected' : 'unknown', why };
    }
    if (answer.completionCode === 0) return { result: 'accepted' };
    return { result: 'rejected', why: this.#problem(refusedCommand(command.name, answer.completionCode)) };
  }

  async #get<T>(
    command: Command,
    data: Uint8Array,
    decode: (data: Uint8Array) => Decoded<T>,
    within: Deadline,
  ): Promise<{ readonly value: T } | Problem> {
    const answer = await this.#ask(command, data, false, within);
    if ('code' in answer) return answer;
    if (answer.kind === 'failed') return this.#problem(answer.failure);
    if (answer.completionCode !== 0) return this.#problem(refusedCommand(command.name, answer.completionCode));
    const decoded = decode(answer.data);
    if (decoded.ok) return { value: decoded.value };
    const says = `the answer is malformed (${decoded.why}, ${answer.data.length} bytes: ${toHex(answer.data.subarray(0, 16))})`;
    return this.#problem(malformedAnswer(command.name, says));
  }

  async #ask(command: Command, data: Uint8Array, changes: boolean, within: Deadline): Promise<Answer | Problem> {
    const prepared = this.#prepared;
    if ('code' in prepared || this.#client === undefined) return 'code' in prepared ? this.#named(prepared) : this.#noPlug('');
    const credentials = readCredentials(prepared);
    if ('code' in credentials) return this.#named(credentials);
    const barred = this.#barred;
    if (barred !== undefined && this.#tools.now() < barred.until && sameCredentials(barred.credentials, credentials)) {
      return { kind: 'failed', failure: barred.failure, sent: false };
    }
    const answer = await this.#client.ask({
      command,
      data,
      changes,
      credentials,
      ms: within.ms,
      signal: within.signal,
      notAfter: within.notAfter,
    });
    if (answer.kind === 'failed' && answer.failure.credentials) {
      this.#barred = { until: this.#tools.now() + BARRED_MS, failure: answer.failure, credentials };
    }
    return answer;
  }

  #named(problem: Problem): Problem {
    return { ...problem, says: `${this.#device}: ${problem.says}` };
  }

  #problem(failure: Failure): Problem {
    return problemOf(this.#device, failure);
  }

  #noPlug(plug: string): Problem {
    return noSuchPlug(this.#device, plug, 'a BMC has one outlet without a name: leave the plug out');
  }
}

export const driver: DriverModule = {
  name: 'ipmi',
  summary: 'BMCs with IPMI 2.0 over LAN (RMCP+): switches and reads the chassis power.',
  evidence: 'device',
  plugs: 'none',
  settings,
  settingsProblem,
  place: ({ host, port }) => ({ host: String(host), port: Number(port), inside: '' }),
  discover: (host, given, tools, within) => discover(host, given, tools, within, (checked) => new IpmiDriver(host, checked, tools)),
  open: (device, checked, tools) => new IpmiDriver(device, checked, tools),
};
