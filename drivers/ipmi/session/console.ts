/**
 * The console's side of a conversation with one BMC, as a machine: bytes, time and one command go in; bytes, an alarm time and one answer
 * come out. It logs in when there is no session, keeps the session for the next command, and sends again what was not answered.
 */
import { COMMAND, meaningOfCompletion, NOTHING } from '../codec/index.ts';
import { Doubt } from './doubt.ts';
import { Entrance, type EntranceEvent } from './entrance.ts';
import type { Established, Request, Response } from './established.ts';
import { abandoned, cannotSend, lackingPrivilege, noAnswer, refusedCommand, tooLate, unreachable } from './failures.ts';
import { Listening } from './listening.ts';
import { Outbox } from './outbox.ts';
import type { Suites } from './suites.ts';
import {
  type Answer,
  type Ask,
  type Chance,
  type ConsoleSettings,
  type Credentials,
  type Failure,
  type Progress,
  type Seen,
  sameCredentials,
  type Time,
} from './terms.ts';
import { UnderWay } from './under-way.ts';
import { type Known, NextSend } from './next-send.ts';

export class BmcConsole {
  readonly #settings: ConsoleSettings;
  readonly #chance: Chance;
  readonly #waiting: NextSend;
  readonly #suites: Suites;
  readonly #seen: Seen;
  readonly #known: Known;
  #credentials: Credentials | undefined;
  readonly out = new Outbox();
  #entrance: Entrance | undefined;
  #session: Established | undefined;
  /** True once Set Session Privilege Level was answered. */
  #ready = false;
  #ask: Ask | undefined;
  #answer: Answer | undefined;
  #request: Request | undefined;
  readonly #listening = new Listening();
  readonly #doubt = new Doubt();
  /** What the BMC said when it asked for time. */
  #trouble: Failure | undefined;
  #closing = false;
  readonly #underWay = new UnderWay();
  /** There is another login beside this one, so that this one need not be given up for a new one. */
  accompanied = false;
  /** When a bad end of the login is to be believed, where nothing better comes before. */
  #believeAt: Time | undefined;

  /** `suites` and `known` may be those of another console to the same BMC. `seen` is told of each login. */
  constructor(settings: ConsoleSettings, chance: Chance, suites: Suites, known: Known, seen: Seen) {
    this.#settings = settings;
    this.#chance = chance;
    this.#waiting = new NextSend(() => chance.random(), known);
    this.#known = known;
    this.#suites = suites;
    this.#seen = seen;
  }

  /** One command at a time: only after the answer to the one before was taken. `sent`: another console may have sent a copy of it. */
  begin(ask: Ask, now: Time, credentials: Credentials, sent = false): void {
    // Half a login waits for the same message as before, and as long; but not with other credentials, nor when the BMC may have lost it.
    const others = this.#credentials !== undefined && !sameCredentials(this.#credentials, credentials);
    if (others) this.#known.trial.over();
    if (this.#entrance !== undefined && (others || now >= (this.wakeAt ?? Number.POSITIVE_INFINITY))) this.end();
    this.#credentials = credentials;
    this.#ask = ask;
    this.#doubt.begin();
    this.#answer = undefined;
    this.#listening.begin();
    this.#underWay.sent = sent;
    // Closing the session makes every copy worthless that may still arrive.
    if (this.#underWay.contradicts(ask) || this.#doubt.settled(now)) this.end();
    if (this.#entrance === undefined) {
      this.#waiting.reset();
      this.#trouble = undefined;
    }
    if (now >= ask.deadline) this.#fail(noAnswer(this.step, 0));
    else if (this.#session !== undefined) this.#speak(now);
    else if (this.#entrance !== undefined) this.#resume(now);
    else this.#enter(now, ask.deadline);
  }

  /** What is being waited for, in the words of the specification. */
  get step(): string {
    return this.#entrance?.step ?? this.#request?.command.name ?? this.#ask?.command.name ?? 'Open Session';
  }

  get busy(): boolean {
    return this.#ask !== undefined;
  }

  /** When `wake` is to be called; undefined where nothing is being waited for. */
  get wakeAt(): Time | undefined {
    if (this.#ask === undefined) return this.halfOpen ? this.#freshUntil : undefined;
    const { deadline } = this.#ask;
    return Math.min(this.#waiting.dueAt ?? deadline, this.#believeAt ?? deadline, deadline);
  }

  get progress(): Progress {
    const loggingIn = this.#believeAt === undefined && (this.#entrance !== undefined || (this.#session !== undefined && !this.#ready));
    return {
      ready: this.#ready,
      sent: this.#underWay.sent,
      troubled: this.#trouble !== undefined,
      owed: loggingIn && this.#ask !== undefined ? this.#waiting.owed : undefined,
    };
  }

  /** The answer to the command, once. */
  takeAnswer(): Answer | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }

  /** A datagram from the BMC's address and port. */
  receive(datagram: Uint8Array, now: Time): void {
    if (this.#session !== undefined) {
      const response = this.#session.receive(datagram, this.#waiting.pausing ? undefined : this.#request, now);
      if (this.#session.heardAt === now) this.#doubt.heard(now);
      else this.#doubt.disturbed();
      if (response === 'surplus') this.#waiting.surplus();
      else if (response !== undefined && this.#ask !== undefined) this.#answered(response, now);
    } else if (this.#entrance !== undefined && !this.#waiting.pausing) {
      const deadline = this.#ask?.deadline ?? this.#waiting.freshUntil(now);
      const opening = !this.halfOpen;
      const event = this.#entrance.receive(datagram, this.#waiting.sends, now, deadline);
      if (event.kind !== 'nothing') this.#waiting.heard(opening && event.kind !== 'next' && event.kind !== 'held');
      this.#entranceEvent(event, now, deadline);
    }
  }

  /** `wakeAt` has come. */
  wake(now: Time): void {
    if (this.#ask === undefined) {
      if (now >= (this.wakeAt ?? Number.POSITIVE_INFINITY)) this.end();
    } else if (now >= this.#ask.deadline) {
      const said = this.#listening.nobody ? unreachable(this.step) : noAnswer(this.step, this.#waiting.sends);
      if (this.#session !== undefined) this.#doubt.ended(this.#waiting.sends);
      this.#fail((this.#session === undefined ? this.#known.trial.suspicion : undefined) ?? this.#trouble ?? said);
    } else if (now >= (this.#believeAt ?? Number.POSITIVE_INFINITY)) {
      this.#believeAt = undefined;
      if (this.#entrance !== undefined) this.#entranceEvent(this.#entrance.believe(now, this.#ask.deadline), now, this.#ask.deadline);
    } else if (!this.#waiting.endPause(now) && now >= (this.#waiting.dueAt ?? now)) this.#unanswered(now);
  }

  /** The network said that nothing listens on the BMC's port. One such message proves little; silence after it proves more. */
  refused(now: Time): void {
    if (this.#ask !== undefined && this.#listening.refused(now)) this.#fail(unreachable(this.step));
  }

  /** Sending itself fails (no route, no such address). */
  cannotSend(reason: string): void {
    if (this.#ask !== undefined) this.#fail(cannotSend(this.step, reason));
  }

  /** The caller gives up: settles at once. A session stays for the next command. */
  abandon(): void {
    if (this.#ask === undefined) return;
    // The last copy may still be answered.
    if (this.#session !== undefined) this.#doubt.ended(this.#waiting.sends - 1);
    this.#fail(abandoned(this.step));
  }

  /** Gives the session back, or half a login: what is said to that end is not waited for. */
  end(): void {
    if (this.#session !== undefined) this.out.say(this.#session.close());
    if (this.#entrance !== undefined) this.out.say(...this.#entrance.farewell());
    if (this.#session !== undefined || this.halfOpen) this.out.move();
    this.#forget();
  }

  /** The BMC answers again after a silence. */
  revive(now: Time): void {
    if (this.#entrance?.step === 'Open Session') this.#waiting.revive(now);
  }

  /** Nothing is wanted any more. True where the BMC may still open a session for a copy of Open Session: then `end` follows its answer. */
  leave(): boolean {
    const owed = this.#entrance !== undefined && !this.halfOpen && this.#waiting.sends > 0;
    this.#ask = undefined;
    this.#answer = undefined;
    this.#waiting.clear();
    if (!owed) this.end();
    return owed;
  }

  /** Like `end`, but the Close Session is a command that is repeated until it is answered. False: there is none to wait for. */
  beginClose(now: Time, ms: number): boolean {
    const session = this.#session;
    if (session === undefined) {
      this.end();
      return false;
    }
    this.#closing = true;
    this.#ask = { command: COMMAND.closeSession, data: session.closeData, changes: false, deadline: now + ms };
    this.#waiting.reset();
    this.#request = session.request(this.#ask.command, this.#ask.data);
    this.#send(now);
    return true;
  }

  /** The BMC holds a slot for a login that is not complete. */
  get halfOpen(): boolean {
    return this.#entrance !== undefined && this.#entrance.step !== 'Open Session';
  }

  get #freshUntil(): Time {
    return this.#waiting.freshUntil(this.#listening.lastHeardAt);
  }

  #forget(): void {
    this.#session = undefined;
    this.#entrance = undefined;
    this.#request = undefined;
    this.#ready = false;
    this.#underWay.forget();
    this.#believeAt = undefined;
    this.#doubt.forget();
    this.#waiting.clear();
  }

  #settle(answer: Answer): void {
    this.#answer = answer;
    this.#ask = undefined;
    this.#request = undefined;
    // Half a login goes on with the next command, and so do its pauses.
    if (this.#entrance === undefined) this.#waiting.clear();
    if (this.#closing) this.#forget();
    this.#closing = false;
  }

  #fail(failure: Failure): void {
    this.#settle({ kind: 'failed', failure, sent: this.#underWay.sent });
  }

  #heard(now: Time): void {
    this.#listening.heard(now);
    this.#doubt.heard(now);
  }

  #send(now: Time): void {
    this.#waiting.start(this.#entrance?.kind ?? 'session', now);
    if (now >= (this.#waiting.dueAt ?? now)) this.#transmit(now);
  }

  #transmit(now: Time): void {
    const { changes = false, notAfter = Number.POSITIVE_INFINITY } = this.#ask ?? {};
    if (changes && this.#ready && this.#entrance === undefined && now >= notAfter) {
      this.#doubt.ended(this.#waiting.sends);
      this.#fail(tooLate(this.step, this.#underWay.sent));
      return;
    }
    if (this.#entrance !== undefined) this.out.say(this.#entrance.datagram);
    else if (this.#session !== undefined && this.#request !== undefined) {
      this.out.say(this.#session.seal(this.#request));
      this.#doubt.sent(now);
      if (this.#ready) this.#underWay.leaves(this.#ask);
    }
    this.#waiting.sent(now);
  }

  #unanswered(now: Time): void {
    const { sends } = this.#waiting;
    const deadline = this.#ask?.deadline ?? now;
    if (this.#entrance !== undefined) {
      this.#entranceEvent(this.#entrance.unanswered(sends, now, deadline, this.accompanied), now, deadline);
    } else if (this.accompanied || this.#doubt.again(sends, now)) this.#transmit(now);
    else {
      this.end();
      this.#enter(now, deadline);
    }
  }

  #enter(now: Time, deadline: Time): void {
    this.#forget();
    this.#suites.startRound(now, deadline);
    const credentials = this.#credentials ?? { password: NOTHING };
    this.#entrance = new Entrance(this.#settings, this.#chance, this.#suites, credentials, this.#known);
    this.#send(now);
  }

  /** Half a login goes on: what was sent is sent again when its time comes. */
  #resume(now: Time): void {
    if (this.#waiting.pausing) return;
    this.#trouble = undefined;
    if (this.#waiting.dueAt === undefined) this.#send(now);
    else if (now >= this.#waiting.dueAt) this.#unanswered(now);
  }

  #entranceEvent(event: EntranceEvent, now: Time, deadline: Time): void {
    if (event.kind === 'nothing') return;
    const believeAt = this.#believeAt ?? Number.POSITIVE_INFINITY;
    if (event.kind !== 'aside' && event.kind !== 'repeat') this.#believeAt = undefined;
    switch (event.kind) {
      case 'aside':
        this.out.say(...event.datagrams);
        return;
      case 'held':
        this.#believeAt = Math.min(believeAt, this.#waiting.betterUntil(now, event.nameless, deadline));
        if (event.proven) this.#waiting.badEnd(now);
        return;
      case 'repeat':
        if (this.#ask !== undefined) this.#transmit(now);
        return;
      case 'send':
      case 'next':
        if (event.kind === 'next') this.#loginAnswered(now, event.opened);
        else this.out.part(event.farewell);
        if (this.#ask === undefined) this.#waiting.clear();
        else this.#send(now);
        return;
      case 'busy':
      case 'stale':
        this.out.part(event.farewell);
        this.#pauseLogin(event.kind, event.failure, now, deadline);
        return;
      case 'failed':
        if (event.goodbye !== undefined) this.out.say(event.goodbye);
        this.#known.trial.over();
        this.#forget();
        if (this.#ask !== undefined) this.#fail(event.failure);
        return;
      case 'in':
        this.#loginAnswered(now);
        this.#entrance = undefined;
        this.#session = event.session;
        this.#waiting.reset();
        this.#seen(event.login, event.worthRemembering);
        this.#speak(now);
    }
  }

  #loginAnswered(now: Time, opened?: 'last' | 'earlier'): void {
    this.#heard(now);
    this.#trouble = undefined;
    if (opened === undefined) this.#waiting.answered(now);
    else this.#waiting.opened(now, opened === 'last');
  }

  #pauseLogin(kind: 'busy' | 'stale', failure: Failure, now: Time, deadline: Time): void {
    this.#heard(now);
    this.#trouble = failure;
    // What the BMC has lost is not given back to it.
    if (kind === 'stale') this.#entrance?.restart(now, deadline, false);
    const again = (later: Time): void => {
      if (kind === 'busy') this.#entrance?.restart(later, this.#ask?.deadline ?? deadline, true);
      this.#send(later);
    };
    if (kind === 'busy') this.#waiting.backOff(now, again);
    else this.#waiting.restart(now, again);
  }

  /** Sends the privilege request of a new session, or the command. */
  #speak(now: Time): void {
    const [session, ask] = [this.#session, this.#ask];
    if (session === undefined || ask === undefined) return;
    this.#request = this.#ready
      ? session.request(ask.command, ask.data)
      : session.request(COMMAND.setSessionPrivilege, Uint8Array.of(this.#settings.privilege));
    this.#send(now);
  }

  #answered(response: Response, now: Time): void {
    this.#heard(now);
    const { completionCode, data } = response;
    const means = completionCode === 0 ? undefined : meaningOfCompletion(completionCode).means;
    if (means === 'keep-waiting') return;
    if (this.#ready) this.#underWay.answered(this.#ask);
    this.#waiting.answered(now);
    if (means === 'later' && !this.#closing) {
      this.#trouble = refusedCommand(this.step, completionCode);
      this.#waiting.backOff(now, (later) => this.#speak(later));
      return;
    }
    if (this.#ready || this.#closing) {
      this.#doubt.answered();
      this.#settle({ kind: 'answered', completionCode, data });
      return;
    }
    const failure = lackingPrivilege(this.step, response, this.#settings.privilege);
    if (failure !== undefined) {
      this.end();
      this.#fail(failure);
      return;
    }
    this.#ready = true;
    this.#known.trial.over();
    this.#speak(now);
  }
}
