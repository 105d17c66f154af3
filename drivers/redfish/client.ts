/**
 * Resources and actions of one device: logs in where it has to, follows redirects that stay on the device, comes back to a device that
 * is busy, and tells what became of it. Everything within the deadline of its call.
 */
import type { DriverTools, Problem, Where } from '../kit/contract.ts';
import type { SeenCertificate } from './dial.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { type Answered, HttpTransport, type Lost } from './transport.ts';
import { type Credential, Login } from './login.ts';
import { busy, elsewhere, noFreeSession, notFound, notPermitted, passwordMustChange, unusableAnswer } from './problems.ts';
import { linkOf, parseResource, pathOn, type Resource, type Said, saidIn, sameLink, text } from './resource.ts';
import type { Prepared } from './settings.ts';

/** A resource that was read, and the path that it was found at in the end. */
export interface Found {
  readonly resource: Resource;
  readonly path: string;
  /** Its entity tag, from the header ETag or from `@odata.etag` (DSP0266, 6.5); only what may stand in a header again. */
  readonly etag: string | undefined;
}

/** A final answer of the device, whatever it says. */
export interface Reply {
  readonly status: number;
  readonly headers: Answered['headers'];
  readonly resource: Resource | undefined;
  /** There is a body, and it is no JSON object. */
  readonly malformed: boolean;
  readonly said: Said;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request switches something. */
  readonly acts?: true;
  /** The resource needs no login, and the request carries none. */
  readonly open?: boolean;
}

const ROOT = '/redfish/v1/';
const MAX_REDIRECTS = 3;
const MAX_BUSY_ROUNDS = 3;
const MAX_LOGIN_ROUNDS = 3;
/** A device that does not say when to come back is asked again after this; no device makes us wait longer than the second number. */
const BUSY_MS = 500;
const MAX_BUSY_MS = 2_000;

export class Client {
  readonly where: Where;
  readonly origin: string;
  readonly #prepared: Prepared;
  readonly #http: HttpTransport;
  readonly #login: Login;
  #root: Found | undefined;

  constructor(device: string, prepared: Prepared, tools: DriverTools) {
    const { host, port, trust } = prepared;
    const named = host.includes(':') ? `[${host.split('%')[0] ?? ''}]` : host;
    this.where = { device, address: `${host}:${port}` };
    this.origin = `${trust.kind === 'plain' ? 'http' : 'https'}://${named}:${port}`;
    this.#prepared = prepared;
    this.#http = new HttpTransport(prepared, tools, prepared.idleMs, prepared.quirks.closeConnection);
    this.#login = new Login(prepared, this.where, this.origin, this.#http, tools);
  }

  get certificate(): SeenCertificate | undefined {
    return this.#http.certificate;
  }

  /** How we are known to it now. */
  get loggedInBy(): 'session' | 'password' {
    return this.#login.hasSession ? 'session' : 'password';
  }

  /** The service root; it needs no login, and is asked for once. */
  async root(deadline: RunningDeadline): Promise<Found | Problem> {
    if (this.#root !== undefined) return this.#root;
    const found = this.#found(await this.#exchange({ method: 'GET', path: ROOT, open: true }, deadline), `GET ${ROOT}`, deadline);
    if ('code' in found) return found;
    this.#root = found;
    this.#login.sessionsPath = pathOn(this.origin, linkOf(found.resource, 'Links', 'Sessions'));
    return found;
  }

  /** A resource of the device. `link`: as the device told it. */
  async get(link: unknown, deadline: RunningDeadline): Promise<Found | Problem> {
    const path = pathOn(this.origin, link);
    if (path === undefined) return elsewhere(this.where, deadline.step, String(link));
    const ready = await this.#readyToLogIn(deadline);
    if (ready !== undefined) return ready;
    return this.#found(await this.#exchange({ method: 'GET', path }, deadline), `GET ${path}`, deadline);
  }

  /** A GET whose status matters more than its body: the monitor of a running task. */
  async look(path: string, deadline: RunningDeadline): Promise<Reply | Lost> {
    return replyOf(await this.#exchange({ method: 'GET', path }, deadline));
  }

  /** An action. Whatever the device answers is for the caller to weigh; 401, 503 and redirects have been dealt with. */
  async post(path: string, body: Resource, headers: Readonly<Record<string, string>>, deadline: RunningDeadline): Promise<Reply | Lost> {
    const ready = await this.#readyToLogIn(deadline);
    if (ready !== undefined) return { lost: ready, sent: false };
    return replyOf(await this.#exchange({ method: 'POST', path, body: JSON.stringify(body), headers, acts: true }, deadline));
  }

  async close(): Promise<void> {
    await this.#login.end();
    this.#http.close();
  }

  /** Sessions are made where the service root says. */
  async #readyToLogIn(deadline: RunningDeadline): Promise<Problem | undefined> {
    if (this.#prepared.auth !== 'session' || this.#root !== undefined) return undefined;
    const root = await this.root(deadline);
    return 'code' in root ? root : undefined;
  }

  async #exchange(call: Call, deadline: RunningDeadline): Promise<(Answered & { readonly path: string }) | Lost> {
    const { method } = call;
    let { path } = call;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#patiently({ ...call, path }, deadline);
      if ('lost' in answer) return answer;
      if (!isRedirect(answer.status, method)) return { ...answer, path };
      const to = pathOn(this.origin, answer.headers.location);
      const step = `${method} ${path}`;
      if (to === undefined) return { lost: elsewhere(this.where, step, answer.headers.location ?? 'nowhere'), sent: false };
      if (redirects >= MAX_REDIRECTS)
        return { lost: unusableAnswer(this.where, step, `it redirects more than ${MAX_REDIRECTS} times`), sent: false };
      path = to;
    }
  }

  /** Asks again while the device is busy: it has not done anything yet. */
  async #patiently(call: Call, deadline: RunningDeadline): Promise<Answered | Lost> {
    for (let round = 1; ; round += 1) {
      const answer = await this.#loggedIn(call, deadline);
      if ('lost' in answer || (answer.status !== 503 && answer.status !== 429)) return answer;
      const wait = retryAfter(answer.headers['retry-after']);
      if (round >= MAX_BUSY_ROUNDS || deadline.remainingMs <= wait || !(await deadline.pause(wait)))
        return deadline.over === undefined ? answer : { lost: deadline.over, sent: false };
    }
  }

  async #loggedIn({ open = false, headers = {}, ...asked }: Call, deadline: RunningDeadline): Promise<Answered | Lost> {
    if (open || this.#prepared.auth === 'none') return await this.#http.exchange({ ...asked, headers }, deadline);
    // A token that was good, a new one, and where that is not taken the password.
    for (let round = 1; ; round += 1) {
      const credential = await this.#login.credential(deadline);
      if ('code' in credential) return { lost: credential, sent: false };
      const answer = await this.#http.exchange({ ...asked, headers: { ...credential.headers, ...headers } }, deadline);
      if ('lost' in answer) return answer;
      if (answer.status !== 401) {
        this.#login.granted(credential);
        return answer;
      }
      const why = this.#unauthorized(credential, answer);
      if (why !== 'login-again') return { lost: why, sent: false };
      if (round >= MAX_LOGIN_ROUNDS) return { lost: unusableAnswer(this.where, `${asked.method} ${asked.path}`, 'HTTP 401'), sent: false };
    }
  }

  #unauthorized(credential: Credential, answer: Answered): Problem | 'login-again' {
    return this.#login.unauthorized(credential, saidIn(parseResource(answer.body)).text);
  }

  #found(answer: (Answered & { readonly path: string }) | Lost, step: string, deadline: RunningDeadline): Found | Problem {
    if ('lost' in answer) return answer.lost;
    const { where } = this;
    const { status, resource, said } = replied(answer);
    if (said.means === 'must-change-password' && status >= 400) return passwordMustChange(where, this.#prepared.username);
    if (said.means === 'no-session' && status >= 400) return noFreeSession(where, said.text);
    if (status === 403) return notPermitted(where, step, said.text);
    if (status === 404) return notFound(where, step);
    if (status === 503 || status === 429 || (status >= 400 && said.means === 'busy'))
      return busy(where, step, said.text || `HTTP ${status}`);
    if (status !== 200) return unusableAnswer(where, step, `HTTP ${status} ${said.text}`);
    if (resource === undefined) return unusableAnswer(where, step, 'it is not a JSON object');
    const self = linkOf({ self: resource }, 'self');
    if (self !== undefined && !sameLink(pathOn(this.origin, self) ?? '', answer.path))
      return unusableAnswer(where, step, `it speaks of ${self}`);
    return deadline.over ?? { resource, path: answer.path, etag: tagOf(answer.headers.etag) ?? tagOf(text(resource, '@odata.etag')) };
  }
}

function replied({ status, headers, body }: Answered): Reply {
  const resource = parseResource(body);
  return { status, headers, resource, malformed: resource === undefined && body.trim() !== '', said: saidIn(resource) };
}

/** Devices tell odd tags, with and without quotes: they are sent back as they came, but for what would not be a header any more. */
const tagOf = (told: string | undefined): string | undefined =>
  told !== undefined && /^[\x21-\x7e][\x20-\x7e]{0,511}$/.test(told) ? told : undefined;

const replyOf = (answer: Answered | Lost): Reply | Lost => ('lost' in answer ? answer : replied(answer));

/** 307 and 308 keep the method; after 301, 302 and 303 only a GET may go on, for an action could be carried out twice or not at all. */
const isRedirect = (status: number, method: 'GET' | 'POST'): boolean =>
  status === 307 || status === 308 || (method === 'GET' && (status === 301 || status === 302 || status === 303));

/** Seconds or nothing (a date needs a clock that we share, which we do not); bounded. */
function retryAfter(header: string | undefined): number {
  const seconds = header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
  return seconds === undefined ? BUSY_MS : Math.min(Math.max(seconds * 1000, BUSY_MS), MAX_BUSY_MS);
}
