/** The session table: few slots, as on real boards, and nothing else that a stranger's datagram could make grow. */
import type { CipherSuite } from '../../drivers/ipmi/codec/algorithms/suites.ts';
import type { SessionKeys } from '../../drivers/ipmi/codec/rmcpplus.ts';
import { freshWindow, type ReceiveWindow } from '../../drivers/ipmi/codec/sequence.ts';
import type { MockClock } from '../clock.ts';
import type { ByteSource } from '../random.ts';
import type { KnownUser } from './settings.ts';

export interface Session {
  /** The BMC's id, which the console sends; never 0. */
  readonly id: number;
  readonly idBytes: Uint8Array;
  /** The console's id, which the BMC sends. */
  readonly consoleId: Uint8Array;
  readonly suite: CipherSuite;
  /** Highest privilege that Open Session asked for. */
  readonly ceiling: number;
  stage: 'opened' | 'challenged' | 'active';
  heardAt: number;
  user: KnownUser | undefined;
  consoleRandom: Uint8Array;
  readonly ownRandom: { value: Uint8Array | undefined };
  /** Role byte as sent in RAKP 1. */
  role: number;
  /** Highest privilege that this session may raise itself to. */
  limit: number;
  privilege: number;
  keys: SessionKeys | undefined;
  /** Check value of RAKP 4, kept for a console that asks again. */
  checkValue: Uint8Array;
  window: ReceiveWindow;
  sent: number;
}

export interface SessionCount {
  opened: number;
  activated: number;
  closed: number;
  /** Active sessions that were never closed and ran into the idle limit: slots that a client leaked. */
  leaked: number;
  /** Logins that did not go on. */
  abandoned: number;
  refused: number;
}

interface Limits {
  readonly maxSessions: number;
  readonly loginExpiresMs: number;
  readonly idleExpiresMs: number;
  readonly bytes: ByteSource;
}

export class SessionTable {
  readonly count: SessionCount = { opened: 0, activated: 0, closed: 0, leaked: 0, abandoned: 0, refused: 0 };
  readonly #limits: Limits;
  readonly #clock: MockClock;
  readonly #byId = new Map<number, Session>();

  constructor(limits: Limits, clock: MockClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get size(): number {
    this.#expire();
    return this.#byId.size;
  }

  get active(): number {
    this.#expire();
    let active = 0;
    for (const session of this.#byId.values()) if (session.stage === 'active') active += 1;
    return active;
  }

  get slots(): number {
    return this.#limits.maxSessions;
  }

  /** Undefined: no free slot. */
  open(consoleId: Uint8Array, suite: CipherSuite, ceiling: number): Session | undefined {
    this.#expire();
    if (this.#byId.size >= this.#limits.maxSessions) {
      this.count.refused += 1;
      return undefined;
    }
    const [id, idBytes] = this.#freshId();
    const nothing = new Uint8Array(0);
    const session: Session = {
      id,
      idBytes,
      consoleId,
      suite,
      ceiling,
      stage: 'opened',
      heardAt: this.#clock.now(),
      user: undefined,
      consoleRandom: nothing,
      ownRandom: { value: undefined },
      role: 0,
      limit: 0,
      privilege: 2,
      keys: undefined,
      checkValue: nothing,
      window: freshWindow,
      sent: 0,
    };
    this.#byId.set(id, session);
    this.count.opened += 1;
    return session;
  }

  find(id: number): Session | undefined {
    this.#expire();
    return this.#byId.get(id);
  }

  touch(session: Session): void {
    session.heardAt = this.#clock.now();
  }

  close(session: Session): void {
    if (this.#byId.delete(session.id) && session.stage === 'active') this.count.closed += 1;
  }

  /** The BMC starts anew: nobody is logged in. */
  forgetAll(): void {
    this.#byId.clear();
  }

  #freshId(): readonly [number, Uint8Array] {
    for (;;) {
      const bytes = this.#limits.bytes(4);
      const id = ((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) | ((bytes[2] ?? 0) << 16) | ((bytes[3] ?? 0) << 24)) >>> 0;
      if (id !== 0 && !this.#byId.has(id)) return [id, bytes];
    }
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const [id, session] of this.#byId) {
      const active = session.stage === 'active';
      if (now - session.heardAt < (active ? this.#limits.idleExpiresMs : this.#limits.loginExpiresMs)) continue;
      this.#byId.delete(id);
      if (active) this.count.leaked += 1;
      else this.count.abandoned += 1;
    }
  }
}
