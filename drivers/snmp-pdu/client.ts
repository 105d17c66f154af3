/**
 * One PDU's SNMP conversation: one question in flight, repeated at intervals learned from the device's own round trips until the caller's
 * deadline, and a version 3 session that is found again when the device has started again. Everything comes back as a value.
 */
import type { DriverTools, Deadline } from '../kit/contract.ts';
import { type Login, reveal } from './credentials.ts';
import type { Left, Question, Reply, Stage } from './question.ts';
import type * as Sessions from './session.ts';
import { mayAct } from '../kit/deadline.ts';
import { Turns } from '../kit/queue.ts';
import { connectTo, type GuardedSocket, isRefusal } from './transport.ts';

export type { Answer, Assignment, Question, Stage } from './question.ts';

export type Heard =
  | Reply
  /** Nothing came before the deadline. `sent`: how often it was asked; 0 where the time was up before the first. */
  | { readonly reply: 'silent'; readonly sent: number; readonly stage: Stage | undefined }
  | { readonly reply: 'aborted'; readonly sent: number }
  /** The time in which it might act was over. `sent`: it had left before, and was not repeated. */
  | { readonly reply: 'too-late'; readonly sent: boolean }
  /** ICMP port unreachable, repeatedly: something is there and runs no SNMP. */
  | { readonly reply: 'refused' }
  /** A secret, a host name or the socket cannot be had: nothing was sent. */
  | { readonly reply: 'cannot'; readonly says: string }
  | { readonly reply: 'closed' };

type PduSession = Sessions.PduSession;

interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly login: Login;
  readonly tools: DriverTools;
}

/** First repetition in milliseconds before anything is known about the device, and the bounds of what is learned. */
const FIRST_TRY_MS = 500;
const LEAST_TRY_MS = 150;
const LONGEST_TRY_MS = 2000;
/** Datagrams for one question at most; after that only waiting is left. */
const MOST_SENT = 12;
/** Questions that may wait for their turn; the coordinator asks one at a time. */
const MOST_WAITING = 256;
/** Refusals (ICMP) in one question before it is told. */
const MOST_REFUSED = 2;

export class SnmpClient {
  readonly #options: ClientOptions;
  #session: PduSession | undefined;
  #opening: Promise<PduSession | string> | undefined;
  #roundTrip: number | undefined;
  #closed = false;
  readonly #turns = new Turns(1, MOST_WAITING);
  readonly #open = new Set<() => void>();
  /** Datagrams sent since the client began: what a bench counts. */
  sent = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Asks, and asks once more with a new session where the device's clock or engine turned out to be another one. */
  async ask(question: Question, within: Deadline): Promise<Heard> {
    const began = this.#options.tools.now();
    const known = this.#session !== undefined;
    const left: Left = { acted: false };
    const heard = await this.#askOnce(question, within, left);
    const stale = heard.reply === 'security' && (heard.stage === 'clock' || (known && heard.stage === 'engine discovery'));
    const ms = within.ms - (this.#options.tools.now() - began);
    if (!stale || ms <= 0 || within.signal?.aborted === true) return heard;
    this.#options.tools.debug(`${this.#options.host}: ${heard.stage} does not fit any more, looking for the engine again`);
    return this.#askOnce(question, { ...within, ms }, left);
  }

  /** Idempotent. What is in flight settles as `closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const settle of [...this.#open]) settle();
    this.#drop();
  }

  async #askOnce(question: Question, within: Deadline, left: Left): Promise<Heard> {
    if (this.#closed) return { reply: 'closed' };
    if (within.signal?.aborted === true) return { reply: 'aborted', sent: 0 };
    if (within.ms <= 0) return { reply: 'silent', sent: 0, stage: undefined };
    return new Promise((resolve) => new Exchange(this.#ports(), question, within, left, resolve).begin());
  }

  #drop(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  #ports(): ExchangePorts {
    return {
      tools: this.#options.tools,
      open: this.#open,
      closed: () => this.#closed,
      enter: (run) => this.#turns.enter(run),
      leave: (heard) => {
        if (isStale(heard)) this.#drop();
        this.#turns.leave();
      },
      session: () => this.#ready(),
      patience: () => Math.min(LONGEST_TRY_MS, Math.max(LEAST_TRY_MS, this.#roundTrip === undefined ? FIRST_TRY_MS : this.#roundTrip * 3)),
      learned: (ms) => {
        this.#roundTrip = this.#roundTrip === undefined ? ms : this.#roundTrip * 0.75 + ms * 0.25;
      },
      counted: () => {
        this.sent += 1;
      },
    };
  }

  /** The open session, or in words why there is none. */
  async #ready(): Promise<PduSession | string> {
    if (this.#session !== undefined) return this.#session;
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<PduSession | string> {
    const { host, port, login, tools } = this.#options;
    const revealed = reveal(login);
    if ('wrong' in revealed) return revealed.wrong;
    const { credentials } = revealed;
    const expected = {
      version: credentials.version === '1' ? 0 : credentials.version === '2c' ? 1 : 3,
      auth: credentials.version === '3' && credentials.auth !== undefined,
      priv: credentials.version === '3' && credentials.priv !== undefined,
    } as const;
    let socket: GuardedSocket;
    let sessions: typeof Sessions;
    try {
      // net-snmp is loaded by whoever asks a PDU; a command that only reads the configuration does not wait for it.
      sessions = await import('./session.ts');
      socket = await connectTo(host, port, expected);
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      return `no way to ${host} port ${port}${typeof code === 'string' ? ` (${code})` : ''}`;
    }
    if (this.#closed) {
      socket.close();
      return 'the driver was closed';
    }
    this.#session = new sessions.PduSession(host, port, credentials, socket, (length) => tools.bytes(length));
    return this.#session;
  }
}

/** What an exchange needs from its client. */
interface ExchangePorts {
  readonly tools: DriverTools;
  readonly open: Set<() => void>;
  closed(): boolean;
  enter(run: () => void): (() => void) | undefined;
  /** Gives the turn to the next question; a session that did not answer, or does not fit any more, is not used again. */
  leave(heard: Heard): void;
  session(): Promise<PduSession | string>;
  /** Milliseconds until the first repetition. */
  patience(): number;
  learned(roundTripMs: number): void;
  counted(): void;
}

/** One question from its turn to its one answer. Whatever ends it, no timer, no listener and no wait is left. */
class Exchange {
  readonly #ports: ExchangePorts;
  readonly #question: Question;
  readonly #within: Deadline;
  readonly #left: Left;
  readonly #resolve: (heard: Heard) => void;
  readonly #cancel: Array<() => void> = [];
  #entered = false;
  #settled = false;
  #session: PduSession | undefined;
  #stopRepeating: () => void = () => {};
  #sent = 0;
  #refused = 0;
  #sentAt = 0;

  constructor(ports: ExchangePorts, question: Question, within: Deadline, left: Left, resolve: (heard: Heard) => void) {
    this.#ports = ports;
    this.#question = question;
    this.#within = within;
    this.#left = left;
    this.#resolve = resolve;
  }

  begin(): void {
    const { tools, open } = this.#ports;
    const abort = (): void => this.#settle({ reply: 'aborted', sent: this.#sent });
    const closed = (): void => this.#settle({ reply: 'closed' });
    this.#cancel.push(tools.after(this.#within.ms, () => this.#settle(this.#silence())));
    this.#within.signal?.addEventListener('abort', abort, { once: true });
    open.add(closed);
    this.#cancel.push(
      () => this.#within.signal?.removeEventListener('abort', abort),
      () => open.delete(closed),
    );
    const leaveQueue = this.#ports.enter(() => {
      this.#entered = true;
      void this.#run();
    });
    if (leaveQueue === undefined) this.#settle({ reply: 'cannot', says: 'too many questions wait for this PDU' });
    else this.#cancel.push(leaveQueue);
  }

  async #run(): Promise<void> {
    const session = await this.#ports.session();
    if (this.#settled) return;
    if (typeof session === 'string') return this.#settle(this.#ports.closed() ? { reply: 'closed' } : { reply: 'cannot', says: session });
    this.#session = session;
    session.emitRefused = (error, unsent) => this.#failed(error, unsent);
    session.actsIn(
      () => mayAct(this.#ports.tools, this.#within),
      this.#left,
      () => this.#settle({ reply: 'too-late', sent: this.#left.acted }),
    );
    this.#sentAt = this.#ports.tools.now();
    this.#count();
    session.put(this.#question, (reply) => {
      if (this.#sent === 1) this.#ports.learned(this.#ports.tools.now() - this.#sentAt);
      this.#settle(reply);
    });
    this.#repeatAfter(this.#ports.patience());
  }

  #repeatAfter(ms: number): void {
    if (this.#settled || this.#sent >= MOST_SENT) return;
    this.#stopRepeating = this.#ports.tools.after(ms, () => {
      this.#repeat();
      this.#repeatAfter(Math.min(LONGEST_TRY_MS, ms * 2));
    });
  }

  #repeat(): void {
    this.#count();
    this.#session?.repeat((error) => this.#failed(error, true));
  }

  /** A refusal may be of an earlier question, or of a device that is just starting: only the second one counts. */
  #failed(error: Error, unsent: boolean): void {
    if (this.#settled || !isRefusal(error)) return;
    this.#refused += 1;
    if (this.#refused >= MOST_REFUSED) this.#settle({ reply: 'refused' });
    else if (unsent) this.#repeat();
  }

  #count(): void {
    this.#sent += 1;
    this.#ports.counted();
  }

  #silence(): Heard {
    const stage = this.#session?.discovering === true ? 'engine discovery' : undefined;
    return { reply: 'silent', sent: this.#sent, stage };
  }

  #settle(heard: Heard): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopRepeating();
    for (const cancel of this.#cancel) cancel();
    if (this.#session !== undefined) {
      this.#session.forget();
      this.#session.emitRefused = () => {};
    }
    if (this.#entered) this.#ports.leave(heard);
    this.#resolve(heard);
  }
}

/** A new session has a new socket, on which late answers to old questions do not arrive, and looks for the agent's engine again. */
function isStale(heard: Heard): boolean {
  if (heard.reply === 'security') return heard.stage === 'clock' || heard.stage === 'engine discovery';
  return heard.reply === 'silent' || heard.reply === 'refused';
}
