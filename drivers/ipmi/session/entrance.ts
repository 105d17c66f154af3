/** The way into a session: which cipher suite is tried, what a refusal means, when a login starts again. */
import { meaningOfStatus } from '../codec/index.ts';
import type { Established } from './established.ts';
import { refusedLogin, unproven } from './failures.ts';
import { Login, type LoginEvent, type LoginStep } from './login.ts';
import type { SuiteChoice } from './suites.ts';
import type { Chance, ConsoleSettings, Credentials, Failure, LoginSeen, Time } from './terms.ts';

/** Unanswered copies of a RAKP message before the login starts again: set-up sessions of OpenBMC live for 3 s. */
const LOGIN_TRIES = 7;
/** The same after a code that did not fit: a BMC that ignores repetitions has said what it had to say. */
const DOUBTED_TRIES = 3;
/** RAKP 4 refused though RAKP 2 fitted: a BMC that took a copy of RAKP 1 for a new one. More often than this it is something else. */
const MIX_UPS = 2;

export type EntranceEvent =
  | { readonly kind: 'nothing' }
  /** Not about the present message: only to be sent. */
  | { readonly kind: 'aside'; readonly datagram: Uint8Array }
  /** The present message once more. */
  | { readonly kind: 'repeat' }
  /** Another message is to be sent now; `answered`: because the one before was answered. First what gives back a login that is given up. */
  | { readonly kind: 'send'; readonly answered: boolean; readonly farewell?: readonly Uint8Array[] }
  /** The BMC has no slot (`busy`) or has lost the login (`stale`): pause, then start again. */
  | { readonly kind: 'busy' | 'stale'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly goodbye: Uint8Array | undefined }
  | { readonly kind: 'in'; readonly session: Established; readonly login: LoginSeen; readonly worthRemembering: boolean };

const NOTHING_NEW: EntranceEvent = { kind: 'nothing' };
const NEXT_TRY = { kind: 'send', answered: false } as const;

export class Entrance {
  readonly #settings: ConsoleSettings;
  readonly #chance: Chance;
  readonly #suites: SuiteChoice;
  readonly #credentials: Credentials;
  #login: Login;
  #mixUps = 0;
  /** Refusals without a tag that may still come for copies of an earlier Open Session. */
  #owedRefusals = 0;

  constructor(settings: ConsoleSettings, chance: Chance, suites: SuiteChoice, credentials: Credentials) {
    this.#settings = settings;
    this.#chance = chance;
    this.#suites = suites;
    this.#credentials = credentials;
    this.#login = this.#newLogin();
  }

  get step(): LoginStep {
    return this.#login.step;
  }

  get datagram(): Uint8Array {
    return this.#login.datagram;
  }

  /** Starts again from Open Session; `fromFirst`: with the first cipher suite. */
  restart(now: Time, deadline: Time, fromFirst: boolean): void {
    if (fromFirst) this.#suites.again(now, deadline);
    this.#login = this.#newLogin();
  }

  /** What gives back to the BMC whatever it may hold for this login. */
  farewell(): readonly Uint8Array[] {
    return this.#login.farewell();
  }

  #newLogin(): Login {
    return new Login(this.#suites.current, this.#settings, this.#credentials, this.#chance);
  }

  /** The present message was sent `sends` times and it is time to do something. */
  unanswered(sends: number, now: Time, deadline: Time): EntranceEvent {
    const login = this.#login;
    if (login.step === 'Open Session') {
      const { silentUntil } = this.#suites;
      if (silentUntil === undefined || now < silentUntil) return { kind: 'repeat' };
      this.#suites.silent(now, deadline);
      this.#login = this.#newLogin();
      return NEXT_TRY;
    }
    if (login.doubted && sends >= DOUBTED_TRIES) return this.#unproven(login.step, login.goodbye());
    if (sends < LOGIN_TRIES) return { kind: 'repeat' };
    const farewell = login.farewell();
    this.#login = this.#newLogin();
    return { ...NEXT_TRY, farewell };
  }

  receive(datagram: Uint8Array, sends: number, now: Time, deadline: Time): EntranceEvent {
    const event: LoginEvent = this.#login.receive(datagram);
    if (event.kind === 'ignored') return NOTHING_NEW;
    if (event.kind === 'surplus') return { kind: 'aside', datagram: event.goodbye };
    if (event.kind === 'refused') {
      const stray = event.nameless && event.step === 'Open Session' && this.#owedRefusals > 0;
      if (!stray) return this.#refused(event.step, event.status, sends, now, deadline);
      this.#owedRefusals -= 1;
      return NOTHING_NEW;
    }
    this.#owedRefusals = 0;
    if (event.kind === 'doubtful') return { kind: 'repeat' };
    if (event.kind === 'unproven') return this.#unproven(event.step, event.goodbye);
    if (event.kind === 'advanced') {
      this.#suites.opened();
      return { kind: 'send', answered: true };
    }
    const suite = this.#suites.current;
    return { kind: 'in', session: event.session, login: { suite, guid: event.guid }, worthRemembering: this.#suites.worked(now) };
  }

  /** After RAKP 2 the BMC can be told; after RAKP 4 it takes the session for open, and nothing of ours would be believed. */
  #unproven(step: LoginStep, goodbye: Uint8Array): EntranceEvent {
    const failure = unproven(step === 'RAKP 4' ? 'RAKP 4' : 'RAKP 2', this.#credentials.kg !== undefined);
    return { kind: 'failed', failure, goodbye: step === 'RAKP 4' ? undefined : goodbye };
  }

  #refused(step: LoginStep, status: number, sends: number, now: Time, deadline: Time): EntranceEvent {
    const failure = refusedLogin(step, status);
    const { means } = meaningOfStatus(status);
    // Before a user was named no status can be about the user: several BMCs answer 0Ah or 12h where 11h is meant (FreeIPMI).
    const early = step === 'Open Session';
    if ((early && means !== 'stale') || (means === 'suite' && step === 'RAKP 2')) {
      this.#owedRefusals = Math.max(0, sends - 1);
      if (this.#suites.refused(now, deadline)) {
        this.#login = this.#newLogin();
        return NEXT_TRY;
      }
      if (means !== 'busy') return { kind: 'failed', failure: { ...failure, lasting: true }, goodbye: undefined };
    }
    if (means === 'busy' || means === 'stale') return { kind: means, failure };
    if (step !== 'RAKP 4' || this.#mixUps >= MIX_UPS) return { kind: 'failed', failure, goodbye: undefined };
    this.#mixUps += 1;
    return { kind: 'stale', failure: { ...failure, lasting: false, credentials: false } };
  }
}
