/** The way into a session: which cipher suite is tried, what a refusal means, when a login starts again. */
import { meaningOfStatus } from '../codec/index.ts';
import type { Established } from './established.ts';
import { mixedUp, refusedLogin, unproven } from './failures.ts';
import { Login, type LoginEvent, type LoginStep } from './login.ts';
import type { MessageKind } from './pace.ts';
import type { Suites } from './suites.ts';
import type { Chance, ConsoleSettings, Credentials, Failure, LoginSeen, Time } from './terms.ts';
import type { Trial } from './trial.ts';
import type { Known, Way } from './next-send.ts';

/** Unanswered copies of a RAKP message before the login starts again: set-up sessions of OpenBMC live for 3 s. */
const LOGIN_TRIES = 7;
const MOST_UNOPENED = 8;

export type EntranceEvent =
  | { readonly kind: 'nothing' }
  /** Not about the present message: only to be sent. */
  | { readonly kind: 'aside'; readonly datagrams: readonly Uint8Array[] }
  /** The present message once more. */
  | { readonly kind: 'repeat' }
  /** Another message is to be sent now, because the last one was answered or (`opened`) an Open Session, the last one or one before it. */
  | { readonly kind: 'next'; readonly opened?: 'last' | 'earlier' }
  /** Another message is to be sent now, though nothing was answered. First what gives back a login that is given up. */
  | { readonly kind: 'send'; readonly farewell?: readonly Uint8Array[] }
  /**
   * A bad end, which `believe` gives where nothing better comes in the time that this BMC takes. `proven`: only one who heard us can have said
   * it; `nameless`: anybody can, so that also a BMC gets its time of which nobody knows how slow it is.
   */
  | { readonly kind: 'held'; readonly proven: boolean; readonly nameless: boolean }
  /** The BMC has no slot (`busy`) or has lost the login (`stale`): pause, then start again. First what gives back the login. */
  | { readonly kind: 'busy' | 'stale'; readonly failure: Failure; readonly farewell?: readonly Uint8Array[] }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly goodbye: Uint8Array | undefined }
  | { readonly kind: 'in'; readonly session: Established; readonly login: LoginSeen; readonly worthRemembering: boolean };

const NOTHING_NEW: EntranceEvent = { kind: 'nothing' };
const NEXT_TRY = { kind: 'send' } as const;

export class Entrance {
  readonly #settings: ConsoleSettings;
  readonly #chance: Chance;
  readonly #suites: Suites;
  readonly #credentials: Credentials;
  readonly #trial: Trial;
  readonly #way: Way;
  #login: Login;
  /** Logins whose Open Session was not answered before the next one left: the first that is answered goes on, the others are given back. */
  #unopened: readonly Login[] = [];
  /** The BMC heard no Open Session after that of this login: there are BMCs (pyghmi) that take the last one of a port in place of those before. */
  #newest = true;
  /** Copies of RAKP 1 that this login took, those included that the network made. */
  #challenges = 0;
  /** Refusals without a tag that may still come for copies of an earlier Open Session. */
  #owedRefusals = 0;
  #held: { readonly nameless: boolean; believe(now: Time, deadline: Time): EntranceEvent } | undefined;

  constructor(settings: ConsoleSettings, chance: Chance, suites: Suites, credentials: Credentials, known: Known) {
    this.#settings = settings;
    this.#chance = chance;
    this.#suites = suites;
    this.#credentials = credentials;
    this.#trial = known.trial;
    this.#way = known.way;
    this.#login = this.#newLogin();
  }

  get step(): LoginStep {
    return this.#login.step;
  }

  get kind(): MessageKind {
    if (this.step === 'Open Session') return 'open';
    return this.step === 'RAKP 2' ? 'rakp1' : 'rakp3';
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
    return this.#login.farewell(this.#way.lossy);
  }

  #newLogin(): Login {
    this.#held = undefined;
    this.#newest = true;
    this.#challenges = 0;
    return new Login(this.#suites.current, this.#settings, this.#credentials, this.#chance);
  }

  /** The present message was sent `sends` times and it is time to do something. `lasting`: this login is not to be given up for another. */
  unanswered(sends: number, now: Time, deadline: Time, lasting: boolean): EntranceEvent {
    const login = this.#login;
    const { careful } = this.#trial;
    if (sends === 0) return { kind: 'repeat' };
    if (login.step === 'Open Session') {
      const { silentUntil } = this.#suites;
      const silent = silentUntil !== undefined && now >= silentUntil;
      const held = silent ? undefined : this.#held;
      if (silent) this.#suites.silent(now, deadline);
      this.#setAside(login);
      this.#held = held;
      return silent ? NEXT_TRY : { kind: 'repeat' };
    }
    // Of RAKP 1 the last copy counts; a second RAKP 3 spoils the session of some.
    if ((!careful || login.step === 'RAKP 2') && (lasting || sends < LOGIN_TRIES)) return { kind: 'repeat' };
    const farewell = this.farewell();
    this.#login = this.#newLogin();
    return { ...NEXT_TRY, farewell };
  }

  receive(datagram: Uint8Array, sends: number, now: Time, deadline: Time): EntranceEvent {
    const { step } = this.#login;
    const event: LoginEvent = this.#login.receive(datagram);
    if (event.kind === 'ignored') return this.#opened(datagram);
    if (event.kind === 'surplus') {
      // Each Open Session of ours has an answer of its own: the network has doubled this one, and the BMC may have taken the copy in its place.
      this.#newest = false;
      this.#trial.doubled();
      return { kind: 'aside', datagrams: [event.goodbye] };
    }
    if (event.kind === 'repeated') {
      this.#challengedAgain();
      return NOTHING_NEW;
    }
    if (event.kind === 'refused') {
      const { status, nameless, proven } = event;
      if (step === 'Open Session') return this.#notOpened(status, nameless, proven, sends, now, deadline);
      // A tag has 255 values: whoever sends them all hits ours. Only who names our session has heard us.
      return this.#hold((later, end) => this.#refused(step, status, !proven, sends, later, end), proven, !proven);
    }
    this.#owedRefusals = 0;
    if (event.kind === 'misfit') return this.#misfit(sends);
    this.#held = undefined;
    if (event.kind === 'advanced') {
      if (step === 'RAKP 2') {
        this.#challenges = sends;
        this.#trial.rightCode();
      } else if (step === 'RAKP 4') this.#challengedAgain();
      this.#suites.opened(this.#login.suite);
      if (step === 'Open Session') return { kind: 'next', opened: 'last' };
      return { kind: step === 'RAKP 4' ? 'send' : 'next' };
    }
    const { suite } = this.#login;
    return { kind: 'in', session: event.session, login: { suite, guid: event.guid }, worthRemembering: this.#suites.worked(now, suite) };
  }

  /** One more RAKP 2: where one RAKP 1 was sent, the network has doubled it. */
  #challengedAgain(): void {
    if (this.#challenges === 1) this.#trial.doubled();
    this.#challenges += 1;
  }

  /** An answer to an earlier Open Session: that login goes on where no other does, else it is given back. */
  #opened(datagram: Uint8Array): EntranceEvent {
    const login = this.#unopened.find((each) => each.receive(datagram).kind === 'advanced');
    if (login === undefined) return NOTHING_NEW;
    this.#unopened = this.#unopened.filter((each) => each !== login);
    if (this.step !== 'Open Session') return { kind: 'aside', datagrams: login.farewell(this.#way.lossy) };
    this.#unopened = [...this.#unopened, this.#login];
    this.#login = login;
    this.#newest = false;
    this.#suites.opened(login.suite);
    return { kind: 'next', opened: 'earlier' };
  }

  /** Another login begins; the answer to this one still counts where it comes first. */
  #setAside(login: Login): void {
    this.#unopened = [...this.#unopened, login].slice(-MOST_UNOPENED);
    this.#login = this.#newLogin();
  }

  /** The next suite is tried at once; but what names neither message nor session may be anybody's, and the login that it is about may go on. */
  #notOpened(status: number, nameless: boolean, proven: boolean, sends: number, now: Time, deadline: Time): EntranceEvent {
    if (nameless && this.#owedRefusals > 0) {
      this.#owedRefusals -= 1;
      return NOTHING_NEW;
    }
    if (proven) return this.#refused('Open Session', status, false, sends, now, deadline);
    if (!nameless && this.#suites.hasOthers) {
      // Our tag, and no session (ipmi_sim): the next suite at once, and the answer to this one still counts where somebody guessed the tag.
      this.#setAside(this.#login);
      return this.#refused('Open Session', status, false, sends, now, deadline);
    }
    // Copies had their time to be refused too: none of it is owed after the wait.
    const believed = (later: Time, end: Time): EntranceEvent => {
      this.#setAside(this.#login);
      return this.#refused('Open Session', status, true, 1, later, end);
    };
    return this.#hold(believed, false, true);
  }

  /** Nothing better has come than what was held. */
  believe(now: Time, deadline: Time): EntranceEvent {
    const held = this.#held;
    this.#held = undefined;
    return held?.believe(now, deadline) ?? NOTHING_NEW;
  }

  #hold(believe: (now: Time, deadline: Time) => EntranceEvent, proven: boolean, nameless: boolean): EntranceEvent {
    // What anybody may have said takes no other's place.
    if (nameless && this.#held?.nameless === false) return NOTHING_NEW;
    this.#held = { nameless, believe };
    return { kind: 'held', proven, nameless };
  }

  /**
   * A code that does not fit. Where the BMC may have heard two copies it says nothing about the password: pyghmi takes the second Open Session
   * in place of the first, OpenBMC makes other keys of a second RAKP 3. One flipped bit is no wrong password either, and what is said to another
   * copy of the same message has the same cause: a login of its own has to confirm it, from another port.
   */
  #misfit(sends: number): EntranceEvent {
    const step = this.#login.step === 'RAKP 4' ? 'RAKP 4' : 'RAKP 2';
    const failure = unproven(step, this.#credentials.kg !== undefined);
    const second = step === 'RAKP 2';
    this.#trial.suspect(failure, second ? this.#newest : this.#single(sends), mixedUp(step), second);
    return this.#hold(
      () => {
        // What came meanwhile may show that it was heard twice.
        const verdict = second ? this.#trial.wrongCode(this.#newest) : this.#trial.wrongProof(this.#single(sends));
        return verdict ? this.#unproven(failure, step) : { kind: 'stale', failure: mixedUp(step), farewell: this.farewell() };
      },
      true,
      false,
    );
  }

  /** After RAKP 2 the BMC can be told; after RAKP 4 it takes the session for open, and nothing of ours would be believed. */
  #unproven(failure: Failure, step: LoginStep): EntranceEvent {
    return { kind: 'failed', failure, goodbye: step === 'RAKP 4' ? undefined : this.#login.goodbye() };
  }

  /** The BMC heard one copy of each message of this login, as far as we know. */
  #single(sends: number): boolean {
    return this.#challenges < 2 && sends < 2;
  }

  #refused(step: LoginStep, status: number, nameless: boolean, sends: number, now: Time, deadline: Time): EntranceEvent {
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
      if (means !== 'busy') return this.#rejected({ ...failure, lasting: true }, status, nameless);
    }
    if (means === 'busy' || means === 'stale') return { kind: means, failure };
    // RAKP 2 has shown that the password is right: a BMC that took a copy of RAKP 1 for a new one refuses RAKP 3 too.
    if (step === 'RAKP 4') {
      this.#trial.suspect(failure, this.#single(sends), mixedUp(step), false);
      if (this.#trial.wrongProof(this.#single(sends))) return { kind: 'failed', failure, goodbye: undefined };
      return { kind: 'stale', failure: passing(failure) };
    }
    return this.#rejected(failure, status, nameless);
  }

  /**
   * A refusal that is no matter of time. One that names nothing has to be said to two logins, and so has one of a login after which another Open
   * Session left: there are BMCs that end the older one of a user then, and call it unknown.
   */
  #rejected(failure: Failure, status: number, nameless: boolean): EntranceEvent {
    if ((!nameless && this.#newest) || this.#trial.refused(status)) return { kind: 'failed', failure, goodbye: undefined };
    this.#trial.suspect(failure, true, failure, true);
    if (this.step === 'Open Session') return { kind: 'busy', failure: passing(failure) };
    return { kind: 'stale', failure: passing(failure), farewell: [this.#login.goodbye()] };
  }
}

/** It may be better the next time. */
const passing = (failure: Failure): Failure => ({ ...failure, lasting: false, credentials: false });
