/** Deterministic ports for probes: a clock that is moved by hand, children and connection attempts that do as told. */
import { EventEmitter } from 'node:events';
import type { Clock } from '../../src/coordinator/ports.ts';
import type { Child, Ended, Run } from '../../src/probes/child.ts';
import type { Ports } from '../../src/probes/ports.ts';
import { createPanel, type PanelSettings } from '../../src/probes/index.ts';
import type { Route } from '../../src/probes/route.ts';
import type { Attempt, Connect } from '../../src/probes/tcp.ts';

export class HandClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Something takes that long, and no timer runs meanwhile. */
  pass(ms: number): void {
    this.#now += ms;
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on, running what falls due at its own time, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settled();
  }
}

/** All promises that can settle without a timer or the outside have settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface Pinged {
  readonly command: string;
  readonly args: readonly string[];
  readonly at: number;
  finish(ended: Partial<Ended>): void;
  /** Ended by the probe. */
  over: boolean;
}

/** What iputils prints when the echo was answered. */
const SUMMARY = '\n--- 10.0.0.1 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n';

/** Children that end when the test says so. */
export const handRun = (clock: Clock): { readonly run: Run; readonly pings: Pinged[] } => {
  const pings: Pinged[] = [];
  const run: Run = (command, args): Child => {
    let finish: (ended: Ended) => void = () => undefined;
    const ended = new Promise<Ended>((resolve) => (finish = resolve));
    const pinged: Pinged = {
      command,
      args,
      at: clock.now(),
      over: false,
      finish: (how) => finish({ complaint: '', said: how.code === 0 ? SUMMARY : '', ...how }),
    };
    pings.push(pinged);
    return {
      ended,
      end: () => {
        pinged.over = true;
        finish({ complaint: '', said: '' });
      },
    };
  };
  return { run, pings };
};

export class HandAttempt extends EventEmitter implements Attempt {
  readonly address: string;
  readonly tcpPort: number;
  destroyed = false;

  constructor(address: string, tcpPort: number) {
    super();
    this.address = address;
    this.tcpPort = tcpPort;
  }

  fail(code: string): void {
    this.emit('error', Object.assign(new Error(code), { code }));
  }

  destroy(): this {
    this.destroyed = true;
    return this;
  }
}

/** Our own kernel knows a way to everybody. */
export const routed: Route = () => Promise.resolve(undefined);

/** A machine on which no ICMP socket can be had. */
export const WITHOUT_SOCKETS = 'no ICMP socket: the npm package koffi is not installed';
export const noSockets: Ports['native'] = { known: WITHOUT_SOCKETS, settled: () => Promise.resolve(WITHOUT_SOCKETS) };

export const handConnect = (): { readonly connect: Connect; readonly attempts: HandAttempt[] } => {
  const attempts: HandAttempt[] = [];
  const connect: Connect = (address, tcpPort) => {
    const attempt = new HandAttempt(address, tcpPort);
    attempts.push(attempt);
    return attempt;
  };
  return { connect, attempts };
};

/** A panel whose clock, pings and connections are in the hand of the test. */
export const handPanel = (settings: Pick<PanelSettings, 'referenceIps' | 'links'> & Partial<PanelSettings>) => {
  const clock = new HandClock();
  const { run, pings } = handRun(clock);
  const { connect, attempts } = handConnect();
  const panel = createPanel({ clock, run, connect, native: noSockets, self: { id: 'witness-1' }, ...settings });
  return { clock, pings, attempts, panel };
};
