/**
 * The console's side of a conversation with one BMC, as a machine: bytes, time and one command go in; bytes, an alarm time and one answer
 * come out. It logs in when there is no session, keeps the session for the next command, and sends again what was not answered.
 */
import { COMMAND, decodePrivilege, meaningOfCompletion, NOTHING } from '../codec/index.ts';
import { Entrance, type EntranceEvent } from './entrance.ts';
import type { Established, Request, Response } from './established.ts';
import { abandoned, cannotSend, noAnswer, refusedCommand, refusedPrivilege, unreachable } from './failures.ts';
import { SuiteChoice } from './suites.ts';
import type { Answer, Ask, Chance, ConsoleSettings, Credentials, Failure, LoginSeen, Time } from './terms.ts';
import { Waiting } from './waiting.ts';

/** Unanswered copies of a command before the session counts as lost, */
const COMMAND_TRIES = 8;
/** and where the session has been quiet for a while, so that it may well be gone. */
const COLD_COMMAND_TRIES = 5;
const QUIET_MS = 10_000;
/** Half a login is taken up again by the next command within this time. */
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
    this.#credentials = credentials;
    this.#ask = ask;
    this.#answer = undefined;
    this.#trouble = undefined;
    this.#refusedSince = undefined;
    this.#waiting.reset();
    this.#sentAsk = false;
    // A late copy of an off must not follow an on: closing the session makes it worthless.
    const earlier = this.#underWay;
    if (ask.changes && earlier !== undefined && !sameAsk(earlier, ask)) this.end();
    if (now >= ask.deadline) this.#fail(noAnswer(this.step, 0));
    else if (this.#session !== undefined) this.#speak(now);
    else if (this.#entrance !== undefined && now - this.#lastHeardAt < LOGIN_FRESH_MS) this.#send(now, 'login');
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
    if (this.#ask === undefined) return undefined;
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
      if (response === 'surplus') this.#waiting.surplus();
      else if (response !== undefined && this.#ask !== undefined) this.#answered(response, now);
    } else if (this.#entrance !== undefined && this.#ask !== undefined && !this.#waiting.pausing) {
      this.#entranceEvent(this.#entrance.receive(datagram, this.#waiting.sends, now, this.#ask.deadline), now, this.#ask.deadline);
    }
  }

  /** `wakeAt` has come. */
  wake(now: Time): void {
    if (this.#ask === undefined) return;
    if (now >= this.#ask.deadline) {
      const said = this.#refusedSince === undefined ? noAnswer(this.step, this.#waiting.sends) : unreachable(this.step);
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
    if (this.#ask !== undefined) this.#fail(abandoned(this.step));
  }

  /** Gives the session back: one Close Session, whose answer is not waited for. */
  end(): void {
    if (this.#session !== undefined) this.#out.push(this.#session.close());
    this.#forget();
  }

  /** Like `end`, but the Close Session is a command that is repeated until it is answered. False: there is no session to close. */
  beginClose(now: Time, ms: number): boolean {
    const session = this.#session;
    if (session === undefined) return false;
    this.#closing = true;
    this.#ask = { command: COMMAND.closeSession, data: session.closeData, changes: false, deadline: now + ms };
    this.#waiting.reset();
    this.#request = session.request(this.#ask.command, this.#ask.data);
    this.#send(now, 'session');
    return true;
  }

  #forget(): void {
    this.#session = undefined;
    this.#entrance = undefined;
    this.#request = undefined;
    this.#ready = false;
    this.#underWay = undefined;
    this.#waiting.clear();
  }

  #settle(answer: Answer): void {
    this.#answer = answer;
    this.#ask = undefined;
    this.#request = undefined;
    this.#waiting.clear();
    if (this.#closing) this.#forget();
    this.#closing = false;
  }

  #fail(failure: Failure): void {
    this.#settle({ kind: 'failed', failure, sent: this.#sentAsk });
  }

  #heard(now: Time): void {
    this.#lastHeardAt = now;
    this.#refusedSince = undefined;
  }

  // --- sending ---

  #send(now: Time, kind: 'login' | 'session'): void {
    this.#waiting.start(kind);
    this.#transmit(now);
  }

  #transmit(now: Time): void {
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
    const quiet = this.#session === undefined || now - this.#session.heardAt > QUIET_MS;
    if (sends < (quiet ? COLD_COMMAND_TRIES : COMMAND_TRIES)) this.#transmit(now);
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
    this.#send(now, 'login');
  }

  #entranceEvent(event: EntranceEvent, now: Time, deadline: Time): void {
    switch (event.kind) {
      case 'nothing':
        return;
      case 'aside':
        this.#out.push(event.datagram);
        return;
      case 'repeat':
        this.#transmit(now);
        return;
      case 'send':
        if (event.answered) this.#loginAnswered(now);
        this.#send(now, 'login');
        return;
      case 'busy':
      case 'stale':
        this.#pauseLogin(event.kind, event.failure, now, deadline);
        return;
      case 'failed':
        if (event.goodbye !== undefined) this.#out.push(event.goodbye);
        this.#forget();
        this.#fail(event.failure);
        return;
      case 'in':
        this.#loginAnswered(now);
        this.#entrance = undefined;
        this.#session = event.session;
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
    const entrance = this.#entrance;
    this.#forget();
    const again = (later: Time): void => {
      entrance?.restart(later, deadline, kind === 'busy');
      this.#entrance = entrance;
      this.#send(later, 'login');
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
    this.#send(now, 'session');
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

function sameAsk(a: Ask, b: Ask): boolean {
  return a.command.cmd === b.command.cmd && a.command.netFn === b.command.netFn && a.data.join() === b.data.join();
}
