/**
 * A Redfish service on TCP: TLS with a certificate of the day, HTTP, users, and everything that can go wrong with them. Other people's
 * clients can use it too.
 */
import { createServer as createHttp, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { type MockClock, realClock } from '../clock.ts';
import { type ByteSource, strongBytes } from '../random.ts';
import { Faulty } from '../faulty.ts';
import type { FaultPlan } from '../faults.ts';
import { Accounts, type RedfishUser } from './accounts.ts';
import type { MockStrip, MockSystem } from './boxes.ts';
import { type MadeCertificate, makeCertificate } from './certificate.ts';
import type { RedfishManners } from './manners.ts';
import { failed, type MockReply } from './replies.ts';
import { type MockRequest, Service } from './service.ts';
import { KeptBack } from '../kept-back.ts';
import { TcpFace } from '../tcp-face.ts';

export interface MockRedfishOptions {
  readonly systems?: readonly MockSystem[];
  readonly strips?: readonly MockStrip[];
  readonly users?: readonly RedfishUser[];
  /** Default: one of its own, self-signed. `plain`: HTTP without TLS. */
  readonly certificate?: MadeCertificate | 'plain';
  /** The newest TLS version it speaks; default: whatever Node has. Older than 1.2 also takes weak ciphers. */
  readonly newestTls?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Sessions at once; default 6, as on Dell's iDRAC. */
  readonly maxSessions?: number;
  /** A session that nobody uses ends after this; default 600000. */
  readonly sessionLifeMs?: number;
  readonly vendor?: string;
  readonly product?: string;
  readonly clock?: MockClock;
  /** Tokens are drawn from here. */
  readonly bytes?: ByteSource;
  readonly faults?: FaultPlan;
  readonly manners?: RedfishManners;
  readonly port?: number;
  readonly address?: string;
}

export interface RedfishCount {
  connections: number;
  requests: number;
  /** Passwords that were looked at, right or wrong. */
  logins: number;
  sessions: { open: number; opened: number; leaked: number };
}

const MAX_REQUEST_BYTES = 64 * 1024;
const MAX_LOG = 10_000;
const DEFAULT_USERS: readonly RedfishUser[] = [{ name: 'fencer', password: 'fencer-pw' }];

export class MockRedfish {
  readonly faults: Faulty;
  readonly manners: RedfishManners;
  /** What was asked and answered, oldest first. The port is left out, so that runs can be compared. */
  readonly log: string[] = [];
  /** A body that is sent, as a whole answer, after each true one: nobody asked for it. */
  unasked: string | undefined;
  /** Each redirection happens once: the second request gets there. */
  redirectsOnce = false;
  readonly #clock: MockClock;
  readonly #accounts: Accounts;
  readonly #service: Service;
  readonly #options: MockRedfishOptions;
  readonly #tcp: TcpFace;
  readonly #http: HttpServer | HttpsServer;
  readonly #served = new WeakSet<Socket>();
  readonly #keptBack = new KeptBack();
  #certificate: MadeCertificate | undefined;
  #connections = 0;
  #requests = 0;

  private constructor(options: MockRedfishOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock();
    this.faults = new Faulty(this.#clock, options.faults);
    this.manners = { ...options.manners };
    const { users = DEFAULT_USERS, bytes = strongBytes, sessionLifeMs: lifeMs = 600_000, maxSessions: max = 6 } = options;
    this.#accounts = new Accounts({ users, clock: this.#clock, bytes, faults: this.faults, lifeMs, max });
    const { systems = [], strips = [], vendor, product } = options;
    this.#service = new Service({ systems, strips, vendor, product }, this.#accounts, this.faults, this.#clock, this.manners);
    this.#http = this.#newHttp();
    this.#tcp = new TcpFace({ admits: () => !this.faults.silent, taken: (socket) => this.#taken(socket) });
    this.faults.onReboot(() => {
      this.#accounts.forgetAll();
      this.dropConnections();
    });
  }

  static async start(options: MockRedfishOptions): Promise<MockRedfish> {
    const mock = new MockRedfish(options);
    await mock.#tcp.listen(options);
    return mock;
  }

  get port(): number {
    return this.#tcp.port;
  }

  get address(): string {
    return this.#tcp.address;
  }

  /** What it shows now; undefined for plain HTTP. */
  get certificate(): MadeCertificate | undefined {
    return this.#certificate;
  }

  get count(): RedfishCount {
    const { logins, opened, sessions, leaked } = this.#accounts;
    return { connections: this.#connections, requests: this.#requests, logins, sessions: { open: sessions.length, opened, leaked } };
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#tcp.open;
  }

  /** A controller without standby power says nothing. A power strip always has power. */
  get alive(): boolean {
    const { systems = [] } = this.#options;
    return systems.length === 0 || systems.some(({ machine }) => machine.standby && !(this.faults.diesWithMachine && !machine.lamp));
  }

  /** The device was replaced, renewed its certificate, or somebody is in between. From the next connection on. */
  changeCertificate(made: MadeCertificate): void {
    this.#certificate = made;
    if ('setSecureContext' in this.#http) this.#http.setSecureContext(this.#tlsOptions(made));
  }

  dropConnections(): void {
    this.#tcp.drop();
  }

  /** Every session ends at once, as when somebody clears them by hand. */
  forgetSessions(): void {
    this.#accounts.forgetAll();
  }

  /** From now on answers that tell a power are kept back; what is returned sends them before the next such answer. */
  keepBack(): () => void {
    return this.#keptBack.begin();
  }

  async stop(): Promise<void> {
    this.faults.clear();
    await this.#tcp.stop();
  }

  #newHttp(): HttpServer | HttpsServer {
    const listener = (request: IncomingMessage, response: ServerResponse): void => this.#asked(request, response);
    if (this.#options.certificate === 'plain') return createHttp(listener);
    const made = this.#options.certificate ?? makeCertificate({ name: 'mock Redfish service' });
    this.#certificate = made;
    const server = createHttps(this.#tlsOptions(made), listener);
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  #tlsOptions({ certificate, key }: MadeCertificate): {
    cert: string;
    key: string;
    maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
    minVersion?: 'TLSv1';
    ciphers?: string;
  } {
    const newest = this.#options.newestTls;
    const old = newest === 'TLSv1.1' ? ({ minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const) : {};
    return { cert: certificate, key, ...(newest === undefined ? {} : { maxVersion: newest }), ...old };
  }

  #taken(socket: Socket): void {
    this.#connections += 1;
    const { halfOpen, slowHandshakeMs = 0 } = this.manners;
    if (halfOpen === true || !this.alive || this.faults.arriving(new Uint8Array(1)).length === 0) {
      // Read on, so that the other end's FIN is seen.
      socket.resume();
      return;
    }
    if (slowHandshakeMs <= 0) this.#http.emit('connection', socket);
    else this.#clock.after(slowHandshakeMs, () => void (socket.destroyed ? undefined : this.#http.emit('connection', socket)));
  }

  #asked(request: IncomingMessage, response: ServerResponse): void {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_REQUEST_BYTES) pieces.push(piece);
      else request.destroy();
    });
    request.on('end', () => this.#heard(request, Buffer.concat(pieces).toString('utf8'), response));
  }

  #heard(request: IncomingMessage, body: string, response: ServerResponse): void {
    if (!this.alive || this.faults.arriving(new Uint8Array(1)).length === 0) return;
    this.#requests += 1;
    if (this.manners.dropsKeptConnections === true && this.#served.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    this.#served.add(request.socket);
    const { method = '', url = '/', headers } = request;
    this.#logged(`> ${method} ${url} ${headersOf(request)}${body === '' ? '' : ` ${body}`}`);
    const [bare = '/'] = url.split('?');
    const path = bare.length > 1 ? bare.replace(/\/+$/, '') : bare;
    const asked: MockRequest = { method, path, headers: headers as MockRequest['headers'], body };
    const reply = this.#redirect(path) ?? this.#service.answer(asked);
    if (!this.alive || (reply.ordered === true && this.manners.losesOrderAnswers === true)) return;
    const send = (): void => this.#send(reply, response);
    if (reply.tellsPower === true) this.#keptBack.pass(send);
    else send();
  }

  #redirect(path: string): MockReply | undefined {
    const { redirects = {}, redirectStatus = 308 } = this.manners;
    const to = Object.hasOwn(redirects, path) ? redirects[path] : undefined;
    if (to !== undefined && this.redirectsOnce) this.manners.redirects = {};
    return to === undefined ? undefined : { ...failed(redirectStatus, 'It is elsewhere.'), headers: { Location: to } };
  }

  #send(reply: MockReply, response: ServerResponse): void {
    const { manners } = this;
    const plain = manners.body ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
    const body = Buffer.from(`${' '.repeat(manners.padding ?? 0)}${plain}`, 'utf8');
    const status = body.length > 0 && reply.status === 204 ? 200 : reply.status;
    this.#logged(`< ${status} ${body.length > 2_000 ? `${body.length} bytes` : body.toString('utf8')}`);
    const headers: Record<string, string> = {
      'OData-Version': '4.0',
      ...(body.length === 0 ? {} : { 'Content-Type': 'application/json' }),
      ...(manners.contentEncoding === undefined ? {} : { 'Content-Encoding': manners.contentEncoding }),
      ...(manners.refusesKeepAlive === true ? { Connection: 'close' } : {}),
      ...reply.headers,
    };
    const whole = wireForm(status, headers, body);
    for (const { bytes, afterMs } of this.faults.leaving(whole)) {
      const go = (): void => (bytes === whole ? this.#write(response, status, headers, body) : spoilt(response, bytes));
      if (afterMs <= 0) go();
      else this.#clock.after(afterMs, go);
    }
  }

  #write(response: ServerResponse, status: number, headers: Record<string, string>, body: Buffer): void {
    const { socket } = response;
    if (socket === null || socket.destroyed || response.headersSent) return;
    const { closesAfterHeaders, truncatesBody, chunked, answersTwice } = this.manners;
    if (closesAfterHeaders === true || truncatesBody !== undefined) {
      spoilt(
        response,
        wireForm(status, headers, body).subarray(0, wireForm(status, headers, body).length - body.length + (truncatesBody ?? 0)),
      );
      return;
    }
    const length = chunked === true || status === 204 ? {} : { 'Content-Length': String(body.length) };
    response.writeHead(status, { ...headers, ...length });
    if (chunked === true) for (let at = 0; at < body.length; at += 7) response.write(body.subarray(at, at + 7));
    response.end(chunked === true ? undefined : body);
    if (answersTwice === true) socket.write(wireForm(status, headers, body));
    if (this.unasked !== undefined) socket.write(wireForm(200, headers, Buffer.from(this.unasked)));
  }

  #logged(line: string): void {
    this.log.push(line);
    if (this.log.length > MAX_LOG) this.log.shift();
  }
}

/** Bytes past HTTP's own rules; the connection is of no use afterwards. */
function spoilt(response: ServerResponse, bytes: Uint8Array): void {
  response.socket?.end(bytes);
}

function wireForm(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): Buffer {
  const lines = [
    `HTTP/1.1 ${status} Mock`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

/** As they came, in order, without the port that nobody chose. */
function headersOf({ rawHeaders }: IncomingMessage): string {
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}`] : []));
  return `{${pairs.join('; ').replace(/(Host: [^;]*):\d+/, '$1')}}`;
}
