/**
 * One BMC: calls wait for their turn, the session machine is given bytes and time, and everything settles by its
 * deadline. Keeps the session for the next call and gives it back when none comes.
 */
import type { Command } from './codec/index.ts';
import type { WireTools } from './wired-console.ts';
import { HedgedConsoles } from './hedged-consoles.ts';
import { abandoned, noAnswer } from './session/failures.ts';
import type { Answer, Ask, Chance, ConsoleSettings, Credentials, Failure, Seen } from './session/terms.ts';
import type { OpenWire } from './transport.ts';

export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
}

export interface ClientSettings extends ConsoleSettings {
  readonly host: string;
  readonly port: number;
}

export interface Call {
  readonly command: Command;
  readonly data: Uint8Array;
  readonly changes: boolean;
  readonly credentials: Credentials;
  /** Milliseconds from now. */
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
  /** Of a command that changes something: nothing of it is sent at or after this, on the clock of the tools. */
  readonly notAfter?: number | undefined;
}

interface Pending {
  readonly ask: Ask;
  readonly credentials: Credentials;
  readonly settle: (answer: Answer) => void;
}

/** BMCs give up a quiet session after 30 s (ipmi_sim) to 60 s (specification); we are sooner, so that both sides agree. */
const IDLE_MS = 20_000;
/** How long closing waits for the answer to Close Session. */
const CLOSE_MS = 250;
/** More calls at once than any sane caller has. */
const MAX_WAITING = 64;

const failed = (failure: Failure): Answer => ({ kind: 'failed', failure, sent: false });

export class IpmiClient {
  readonly #clock: Clock;
  readonly #consoles: HedgedConsoles;
  #present: Pending | undefined;
  #waiting: Pending[] = [];
  #cancelAlarm: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;
  #whenClosed: (() => void) | undefined;

  constructor(settings: ClientSettings, clock: Clock, chance: Chance, openWire: OpenWire, seen: Seen) {
    this.#clock = clock;
    const tools: WireTools = {
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
      open: (events) => openWire(settings.host, settings.port, events),
    };
    this.#consoles = new HedgedConsoles(settings, tools, chance, seen, () => this.#proceed());
  }

  /** Never rejects. Settles by the deadline, at once on an abort, and at once when the client is closed. */
  ask(call: Call): Promise<Answer> {
    const { command, data, changes, credentials, ms, signal, notAfter } = call;
    if (this.#closed !== undefined || signal?.aborted === true || this.#waiting.length >= MAX_WAITING) {
      return Promise.resolve(failed(abandoned(command.name)));
    }
    if (ms <= 0) return Promise.resolve(failed(noAnswer(command.name, 0)));
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.after(ms, () => this.#expired(waiting));
      const onAbort = (): void => this.#aborted(waiting);
      const waiting: Pending = {
        ask: { command, data, changes, deadline: this.#clock.now() + ms, ...(notAfter === undefined ? {} : { notAfter }) },
        credentials,
        settle: (answer) => {
          cancelTimer();
          signal?.removeEventListener('abort', onAbort);
          resolve(answer);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#proceed();
    });
  }

  /** Closes the session and the socket. Idempotent; takes at most 250 ms, and calls in flight settle first. */
  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    this.#closed = new Promise((resolve) => {
      this.#whenClosed = resolve;
    });
    for (const waiting of this.#waiting.splice(0)) waiting.settle(failed(abandoned(waiting.ask.command.name)));
    this.#consoles.abandon();
    this.#proceed();
    return this.#closed;
  }

  #expired(waiting: Pending): void {
    if (waiting === this.#present) {
      this.#consoles.wake(waiting.ask.deadline);
      this.#proceed();
    } else this.#leaveQueue(waiting, noAnswer(waiting.ask.command.name, 0));
  }

  #aborted(waiting: Pending): void {
    if (waiting === this.#present) {
      this.#consoles.abandon();
      this.#proceed();
    } else this.#leaveQueue(waiting, abandoned(waiting.ask.command.name));
  }

  #leaveQueue(waiting: Pending, failure: Failure): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    waiting.settle(failed(failure));
  }

  /** After anything has happened: say what is to be said, settle what is settled, begin what is next, set the alarm. */
  #proceed(): void {
    this.#flush();
    const answer = this.#consoles.takeAnswer();
    if (answer !== undefined) {
      const present = this.#present;
      this.#present = undefined;
      present?.settle(answer);
    }
    if (!this.#consoles.busy) this.#next();
    this.#flush();
    this.#setAlarm();
    // `begin` may have settled at once (a deadline that has passed).
    if (!this.#consoles.busy && this.#present !== undefined) this.#proceed();
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next !== undefined || this.#whenClosed !== undefined) {
      this.#cancelIdle?.();
      this.#cancelIdle = undefined;
    }
    if (next !== undefined) {
      this.#present = next;
      this.#consoles.begin(next.ask, next.credentials);
      return;
    }
    if (this.#whenClosed === undefined) {
      if (this.#consoles.connected) this.#cancelIdle ??= this.#clock.after(IDLE_MS, () => this.#idle());
      return;
    }
    if (this.#consoles.beginClose(CLOSE_MS)) return;
    this.#flush();
    this.#consoles.hangUp();
    this.#whenClosed();
    this.#whenClosed = undefined;
  }

  #idle(): void {
    this.#cancelIdle = undefined;
    this.#consoles.end();
    this.#flush();
    this.#consoles.hangUp();
  }

  #flush(): void {
    this.#consoles.flush(this.#mayStillLeave());
  }

  /** For a datagram that waits for the name to be looked up: an order that was given up meanwhile, or whose time is over, stays here (C21). */
  #mayStillLeave(): () => boolean {
    const present = this.#present;
    if (present?.ask.changes !== true) return () => true;
    return () => this.#present === present && this.#clock.now() < (present.ask.notAfter ?? Number.POSITIVE_INFINITY);
  }

  #setAlarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    const at = this.#consoles.wakeAt;
    if (at === undefined) return;
    this.#cancelAlarm = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#cancelAlarm = undefined;
      this.#consoles.wake(Math.max(at, this.#clock.now()));
      this.#proceed();
    });
  }
}
