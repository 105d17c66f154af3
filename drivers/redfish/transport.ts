/**
 * HTTP/1.1 with one device: exchanges on connections that are kept while they are young, each with a bounded body and under the deadline
 * of its call. Knows nothing of logins.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { DriverTools, Problem } from '../kit/contract.ts';
import { dial, type Dialled, type DialTo, type SeenCertificate } from './dial.ts';
import { orderTooLate } from '../kit/problem.ts';
import { Turns } from '../kit/queue.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { connectionLost, driverClosed, queueFull, unusableAnswer } from './problems.ts';

interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query, on this device. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The request switches something: it leaves in its time or not at all (C21). */
  readonly acts?: true;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Lost {
  readonly lost: Problem;
  /** False: it is certain that the device heard nothing of this request. */
  readonly sent: boolean;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** Management controllers have few connections; two let an order pass a reading that hangs. */
const AT_ONCE = 2;
/** How long the next request waits for the connection of one that is answered to be free; another is opened after it. */
const RETURN_MS = 100;

function unasked(this: Socket): void {
  this.destroy();
}

/** Takes the connection that was opened for this very request. */
class Pool extends Agent {
  next: Socket | undefined;

  override createConnection(): Socket {
    const socket = this.next;
    this.next = undefined;
    if (socket === undefined) throw new Error('no connection was opened for this request');
    return socket;
  }

  /** While nobody asks anything, nothing may be said: it would be taken for the answer to the next request. */
  override keepSocketAlive(socket: Socket): boolean {
    const kept: unknown = super.keepSocketAlive(socket);
    socket.on('data', unasked);
    socket.resume();
    return kept !== false;
  }

  override reuseSocket(socket: Socket, sent: ClientRequest): void {
    socket.off('data', unasked);
    super.reuseSocket(socket, sent);
  }
}

export class HttpTransport {
  /** What the device showed last. */
  certificate: SeenCertificate | undefined;
  readonly #to: DialTo;
  readonly #tools: DriverTools;
  readonly #idleMs: number;
  readonly #pool = new Pool({ keepAlive: true, maxFreeSockets: 1, scheduling: 'lifo' });
  readonly #turns = new Turns(AT_ONCE);
  readonly #headers: Readonly<Record<string, string>>;
  /** Answered requests whose connections are not free yet. */
  readonly #returning = new Set<ClientRequest>();
  /** Who waits for one of those connections. */
  readonly #onReturn = new Set<() => void>();
  #usedAt = Number.NEGATIVE_INFINITY;
  #cancelIdle: () => void = () => undefined;
  #closed = false;

  constructor(to: DialTo, tools: DriverTools, idleMs: number, closeConnection: boolean) {
    this.#to = to;
    this.#tools = tools;
    this.#idleMs = closeConnection ? 0 : idleMs;
    const plain = to.trust.kind === 'plain';
    const usual = to.port === (plain ? 80 : 443);
    const host = to.host.includes(':') ? `[${to.host.split('%')[0] ?? ''}]` : to.host;
    this.#headers = {
      Host: usual ? host : `${host}:${to.port}`,
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'OData-Version': '4.0',
      'User-Agent': 'bailiff',
      Connection: this.#idleMs === 0 ? 'close' : 'keep-alive',
    };
  }

  /** One request and its whole answer. A kept connection that turns out to be dead before it said anything is replaced once. */
  async exchange(asked: Asked, deadline: RunningDeadline): Promise<Answered | Lost> {
    if (deadline.over === undefined && this.#closed) return { lost: driverClosed(deadline.where), sent: false };
    const turn = await this.#turns.take(deadline, queueFull);
    if (typeof turn !== 'function') return { lost: turn, sent: false };
    this.#cancelIdle();
    try {
      const first = await this.#once(asked, deadline);
      if (!('again' in first) || deadline.over !== undefined) return first;
      this.#drop();
      const second = await this.#once(asked, deadline);
      // The device may have heard the first, whatever became of the second.
      return 'lost' in second ? { lost: second.lost, sent: true } : second;
    } finally {
      turn();
      this.#rest();
    }
  }

  /** Ends every connection, now. */
  close(): void {
    this.#closed = true;
    this.#cancelIdle();
    this.#drop();
  }

  get #kept(): boolean {
    return Object.values(this.#pool.freeSockets).some((sockets) => sockets?.some((socket) => !socket.destroyed) === true);
  }

  async #once(asked: Asked, deadline: RunningDeadline): Promise<Answered | Lost | (Lost & { readonly again: true })> {
    if (this.#closed) return { lost: driverClosed(deadline.where), sent: false };
    if (this.#tools.now() - this.#usedAt > this.#idleMs) this.#drop();
    if (!this.#kept && this.#returning.size > 0) await this.#returned(deadline);
    // What has arrived already without being asked for is seen before the next request leaves.
    if (this.#kept) await new Promise<void>((resolve) => void setImmediate(resolve));
    let dialled: Dialled | undefined;
    if (!this.#kept) {
      const fresh = await dial(this.#to, deadline);
      if ('code' in fresh) return { lost: fresh, sent: false };
      if (this.#closed) fresh.socket.destroy();
      if (this.#closed) return { lost: driverClosed(deadline.where), sent: false };
      dialled = fresh;
      this.certificate = fresh.certificate;
    }
    deadline.step = `${asked.method} ${asked.path}`;
    if (deadline.over !== undefined) {
      dialled?.socket.destroy();
      return { lost: deadline.over, sent: false };
    }
    if (asked.acts === true && !deadline.mayAct) {
      dialled?.socket.destroy();
      return { lost: orderTooLate(deadline.where.device, deadline.acted), sent: deadline.acted };
    }
    if (asked.acts === true) deadline.acts();
    return await this.#send(asked, dialled?.socket, deadline);
  }

  /** Until a connection is free again, or has been for too long on its way. */
  #returned(deadline: RunningDeadline): Promise<void> {
    if (deadline.over !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#onReturn.delete(done);
        cancel();
        forget();
        resolve();
      };
      this.#onReturn.add(done);
      const cancel = this.#tools.after(RETURN_MS, done);
      const forget = deadline.onOver(done);
    });
  }

  #wakeWaiting(): void {
    for (const wake of [...this.#onReturn]) wake();
  }

  #send(asked: Asked, fresh: Socket | undefined, deadline: RunningDeadline): Promise<Answered | Lost | (Lost & { readonly again: true })> {
    const step = deadline.step;
    const body = asked.body === undefined ? undefined : Buffer.from(asked.body, 'utf8');
    const headers = {
      ...this.#headers,
      ...asked.headers,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }),
    };
    return new Promise((resolve) => {
      this.#pool.next = fresh;
      // The name of a pool, not an address: the connection is there already.
      const sent: ClientRequest = request({ host: 'device', port: 1, agent: this.#pool, method: asked.method, path: asked.path, headers });
      if (this.#pool.next !== undefined) this.#pool.next.destroy();
      this.#pool.next = undefined;
      const settle = (result: Answered | Lost | (Lost & { readonly again: true })): void => {
        forget();
        if ('lost' in result) sent.destroy();
        else if (!closed && sent.shouldKeepAlive) this.#returning.add(sent);
        this.#usedAt = this.#tools.now();
        resolve(result);
      };
      const lost = (lost: Problem): Lost => ({ lost, sent: true });
      const forget = deadline.onOver(() => settle(lost(deadline.over ?? driverClosed(deadline.where))));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const why = lost(
          connectionLost(deadline.where, step, error.code === undefined ? 'the connection broke' : `the connection broke (${error.code})`),
        );
        const garbled = error.code?.startsWith('HPE_') === true;
        if (garbled) settle(lost(unusableAnswer(deadline.where, step, `it is not HTTP (${error.code ?? ''})`)));
        else settle(sent.reusedSocket ? { ...why, again: true } : why);
      });
      let answering = false;
      sent.on('response', (response) => {
        answering = true;
        receive(response, deadline, step, settle);
      });
      let closed = false;
      // A kept connection is free right after this.
      sent.on('close', () => {
        closed = true;
        if (this.#returning.delete(sent)) queueMicrotask(() => this.#wakeWaiting());
        if (!answering) settle(lost(connectionLost(deadline.where, step, 'the connection was closed')));
      });
      sent.end(body);
    });
  }

  #rest(): void {
    this.#cancelIdle();
    if (this.#turns.taken > 0 || this.#closed) return;
    if (this.#idleMs === 0) this.#drop();
    else this.#cancelIdle = this.#tools.after(this.#idleMs, () => this.#drop());
  }

  /** Ends connections that nobody speaks on; all of them once closed. */
  #drop(): void {
    if (this.#closed) {
      this.#pool.destroy();
      return;
    }
    for (const sockets of Object.values(this.#pool.freeSockets)) for (const socket of [...(sockets ?? [])]) socket.destroy();
  }
}

/** Collects the body of an answer. Whatever is not whole and plain text within bounds is lost. */
function receive(response: IncomingMessage, deadline: RunningDeadline, step: string, settle: (result: Answered | Lost) => void): void {
  const unusable = (why: string): void => settle({ lost: unusableAnswer(deadline.where, step, why), sent: true });
  const coding = response.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    unusable(`its content is coded (${coding.slice(0, 40)}), which was not asked for`);
    return;
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) unusable(`it has more than ${MAX_BODY_BYTES} bytes`);
    else pieces.push(piece);
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    if (response.complete)
      settle({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces).toString('utf8') });
    else settle({ lost: connectionLost(deadline.where, step, 'the answer ended before it was whole'), sent: true });
  });
}
