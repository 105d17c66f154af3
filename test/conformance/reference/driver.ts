import type {
  DriverModule,
  DriverTools,
  Health,
  ListedOutlet,
  OrderResult,
  PowerDriver,
  Problem,
  Reading,
  Secret,
  SettingsSchema,
  WantedPower,
  Deadline,
} from '../../../drivers/kit/contract.ts';
import type { Connection, ReferenceDevice } from './device.ts';

/** Where the settings' `address` finds its device. */
export const devices = new Map<string, ReferenceDevice>();

export const SETTINGS: SettingsSchema = {
  address: { kind: 'string', says: 'name of the device in memory', required: true },
  password: { kind: 'secret', says: 'password of the device', required: true },
  retryAfter: { kind: 'duration', says: 'unused wait', default: 1000, min: 0, max: 60_000 },
};

/** The rest of one call's time: its end on the driver's clock, and the signal that may end it sooner. */
export interface Rest {
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  /** Of an order. */
  readonly notAfter?: number | undefined;
}

export type Words = readonly string[];

interface Expected {
  readonly accepts: (words: Words) => boolean;
  readonly settle: (found: Words | Problem) => void;
}

const problem = (code: string, says: string, lasting = false): Problem => ({ code, says, next: 'read the state again', lasting });

export const isProblem = (value: Words | Problem | undefined): value is Problem => typeof value === 'object' && 'code' in value;

/** An honest driver for the device in memory. Every step that a planted bug bends is a method of its own. */
export class ReferenceDriver implements PowerDriver {
  readonly evidence = 'device';
  protected readonly tools: DriverTools;
  protected readonly password: Secret;
  protected connection: Connection | undefined;
  readonly #device: ReferenceDevice | undefined;
  readonly #waiting = new Set<Expected>();
  #opened = false;
  #welcome: Promise<Problem | undefined> | undefined;
  #closed = false;
  #lastId = 0;

  constructor(settings: Readonly<Record<string, unknown>>, tools: DriverTools) {
    this.tools = tools;
    this.password = settings['password'] as Secret;
    this.#device = devices.get(settings['address'] as string);
  }

  async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    const answer = await this.ask(`order ${plug} ${this.orderWord(plug, wanted)}`, plug, this.rest(within));
    if (!isProblem(answer)) return { result: 'accepted' };
    return this.orderFailed(answer);
  }

  async read(plug: string, within: Deadline): Promise<Reading> {
    const answer = await this.ask(`read ${plug}`, plug, this.rest(within));
    if (isProblem(answer)) return this.readFailed(plug, answer);
    return this.powerOf(plug, answer[3]);
  }

  async list(within: Deadline): Promise<readonly ListedOutlet[]> {
    return Promise.all(['1', '2'].map(async (plug) => ({ plug, reading: await this.read(plug, within) })));
  }

  async check(within: Deadline): Promise<Health> {
    const answer = await this.ask('read 1', '1', this.rest(within));
    return isProblem(answer) ? { ok: false, found: [], problem: answer } : { ok: true, found: ['logged in', 'plug 1 answers'] };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.hangUp(problem('driver-closed', 'the driver was closed'));
  }

  protected rest(within: Deadline): Rest {
    return { end: this.tools.now() + within.ms, signal: within.signal, notAfter: within.notAfter };
  }

  protected orderWord(_plug: string, wanted: WantedPower): string {
    return wanted;
  }

  protected powerOf(_plug: string, word: string | undefined): Reading {
    if (word === 'on' || word === 'off') return { power: word, source: 'read' };
    return { power: 'unknown', source: 'read', why: problem('reply-unusable', `the device says ${String(word)}`) };
  }

  protected orderFailed(why: Problem): OrderResult {
    return { result: why.lasting === true || why.code === 'order-too-late' ? 'rejected' : 'unknown', why };
  }

  protected mayLeave({ notAfter }: Rest): boolean {
    return notAfter === undefined || this.tools.now() < notAfter;
  }

  protected readFailed(_plug: string, why: Problem): Reading {
    return { power: 'unknown', source: 'read', why };
  }

  /** One request and its reply, after a login where there is none yet; once more where the device has forgotten the login. */
  protected async ask(request: string, plug: string, rest: Rest): Promise<Words | Problem> {
    for (let round = 1; ; round += 1) {
      const refused = await this.login(rest);
      if (refused !== undefined) return refused;
      if (!this.mayLeave(rest)) return problem('order-too-late', 'the time for this order is over; nothing was sent');
      this.#lastId += 1;
      const id = String(this.#lastId);
      this.connection?.send(`${id} ${request}`);
      const reply = await this.wait(rest, (words) => this.answers(words, id, plug));
      if (isProblem(reply)) return reply;
      if (reply[1] === 'no-such-plug') return this.noSuchPlug(plug);
      if (reply[1] !== 'not-logged-in') return reply;
      if (round === 2 || !this.loginAgain()) return problem('session-lost', 'the device has forgotten our login');
    }
  }

  protected noSuchPlug(plug: string): Words | Problem {
    return problem('no-such-plug', `the device has no plug ${plug}`, true);
  }

  protected loginAgain(): boolean {
    this.#welcome = undefined;
    return true;
  }

  protected answers(words: Words, id: string, plug: string): boolean {
    return words[0] === id && (words[2] === undefined || words[2] === plug);
  }

  protected from(address: string): boolean {
    return address === 'device';
  }

  /** Shared by all calls; each waits for it no longer than it may itself. */
  protected async login(rest: Rest): Promise<Problem | undefined> {
    if (this.#closed) return problem('driver-closed', 'the driver was closed');
    if (rest.signal?.aborted === true) return problem('aborted', 'the call was aborted');
    if (rest.end <= this.tools.now()) return problem('deadline', 'no time was left');
    const found = this.#welcome ?? this.logIn(rest);
    this.#welcome = found;
    const refused = await found;
    if (refused !== undefined && this.#welcome === found) this.#welcome = undefined;
    return refused;
  }

  protected async logIn(rest: Rest): Promise<Problem | undefined> {
    this.#connect();
    if (!this.#opened) {
      const opened = await this.wait(rest, (words) => words[0] === 'opened');
      if (isProblem(opened)) return opened;
    }
    this.connection?.send(`login ${this.nonce()} ${this.password.reveal()}`);
    const reply = await this.wait(this.loginRest(rest), (words) => words[0] === 'welcome' || words[0] === 'denied');
    if (isProblem(reply)) return reply;
    if (reply[0] === 'welcome') return undefined;
    return this.denied(rest);
  }

  protected async denied(_rest: Rest): Promise<Problem | undefined> {
    return problem('wrong-password', 'the device refuses the password', true);
  }

  protected loginRest(rest: Rest): Rest {
    return rest;
  }

  protected nonce(): string {
    return Buffer.from(this.tools.bytes(4)).toString('hex');
  }

  protected unusable(): void {
    this.#settleAll(problem('reply-unusable', 'the device sent bytes that are no reply'));
  }

  protected hangUp(why: Problem): void {
    this.#settleAll(why);
    this.connection?.close();
    this.connection = undefined;
    this.#opened = false;
    this.#welcome = undefined;
  }

  protected wait(rest: Rest, accepts: (words: Words) => boolean): Promise<Words | Problem> {
    return new Promise((resolve) => {
      const settle = (found: Words | Problem): void => {
        if (!this.#waiting.delete(waiting)) return;
        cancel();
        rest.signal?.removeEventListener('abort', aborted);
        resolve(found);
      };
      const aborted = (): void => settle(problem('aborted', 'the call was aborted'));
      const waiting: Expected = { accepts, settle };
      this.#waiting.add(waiting);
      const cancel = this.tools.after(rest.end - this.tools.now(), () => settle(problem('deadline', 'the device said nothing in time')));
      rest.signal?.addEventListener('abort', aborted);
      if (rest.signal?.aborted === true) aborted();
      if (this.#closed) settle(problem('driver-closed', 'the driver was closed'));
    });
  }

  #connect(): void {
    this.connection ??= this.#device?.connect({
      opened: () => {
        this.#opened = true;
        this.#hear(['opened']);
      },
      hear: (address, text) => {
        this.tools.debug(`heard ${text.length} characters from ${address}`);
        if (!this.from(address)) return;
        if (/^[\x20-\x7e]{3,80}$/.test(text) && /^(welcome|denied|\d+ \S+)( |$)/.test(text)) this.#hear(text.split(' '));
        else this.unusable();
      },
    });
  }

  #hear(words: Words): void {
    for (const waiting of this.#waiting) {
      if (!waiting.accepts(words)) continue;
      waiting.settle(words);
      return;
    }
  }

  #settleAll(why: Problem): void {
    for (const waiting of [...this.#waiting]) waiting.settle(why);
  }
}

/** A module around the honest driver or one that was bent. */
export function referenceModule(
  open: (settings: Readonly<Record<string, unknown>>, tools: DriverTools) => PowerDriver = (settings, tools) =>
    new ReferenceDriver(settings, tools),
): DriverModule {
  return {
    name: 'reference',
    summary: 'A power strip in memory.',
    evidence: 'device',
    plugs: 'required',
    settings: SETTINGS,
    open: (_device, settings, tools) => open(settings, tools),
  };
}
