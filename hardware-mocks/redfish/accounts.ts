/** Users and sessions of a Redfish service. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MockClock } from '../clock.ts';
import type { ByteSource } from '../random.ts';
import type { Faulty } from '../faulty.ts';

export interface RedfishUser {
  readonly name: string;
  readonly password: string;
  /** Operators may switch (default), readers only look. */
  readonly role?: 'Operator' | 'ReadOnly';
}

export interface Session {
  readonly id: string;
  readonly token: string;
  readonly user: RedfishUser;
  usedAt: number;
}

type Entry = { readonly user: RedfishUser; readonly session?: Session } | 'refused' | 'locked-out' | 'none';

export class Accounts {
  /** Passwords that were looked at, right or wrong. */
  logins = 0;
  opened = 0;
  /** Sessions that ended by themselves: somebody did not give them back. */
  leaked = 0;
  readonly #users: readonly RedfishUser[];
  readonly #clock: MockClock;
  readonly #bytes: ByteSource;
  readonly #faults: Faulty;
  readonly #lifeMs: number;
  readonly #max: number;
  readonly #sessions = new Map<string, Session>();

  constructor(options: {
    readonly users: readonly RedfishUser[];
    readonly clock: MockClock;
    readonly bytes: ByteSource;
    readonly faults: Faulty;
    readonly lifeMs: number;
    readonly max: number;
  }) {
    this.#users = options.users;
    this.#clock = options.clock;
    this.#bytes = options.bytes;
    this.#faults = options.faults;
    this.#lifeMs = options.lifeMs;
    this.#max = options.max;
  }

  get users(): readonly RedfishUser[] {
    return this.#users;
  }

  get sessions(): readonly Session[] {
    this.#forgetOld();
    return [...this.#sessions.values()];
  }

  /** Who asks? */
  enter(headers: { readonly token: string | undefined; readonly authorization: string | undefined }): Entry {
    if (headers.token !== undefined) {
      const session = this.sessions.find(({ token }) => sameText(token, headers.token ?? ''));
      if (session === undefined) return 'refused';
      session.usedAt = this.#clock.now();
      return { user: session.user, session };
    }
    const basic = /^Basic ([A-Za-z0-9+/=]{1,2000})$/.exec(headers.authorization ?? '')?.[1];
    if (basic === undefined) return 'none';
    const [name = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return this.login(name, password.join(':'));
  }

  login(name: string, password: string): Entry {
    this.logins += 1;
    if (this.#faults.login() === 'locked-out') return 'locked-out';
    const user = this.#users.find((each) => each.name === name);
    if (user !== undefined && sameText(user.password, password)) return { user };
    this.#faults.badPassword();
    return 'refused';
  }

  /** A new session, or undefined where none is free. */
  open(user: RedfishUser): Session | undefined {
    this.#forgetOld();
    if (this.#faults.login() === 'exhausted' || this.#sessions.size >= this.#max) return undefined;
    this.opened += 1;
    const session = { id: String(this.opened), token: Buffer.from(this.#bytes(16)).toString('hex'), user, usedAt: this.#clock.now() };
    this.#sessions.set(session.id, session);
    return session;
  }

  end(id: string): boolean {
    return this.#sessions.delete(id);
  }

  forgetAll(): void {
    this.#sessions.clear();
  }

  #forgetOld(): void {
    for (const [id, { usedAt }] of this.#sessions) {
      if (this.#clock.now() - usedAt < this.#lifeMs) continue;
      this.#sessions.delete(id);
      this.leaked += 1;
    }
  }
}

function sameText(given: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
