/** Power over SSH: into a power device's own command line, into a hypervisor, or, as a courtesy only, into the node itself. */
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
  Where,
} from '../kit/contract.ts';
import { Misconfigured } from '../kit/misconfigured.ts';
import { listIn, powerIn, refusalIn } from './answer.ts';
import type { Dial } from './connection.ts';
import { type Dialect, fill, type OrderSpeech, type ReadSpeech } from './dialect.ts';
import { discover } from './discover.ts';
import { SshClient } from './client.ts';
import { Calls } from '../kit/calls.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { checkHealth } from './health.ts';
import { fetchCredentials } from './login.ts';
import {
  answerUnclear,
  cannotOrder,
  commandFailed,
  deadlineTexts,
  driverClosed,
  noSuchPlug,
  notPermitted,
  orderRefused,
  secretMissing,
  wrongSettings,
} from './problems.ts';
import { excerpt } from './screen.ts';
import type { Ran } from './session.ts';
import { evidenceOf, plugsOf, type Resolved, resolve, SETTINGS } from './settings.ts';
import { DeviceTrust } from './trust.ts';

export { evidenceOf, plugsOf };

/** Problems after which it is certain that the device took nothing: the order was rejected, not lost. */
const NOT_SENT_FOR_GOOD = new Set([
  'order-too-late',
  'ssh-login-refused',
  'ssh-login-paused',
  'ssh-key-unusable',
  'ssh-host-key-changed',
  'ssh-host-key-unknown',
  'ssh-host-key-revoked',
  'ssh-host-certificate-missing',
  'ssh-host-certificate-refused',
  'ssh-no-common-algorithm',
]);

export const driver: DriverModule = {
  name: 'ssh',
  summary: 'Power devices with a command line, hypervisors, and (proving nothing) nodes themselves, over SSH',
  // The best case; an opened device tells its own: the target dialects have the evidence target.
  evidence: 'device',
  plugs: 'required',
  kindOf: (settings) => ({ evidence: evidenceOf(settings), plugs: plugsOf(settings) }),
  settings: SETTINGS,
  // The words of the generic dialect may name a slot of a chassis; the others have fixed words.
  place: ({ host, port, dialect, commands }) => ({
    host: String(host),
    port: Number(port),
    inside: dialect === 'generic' ? `generic ${JSON.stringify(commands)}` : String(dialect),
  }),
  settingsProblem: (settings) => {
    const resolved = resolve(settings);
    return typeof resolved === 'string' ? resolved : undefined;
  },
  discover,
  open: (device, settings, tools) => {
    const resolved = resolve(settings);
    return typeof resolved === 'string'
      ? new Misconfigured(wrongSettings(device, resolved), evidenceOf(settings))
      : new SshDriver(device, resolved, tools);
  },
};

class SshDriver implements PowerDriver {
  readonly evidence: Evidence;
  readonly list?: (within: Deadline) => Promise<readonly ListedOutlet[] | Problem>;
  readonly #resolved: Resolved;
  readonly #dialect: Dialect;
  readonly #where: Where;
  readonly #client: SshClient;
  readonly #trust: DeviceTrust;
  readonly #calls: Calls;
  #secrets: readonly string[] = [];

  constructor(device: string, resolved: Resolved, tools: DriverTools) {
    this.#resolved = resolved;
    this.#dialect = resolved.dialect;
    this.evidence = resolved.dialect.evidence;
    this.#where = { device, address: `${resolved.host}:${resolved.port}` };
    this.#calls = new Calls(tools, this.#where, deadlineTexts);
    const { idleMs, loginPauseMs } = resolved;
    this.#trust = new DeviceTrust(resolved, this.#where, tools);
    this.#client = new SshClient({
      where: this.#where,
      tools,
      access: resolved.dialect.access,
      idleMs,
      loginPauseMs,
      dial: (deadline, again) => this.#dial(deadline, again),
      secrets: () => this.#secrets,
    });
    const { list } = this.#dialect;
    if (list !== undefined) this.list = (within) => this.#calls.within(within, (deadline) => this.#list(list, deadline));
  }

  order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    const missing = this.#plugFault(plug);
    if (missing !== undefined) return Promise.resolve({ result: 'rejected', why: missing });
    const speech = this.#dialect.orders[wanted];
    if (speech === undefined) return Promise.resolve({ result: 'rejected', why: cannotOrder(this.#where, this.#dialect.name, wanted) });
    return this.#calls.within(within, (deadline) => this.#order(speech, plug, wanted, deadline));
  }

  read(plug: string, within: Deadline): Promise<Reading> {
    const missing = this.#plugFault(plug);
    if (missing !== undefined) return Promise.resolve({ power: 'unknown', why: missing, source: this.#dialect.read.send });
    return this.#calls.within(within, (deadline) => this.#read(plug, deadline));
  }

  check(within: Deadline): Promise<Health> {
    return this.#calls.within(within, (deadline) =>
      checkHealth({
        dialect: this.#dialect,
        visit: () => this.#client.visit(deadline),
        read: (plug) => this.#read(plug, deadline),
        list: (speech) => this.#list(speech, deadline),
      }),
    );
  }

  close(): Promise<void> {
    this.#calls.close();
    this.#client.close();
    return Promise.resolve();
  }

  #plugFault(plug: string): Problem | undefined {
    const rule = this.#dialect.plug;
    if (rule.kind === 'none')
      return plug === '' ? undefined : noSuchPlug(this.#where, plug, `${this.#dialect.name} speaks of one outlet without a name`);
    return rule.pattern.test(plug) ? undefined : noSuchPlug(this.#where, plug, `expected is ${rule.says}`);
  }

  #run(speech: OrderSpeech | ReadSpeech, plug: string, deadline: RunningDeadline): Promise<Ran> {
    const text = fill(speech.send, plug, this.#dialect.access, this.#resolved.sudo);
    const confirm = 'confirm' in speech ? speech.confirm : undefined;
    return this.#client.run({ text, plug, ...(confirm === undefined ? {} : { confirm }) }, deadline);
  }

  async #order(speech: OrderSpeech, plug: string, wanted: WantedPower, deadline: RunningDeadline): Promise<OrderResult> {
    const ran = await this.#run(speech, plug, deadline);
    if (ran.kind === 'lost') return { result: !ran.sent && NOT_SENT_FOR_GOOD.has(ran.why.code) ? 'rejected' : 'unknown', why: ran.why };
    const said = [...ran.lines, ...ran.errors];
    if (ran.declined !== undefined) {
      return {
        result: 'rejected',
        why: orderRefused(this.#where, `it asked about outlet ${JSON.stringify(ran.declined)} instead, and was told no`),
      };
    }
    const refusal = refusalIn(said, this.#dialect);
    if (refusal?.means === 'already') return this.#already(plug, wanted, refusal.line, deadline);
    if (refusal !== undefined) return { result: 'rejected', why: this.#refused(refusal.means, plug, refusal.line) };
    if (ran.code !== undefined && ran.code !== 0)
      return { result: 'rejected', why: commandFailed(this.#where, ran.code, this.#excerpt(said)) };
    const { taken } = speech;
    if (taken !== undefined && !said.some((line) => taken.test(line)))
      return { result: 'unknown', why: orderRefused(this.#where, this.#excerpt(said)) };
    return { result: 'accepted' };
  }

  /** The device says that it is so already. That is a claim: a reading must show it. */
  async #already(plug: string, wanted: WantedPower, line: string, deadline: RunningDeadline): Promise<OrderResult> {
    const reading = await this.#read(plug, deadline);
    if (reading.power === wanted) return { result: 'accepted' };
    const why = orderRefused(this.#where, `${this.#excerpt([line])}, while the reading is ${reading.power}`);
    return { result: reading.power === 'unknown' ? 'unknown' : 'rejected', why };
  }

  async #read(plug: string, deadline: RunningDeadline): Promise<Reading> {
    const speech = this.#dialect.read;
    const source = fill(speech.send, plug, this.#dialect.access, this.#resolved.sudo);
    const unknown = (why: Problem): Reading => ({ power: 'unknown', why, source });
    const ran = await this.#run(speech, plug, deadline);
    if (ran.kind === 'lost') return unknown(ran.why);
    const said = [...ran.lines, ...ran.errors];
    const refusal = refusalIn(said, this.#dialect);
    if (refusal !== undefined && refusal.means !== 'already') return unknown(this.#refused(refusal.means, plug, refusal.line));
    if (ran.code !== undefined && ran.code !== 0) return unknown(commandFailed(this.#where, ran.code, this.#excerpt(said)));
    const { power, others } = powerIn(ran.lines, speech, plug);
    if (power === 'on' || (power === 'off' && this.evidence === 'device')) return { power, source };
    const about = others.length === 0 ? '' : `; it speaks of outlet ${others.slice(0, 4).join(', ')}`;
    return unknown(answerUnclear(this.#where, this.#excerpt(said) + about));
  }

  async #list(speech: ReadSpeech, deadline: RunningDeadline): Promise<readonly ListedOutlet[] | Problem> {
    const source = fill(speech.send, '', this.#dialect.access, this.#resolved.sudo);
    const ran = await this.#run(speech, '', deadline);
    if (ran.kind === 'lost') return ran.why;
    const said = [...ran.lines, ...ran.errors];
    const found = listIn(ran.lines, speech);
    if (found.size === 0 || (ran.code ?? 0) !== 0) return answerUnclear(this.#where, this.#excerpt(said));
    return [...found].map(([plug, power]) => ({
      plug,
      reading:
        power === 'unknown'
          ? { power, source, why: answerUnclear(this.#where, `it says two things of outlet ${plug}`) }
          : { power, source },
    }));
  }

  #refused(means: 'no-such-plug' | 'not-permitted' | 'refused', plug: string, line: string): Problem {
    const said = this.#excerpt([line]);
    if (means === 'no-such-plug') return noSuchPlug(this.#where, plug, said);
    return means === 'not-permitted' ? notPermitted(this.#where, said) : orderRefused(this.#where, said);
  }

  #excerpt(lines: readonly string[]): string {
    return excerpt(lines, this.#secrets);
  }

  async #dial(deadline: RunningDeadline, again: boolean): Promise<Dial | Problem> {
    const { host, port, legacy, keepaliveMs, agentKey } = this.#resolved;
    if (this.#calls.closed) return driverClosed(this.#where);
    const trust = await this.#trust.gather(deadline, again);
    if ('code' in trust) return trust;
    const credentials = fetchCredentials(this.#resolved.credentials);
    if ('missing' in credentials) return secretMissing(this.#where, credentials.missing);
    this.#secrets = [credentials.password, credentials.passphrase].filter((each) => each !== undefined);
    const keyOrigin = this.#resolved.credentials.key?.origin ?? '';
    return {
      where: this.#where,
      host,
      port,
      credentials,
      ...trust,
      legacy,
      keepaliveMs,
      keyOrigin,
      ...(agentKey === undefined ? {} : { agentKey }),
    };
  }
}
