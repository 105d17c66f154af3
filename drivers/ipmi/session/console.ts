/**
 * The console's side of a conversation with one BMC, as a machine: bytes, time and one command go in; bytes, an alarm time and one answer
 * come out. It logs in when there is no session, keeps the session for the next command, and sends again what was not answered.
 */
import { COMMAND, decodePrivilege, meaningOfCompletion, NOTHING } from '../codec/index.ts';
import { Doubt } from './doubt.ts';
import { Entrance, type EntranceEvent } from './entrance.ts';
import type { Established, Request, Response } from './established.ts';
import { abandoned, cannotSend, noAnswer, refusedCommand, refusedPrivilege, tooLate, unreachable } from './failures.ts';
import { SuiteChoice } from './suites.ts';
import {
  type Answer,
  type Ask,
  type Chance,
  type ConsoleSettings,
  type Credentials,
  type Failure,
  type LoginSeen,
  sameAsk,
  sameCredentials,
  type Time,
} from './terms.ts';
import { Waiting } from './waiting.ts';

/** Half a login is taken up again by the next command within this time, and given back after it: BMCs forget it after 3 s or more. */
const LOGIN_FRESH_MS = 2000;
/** How long "nothing listens here" has to last: a BMC that restarts says so too. */
const UNREACHABLE_MS = 1500;

export class BmcConsole {
  readonly #settings: ConsoleSettings;
  readonly #chance: Chance;
  readonly #waiting: Waiting;
  readonly #suites: SuiteChoice;
  readonly #seen: (login: LoginSeen, worthRemembering: boolean) => void;
  #credentials: Credentials = { password: NOTHING };
  #out: Uint8Array[] = [];
  #entrance: Entrance | undefined;
  #session: Established | undefined;
  /** True once Set Session Privilege Level was answered. */
  #ready = false;
  #ask: Ask | undefined;
  #answer: Answer | undefined;
  #request: Request | undefined;
  #lastHeardAt: Time = Number.NEGATIVE_INFINITY;
  readonly #doubt = new Doubt();
  #refusedSince: Time | undefined;
  /** What the BMC said when it asked for time. */
  #trouble: Failure | undefined;
  #sentAsk = false;
  #closing = false;
  /** A changing command of which a copy may still be under way to the BMC. */
  #underWay: Ask | undefined;

  /** `remembered`: id of the suite that worked last time. `seen` is told of each login. */
  constructor(
    settings: ConsoleSettings,
    chance: Chance,
    remembered: number | undefined,
    seen: (login: LoginSeen, worthRemembering: boolean) => void,
  ) {
    this.#settings = settings;
    this.#chance = chance;
    this.#waiting = new Waiting(() => chance.random());
    this.#suites = new SuiteChoice(settings.suites, remembered);
    this.#seen = seen;
  }

  /** One command at a time: only after the answer to the one before was taken. */
  begin(ask: Ask, now: Time, credentials: Credentials): void {
    // Half a login waits for the same message as before, and as long; but not with other credentials, nor when the BMC may have lost it.
    if (this.#entrance !== undefined && (this.#isStale(now) || !sameCredentials(this.#credentials, credentials))) this.end();
    this.#credentials = credentials;
    this.#ask = ask;
    this.#doubt.begin();
    this.#answer = undefined;
    this.#refusedSince = undefined;
    this.#sentAsk = false;
    // A late copy of an off must not follow an on: closing the session makes it worthless.
    const earlier = this.#underWay;
    if (ask.changes && earlier !== undefined && !sameAsk(earlier, ask)) this.end();
    if (this.#doubt.settled) this.end();
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
    if (this.#ask === undefined) return this.#halfOpen ? this.#lastHeardAt + LOGIN_FRESH_MS : undefined;
    return Math.min(this.#waiting.dueAt ?? this.#ask.deadline, this.#ask.deadline);
  }

  /** Datagrams to be sent, in order. */
  drain(): readonly Uint8Array[] {
    const out = this.#out;
    this.#out = [];
    return out;
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
      const deadline = this.#ask?.deadline ?? now + LOGIN_FRESH_MS;
      const event = this.#entrance.receive(datagram, this.#waiting.sends, now, deadline);
      if (event.kind === 'nothing') return;
      this.#waiting.heard();
      this.#entranceEvent(event, now, deadline);
    }
  }

  /** `wakeAt` has come. */
  wake(now: Time): void {
    if (this.#ask === undefined) {
      if (this.#isStale(now)) this.end();
    } else if (now >= this.#ask.deadline) {
      const said = this.#refusedSince === undefined ? noAnswer(this.step, this.#waiting.sends) : unreachable(this.step);
      if (this.#session !== undefined) this.#doubt.ended(this.#waiting.sends);
      this.#fail(this.#trouble ?? said);
    } else if (!this.#waiting.endPause(now) && now >= (this.#waiting.dueAt ?? now)) this.#unanswered(now);
  }

  /** The network said that nothing listens on the BMC's port. One such message proves little; silence after it proves more. */
  refused(now: Time): void {
    if (this.#ask === undefined) return;
    this.#refusedSince ??= now;
    if (now - this.#refusedSince >= UNREACHABLE_MS) this.#fail(unreachable(this.step));
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
    if (this.#session !== undefined) this.#out.push(this.#session.close());
    if (this.#entrance !== undefined) this.#out.push(...this.#entrance.farewell());
    this.#forget();
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
  get #halfOpen(): boolean {
    return this.#entrance !== undefined && this.#entrance.step !== 'Open Session';
  }

  #isStale(now: Time): boolean {
    return this.#halfOpen && now - this.#lastHeardAt >= LOGIN_FRESH_MS;
  }

  #forget(): void {
    this.#session = undefined;
    this.#entrance = undefined;
    this.#request = undefined;
    this.#ready = false;
    this.#underWay = undefined;
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
    this.#settle({ kind: 'failed', failure, sent: this.#sentAsk });
  }

  #heard(now: Time): void {
    this.#lastHeardAt = now;
    this.#doubt.heard(now);
    this.#refusedSince = undefined;
  }

  // --- sending ---

  #send(now: Time): void {
    this.#waiting.start(this.#entrance === undefined ? 'session' : this.#halfOpen ? 'login' : 'open', now);
    if (now >= (this.#waiting.dueAt ?? now)) this.#transmit(now);
  }

  #transmit(now: Time): void {
    const { changes = false, notAfter = Number.POSITIVE_INFINITY } = this.#ask ?? {};
    if (changes && this.#ready && this.#entrance === undefined && now >= notAfter) {
      if (this.#session !== undefined) this.#doubt.ended(this.#waiting.sends);
      this.#fail(tooLate(this.step, this.#sentAsk));
      return;
    }
    if (this.#entrance !== undefined) this.#out.push(this.#entrance.datagram);
    else if (this.#session !== undefined && this.#request !== undefined) {
      this.#out.push(this.#session.seal(this.#request));
      if (this.#ready) {
        this.#sentAsk = true;
        if (this.#ask?.changes === true) this.#underWay = this.#ask;
      }
    }
    this.#waiting.sent(now);
  }

  #unanswered(now: Time): void {
    const { sends } = this.#waiting;
    const deadline = this.#ask?.deadline ?? now;
    if (this.#entrance !== undefined) {
      this.#entranceEvent(this.#entrance.unanswered(sends, now, deadline), now, deadline);
      return;
    }
    if (this.#doubt.again(sends, now)) this.#transmit(now);
    else {
      this.end();
      this.#enter(now, deadline);
    }
  }

  // --- logging in ---

  #enter(now: Time, deadline: Time): void {
    this.#forget();
    this.#suites.startRound(now, deadline);
    this.#entrance = new Entrance(this.#settings, this.#chance, this.#suites, this.#credentials);
    this.#send(now);
  }

  /** Half a login: an Open Session when its turn comes, what follows it at once, for that takes no slot. */
  #resume(now: Time): void {
    if (this.#waiting.pausing) return;
    this.#trouble = undefined;
    if (this.#waiting.dueAt === undefined) this.#send(now);
    else if (this.#halfOpen || now >= this.#waiting.dueAt) this.#transmit(now);
  }

  #entranceEvent(event: EntranceEvent, now: Time, deadline: Time): void {
    switch (event.kind) {
      case 'nothing':
        return;
      case 'aside':
        this.#out.push(event.datagram);
        return;
      case 'repeat':
        if (this.#ask !== undefined) this.#transmit(now);
        return;
      case 'send':
        if (event.farewell !== undefined) this.#out.push(...event.farewell);
        if (event.answered) this.#loginAnswered(now);
        if (this.#ask === undefined) this.#waiting.clear();
        else this.#send(now);
        return;
      case 'busy':
      case 'stale':
        this.#pauseLogin(event.kind, event.failure, now, deadline);
        return;
      case 'failed':
        if (event.goodbye !== undefined) this.#out.push(event.goodbye);
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

  #loginAnswered(now: Time): void {
    this.#heard(now);
    this.#trouble = undefined;
    this.#waiting.answered(now);
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

  // --- in the session ---

  /** Sends the privilege request of a new session, or the command. */
  #speak(now: Time): void {
    const { session, ask } = { session: this.#session, ask: this.#ask };
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
    this.#waiting.answered(now);
    if (this.#closing) {
      this.#settle({ kind: 'answered', completionCode, data });
      return;
    }
    if (means === 'later') {
      this.#trouble = refusedCommand(this.step, completionCode);
      this.#waiting.backOff(now, (later) => this.#speak(later));
      return;
    }
    if (this.#ready) {
      if (this.#waiting.sends === 1) this.#underWay = undefined;
      this.#settle({ kind: 'answered', completionCode, data });
      return;
    }
    const granted = decodePrivilege(data);
    if (completionCode !== 0 || (granted.ok && granted.value < this.#settings.privilege)) {
      const failure = refusedPrivilege(this.step, completionCode === 0 ? 0x81 : completionCode);
      this.end();
      this.#fail(failure);
      return;
    }
    this.#ready = true;
    this.#speak(now);
  }
}
