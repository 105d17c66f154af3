/**
 * Who we are to the device: a password with each request, or one session and its token. A refused password is remembered and not sent
 * again for a while, so that the account is not locked out by us.
 */
import { createHash } from 'node:crypto';
import type { DriverTools, Problem, Where } from '../kit/contract.ts';
import { RunningDeadline } from '../kit/deadline.ts';
import type { Answered, HttpTransport, Lost } from './transport.ts';
import {
  deadlineTexts,
  driverClosed,
  loginPaused,
  loginRefused,
  noFreeSession,
  passwordMustChange,
  secretUnreadable,
  unusableAnswer,
} from './problems.ts';
import { linkOf, parseResource, pathOn, type Resource, saidIn } from './resource.ts';
import type { Prepared } from './settings.ts';

/** Given back at the end: a device has few of them. */
interface Session {
  readonly token: string;
  readonly path: string | undefined;
  readonly mark: string;
}

export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  /** Recognises the password without telling it. */
  readonly mark: string;
  readonly session: Session | undefined;
}

/** For so long a device without a free session, or whose sessions are good for nothing, is spoken to with the password instead. */
const NO_SESSION_MS = 60_000;
const GOODBYE_MS = 500;
/** A login goes on for so long, or as long as the call that began it: a session whose token nobody took would not be given back. */
const LOGIN_MS = 5_000;

export class Login {
  readonly #prepared: Prepared;
  readonly #where: Where;
  readonly #origin: string;
  readonly #http: HttpTransport;
  readonly #tools: DriverTools;
  readonly #salt: string;
  #session: Session | undefined;
  /** Sessions that the device has taken at least once. */
  readonly #proved = new WeakSet<Session>();
  #opening: { readonly session: Promise<Session | Problem>; readonly deadline: RunningDeadline } | undefined;
  #refused: { readonly mark: string; readonly until: number } | undefined;
  #basicUntil = Number.NEGATIVE_INFINITY;
  /** Where sessions are made: told by the service root. */
  sessionsPath: string | undefined;

  constructor(prepared: Prepared, where: Where, origin: string, http: HttpTransport, tools: DriverTools) {
    this.#prepared = prepared;
    this.#where = where;
    this.#origin = origin;
    this.#http = http;
    this.#tools = tools;
    this.#salt = Buffer.from(tools.bytes(16)).toString('hex');
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** What to send along. Makes a session where one is wanted and there is none. */
  async credential(deadline: RunningDeadline): Promise<Credential | Problem> {
    const password = this.#password();
    if (typeof password !== 'string') return password;
    const mark = createHash('sha256').update(`${this.#salt}${password}`).digest('hex');
    const paused = this.#refused?.mark === mark ? this.#refused.until - this.#tools.now() : 0;
    if (paused > 0) return loginPaused(this.#where, this.#prepared.username, Math.ceil(paused / 1000));
    const basic = this.#prepared.auth !== 'session' || this.sessionsPath === undefined || this.#tools.now() < this.#basicUntil;
    if (basic) return { headers: this.#basic(password), mark, session: undefined };
    const session = await this.#sessionFor(password, mark, deadline);
    if (!('code' in session)) return { headers: { 'X-Auth-Token': session.token }, mark, session };
    if (session.code !== 'redfish-no-free-session') return session;
    this.#withoutSession(session.says);
    return { headers: this.#basic(password), mark, session: undefined };
  }

  /** The device answered 401. `login-again`: the token was old, or was never good; a new session, or the password, may help. */
  unauthorized({ session, mark }: Credential, said: string): Problem | 'login-again' {
    if (session === undefined) return this.#refuse(mark, said);
    if (this.#session === session) this.#session = undefined;
    if (!this.#proved.has(session)) this.#withoutSession('the token of a new session is refused');
    return 'login-again';
  }

  /** The device took this credential. */
  granted(credential: Credential): void {
    if (this.#refused?.mark === credential.mark) this.#refused = undefined;
    if (credential.session !== undefined) this.#proved.add(credential.session);
  }

  /** Gives the session back, also one whose login is under way: best effort, and never long. */
  async end(): Promise<void> {
    const deadline = new RunningDeadline(this.#tools, this.#where, { ms: GOODBYE_MS }, deadlineTexts);
    const opening = this.#opening;
    if (opening !== undefined) await deadline.orOver(opening.session);
    opening?.deadline.close();
    await this.#giveBack(deadline);
    deadline.end();
  }

  async #giveBack(deadline: RunningDeadline): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session?.path === undefined || deadline.over !== undefined) return;
    await this.#http.exchange({ method: 'DELETE', path: session.path, headers: { 'X-Auth-Token': session.token } }, deadline);
  }

  async #sessionFor(password: string, mark: string, deadline: RunningDeadline): Promise<Session | Problem> {
    while (this.#opening !== undefined) {
      deadline.step = this.#opening.deadline.step;
      await deadline.orOver(this.#opening.session);
      if (deadline.over !== undefined) return deadline.over;
    }
    if (this.#session?.mark === mark) return this.#session;
    return (await deadline.orOver(this.#begin(password, mark, deadline))) ?? deadline.over ?? driverClosed(this.#where);
  }

  /** The login has a deadline of its own: a caller who gives up leaves it to those who come after. */
  #begin(password: string, mark: string, caller: RunningDeadline): Promise<Session | Problem> {
    const deadline = new RunningDeadline(this.#tools, this.#where, { ms: Math.max(LOGIN_MS, caller.remainingMs) }, deadlineTexts);
    caller.step = `POST ${this.sessionsPath ?? ''}`;
    const session = this.#makeSession(password, mark, deadline).finally(() => {
      this.#opening = undefined;
      deadline.end();
    });
    this.#opening = { session, deadline };
    return session;
  }

  async #makeSession(password: string, mark: string, deadline: RunningDeadline): Promise<Session | Problem> {
    if (this.#session !== undefined) {
      // The password is another one now: nobody would give the session of the old one back.
      const goodbye = new RunningDeadline(this.#tools, this.#where, { ms: GOODBYE_MS }, deadlineTexts);
      await this.#giveBack(goodbye);
      goodbye.end();
    }
    return await this.#open(password, mark, deadline);
  }

  #withoutSession(why: string): void {
    this.#basicUntil = this.#tools.now() + NO_SESSION_MS;
    this.#tools.debug(`${why}; the password is sent instead for ${NO_SESSION_MS / 1000} s`);
  }

  async #open(password: string, mark: string, deadline: RunningDeadline): Promise<Session | Problem> {
    const path = this.sessionsPath ?? '';
    const body = JSON.stringify({ UserName: this.#prepared.username, Password: password });
    const answer: Answered | Lost = await this.#http.exchange({ method: 'POST', path, headers: {}, body }, deadline);
    if ('lost' in answer) return answer.lost;
    const resource = parseResource(answer.body);
    const said = saidIn(resource);
    if (said.means === 'no-session' || answer.status === 503 || answer.status === 429)
      return noFreeSession(this.#where, said.text || `HTTP ${answer.status}`);
    if (said.means === 'must-change-password' && answer.status >= 400) return passwordMustChange(this.#where, this.#prepared.username);
    if (answer.status === 400 || answer.status === 401 || answer.status === 403) return this.#refuse(mark, said.text);
    const session = this.#sessionIn(answer, resource, mark);
    if (session === undefined) return unusableAnswer(this.#where, `POST ${path}`, `HTTP ${answer.status} without a token`);
    this.#session = session;
    this.#refused = undefined;
    return session;
  }

  #sessionIn(answer: Answered, resource: Resource | undefined, mark: string): Session | undefined {
    const token = answer.headers['x-auth-token'];
    if (answer.status < 200 || answer.status > 299 || typeof token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(token)) return undefined;
    return { token, path: pathOn(this.#origin, answer.headers.location) ?? pathOn(this.#origin, linkOf(resource)), mark };
  }

  #refuse(mark: string, said: string): Problem {
    this.#refused = { mark, until: this.#tools.now() + this.#prepared.loginPauseMs };
    return loginRefused(this.#where, this.#prepared.username, said);
  }

  #basic(password: string): Readonly<Record<string, string>> {
    return { Authorization: `Basic ${Buffer.from(`${this.#prepared.username}:${password}`, 'utf8').toString('base64')}` };
  }

  #password(): string | Problem {
    try {
      return this.#prepared.password.reveal();
    } catch {
      return secretUnreadable(this.#where, this.#prepared.password.origin);
    }
  }
}
