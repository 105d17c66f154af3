/**
 * The only file that knows ssh2. One connection: dialled, its host key judged, logged in; then commands and terminals on it.
 *
 * - The socket is ours and has TCP_NODELAY: on the socket that ssh2 opens by itself, Nagle's algorithm costs some 400 ms per login.
 * - ssh2 accepts every host key where there is no verifier; here there always is one.
 * - All deadlines are the caller's: ssh2's own timeout is off, and the socket is destroyed when the deadline is over.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { setImmediate } from 'node:timers';
import ssh2, { type AnyAuthMethod, type Client, type ConnectConfig, type ParsedKey, type ServerHostKeyAlgorithm } from 'ssh2';
import type { Problem } from '../kit/contract.ts';
import { type Channel, CONNECTING, type Connection, type Dial, failureOf } from './connection.ts';
import { ExecGate } from './exec-gate.ts';
import type { HostKeyJudge } from './host-keys.ts';
import { fingerprint } from './key-names.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { LoginPlan, PromptAnswers } from './login.ts';
import { connectionLost, keyUnusable, loginRefused, unreachable } from './problems.ts';

const LEGACY: NonNullable<ConnectConfig['algorithms']> = {
  kex: {
    append: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
    prepend: [],
    remove: [],
  },
  cipher: { append: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'], prepend: [], remove: [] },
  hmac: { append: ['hmac-sha1-96', 'hmac-md5'], prepend: [], remove: [] },
  serverHostKey: { append: ['ssh-dss'], prepend: [], remove: [] },
};
/** A wide screen, so that no echo and no table is wrapped. */
const SCREEN = { term: 'vt100', cols: 512, rows: 2_000, width: 0, height: 0 };
/** An agent full of keys must not use up the device's patience. */
const MAX_AGENT_KEYS = 4;

/** Connects and logs in. The connection, or why there is none; after a problem no socket is left. */
export function dial(options: Dial, deadline: RunningDeadline): Promise<Connection | Problem> {
  const key = privateKey(options);
  if (key !== undefined && 'code' in key) return Promise.resolve(key);
  return new Promise((resolve) => new Dialling(options, key, deadline, resolve).begin());
}

/** Host key of the named type that a device shows, taken before any login; undefined where it has none of that type. */
export function askHostKey(
  to: Pick<Dial, 'where' | 'host' | 'port'> & { readonly type: string; readonly legacy: boolean },
  deadline: RunningDeadline,
): Promise<Uint8Array | Problem | undefined> {
  return new Promise((resolve) => {
    let shown: Uint8Array | undefined;
    const judge: HostKeyJudge = {
      types: [to.type],
      only: true,
      judge: (blob) => {
        shown = Uint8Array.from(blob);
        return unreachable(to.where, 'only its host key was wanted');
      },
    };
    const options: Dial = { ...to, judge, improvable: false, credentials: { username: 'none' }, keepaliveMs: 0, keyOrigin: '' };
    const done = (end: Connection | Problem): void => {
      if (shown !== undefined) resolve(shown);
      else if ('code' in end) resolve(end.code === 'ssh-no-common-algorithm' ? undefined : end);
    };
    new Dialling(options, undefined, deadline, done).begin();
  });
}

function privateKey(options: Dial): ParsedKey | Problem | undefined {
  const { key, passphrase } = options.credentials;
  if (key === undefined) return undefined;
  const one = onlyKey(ssh2.utils.parseKey(key, passphrase));
  if (one === undefined || one instanceof Error) {
    const says = one?.message ?? 'it holds no key';
    const why =
      /encrypted|passphrase/i.test(says) && passphrase === undefined
        ? 'it is encrypted and there is no passphrase'
        : /integrity|passphrase|decrypt/i.test(says)
          ? 'the passphrase does not open it'
          : 'it is in no known form';
    return keyUnusable(options.where, options.keyOrigin, why);
  }
  return one.isPrivateKey() ? one : keyUnusable(options.where, options.keyOrigin, 'it is a public key');
}

/** ssh2 gives a list for keys in OpenSSH's own form, against its types. */
const onlyKey = (parsed: ParsedKey | Error | ParsedKey[]): ParsedKey | Error | undefined => (Array.isArray(parsed) ? parsed[0] : parsed);

/** Asks a running ssh-agent, and keeps hold of its sockets so that none outlives the connection. */
class BoundedAgent extends ssh2.OpenSSHAgent {
  readonly #sockets = new Set<Socket>();
  readonly #path: string;
  readonly #only: string | undefined;

  constructor(path: string, only: string | undefined) {
    super(path);
    this.#path = path;
    this.#only = only;
  }

  override getStream(done: Parameters<InstanceType<typeof ssh2.OpenSSHAgent>['getStream']>[0]): void {
    const socket = connectTcp(this.#path);
    this.#sockets.add(socket);
    let told = false;
    const tell = (error: Error | null): void => {
      if (told) return;
      told = true;
      if (error === null) done(null, socket);
      else done(error);
    };
    socket.once('connect', () => tell(null));
    socket.on('error', () => tell(new Error('the agent cannot be reached')));
    socket.once('close', () => {
      this.#sockets.delete(socket);
      tell(new Error('the agent closed its socket'));
    });
  }

  override getIdentities(done: Parameters<InstanceType<typeof ssh2.OpenSSHAgent>['getIdentities']>[0]): void {
    super.getIdentities((error, keys) => {
      const fit = keys
        ?.filter((key) => this.#only === undefined || ('getPublicSSH' in key && fingerprint(key.getPublicSSH()) === this.#only))
        .slice(0, MAX_AGENT_KEYS);
      done(error, fit);
    });
  }

  release(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** One attempt. Ends in exactly one call of `done`. */
class Dialling {
  readonly #options: Dial;
  readonly #key: ParsedKey | undefined;
  readonly #deadline: RunningDeadline;
  readonly #done: (end: Connection | Problem) => void;
  readonly #client: Client = new ssh2.Client();
  readonly #plan: LoginPlan;
  readonly #agent: BoundedAgent | undefined;
  #socket: Socket | undefined;
  #step = CONNECTING;
  #hostKeyProblem: Problem | undefined;
  #hostKeyBy = '';
  #offered = 'none';
  #refused = false;
  #agreed = '';
  #settled = false;
  #forgetDeadline: () => void = () => undefined;

  constructor(options: Dial, key: ParsedKey | undefined, deadline: RunningDeadline, done: (end: Connection | Problem) => void) {
    this.#options = options;
    this.#key = key;
    this.#deadline = deadline;
    this.#done = done;
    this.#plan = new LoginPlan(options.credentials);
    const { agent } = options.credentials;
    this.#agent = agent === undefined ? undefined : new BoundedAgent(agent, options.agentKey);
  }

  begin(): void {
    const { host, port, credentials, keepaliveMs } = this.#options;
    this.#deadline.step = this.#step;
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    this.#socket = socket;
    this.#forgetDeadline = this.#deadline.onOver(() => this.#fail(this.#deadline.over ?? connectionLost(this.#options.where, this.#step)));
    if (this.#settled) return;
    socket.once('connect', () => this.#at('agreeing on keys'));
    // Stays for ever: an error after the end must not be an uncaught one.
    this.#client.on('error', (error) => this.#failed(error));
    this.#client.once('close', () => this.#failed(new Error('the connection was closed')));
    this.#client.once('ready', () => this.#ready());
    this.#client.once('handshake', ({ kex, serverHostKey, cs }) => {
      this.#agreed = `${kex}, ${serverHostKey}, ${cs.cipher}`;
      this.#at('logging in');
    });
    try {
      this.#client.connect({
        sock: socket,
        username: credentials.username,
        readyTimeout: 0,
        keepaliveInterval: keepaliveMs,
        keepaliveCountMax: 2,
        algorithms: this.#algorithms(),
        hostVerifier: (blob: Buffer) => {
          const judged = this.#options.judge.judge(blob);
          if ('by' in judged) this.#hostKeyBy = judged.by;
          else this.#hostKeyProblem = judged;
          return 'by' in judged;
        },
        authHandler: (left, partial, next) => this.#nextMethod(left, partial, next),
      });
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #at(step: string): void {
    if (this.#settled) return;
    this.#step = step;
    this.#deadline.step = step;
  }

  #algorithms(): NonNullable<ConnectConfig['algorithms']> {
    const { judge, legacy } = this.#options;
    const base = legacy ? LEGACY : {};
    if (judge.types === undefined) return base;
    // RSA keys sign in three ways; SHA-1 (ssh-rsa) last. A key type that ssh2 does not know cannot be asked for.
    const known: readonly ServerHostKeyAlgorithm[] = [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
      'ssh-dss',
    ];
    const { types, only } = judge;
    const wanted = known.filter((algorithm) => types.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm));
    const rest = only === true ? [] : known.filter((each) => !wanted.includes(each) && (legacy || each !== 'ssh-dss'));
    return wanted.length === 0 ? base : { ...base, serverHostKey: [...wanted, ...rest] };
  }

  #nextMethod(left: readonly string[] | null, partial: boolean | null, next: (method: AnyAuthMethod) => void): void {
    if (this.#settled) return;
    if (this.#offered !== 'none' && partial !== true) this.#refused = true;
    const { username } = this.#options.credentials;
    const method = this.#plan.next(left);
    if (method === undefined) {
      this.#fail(loginRefused(this.#options.where, username, this.#plan.tried));
      return;
    }
    this.#offered = method;
    // ssh2 wants the answer outside of the call when it comes by `next`.
    setImmediate(() => {
      if (!this.#settled) next(this.#method(method, username));
    });
  }

  #method(type: AnyAuthMethod['type'], username: string): AnyAuthMethod {
    const { password = '' } = this.#options.credentials;
    if (type === 'publickey' && this.#key !== undefined) return { type, username, key: this.#key };
    if (type === 'agent' && this.#agent !== undefined) return { type, username, agent: this.#agent };
    if (type === 'password') return { type, username, password };
    if (type !== 'keyboard-interactive') return { type: 'none', username };
    const answers = new PromptAnswers(password);
    return {
      type,
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const answered = answers.answer(prompts);
        if (answered !== undefined) finish([...answered]);
        else this.#fail(loginRefused(this.#options.where, username, this.#plan.tried));
      },
    };
  }

  #ready(): void {
    if (this.#settled || this.#socket === undefined) return;
    this.#settled = true;
    this.#forgetDeadline();
    this.#agent?.release();
    this.#done(
      new LiveConnection(this.#client, this.#socket, { loggedInBy: this.#offered, hostKeyBy: this.#hostKeyBy, agreed: this.#agreed }),
    );
  }

  #failed(error: Error & { readonly level?: string; readonly code?: unknown }): void {
    if (this.#settled || error.level === 'agent') return;
    const { where, credentials } = this.#options;
    const { tried } = this.#plan;
    const attempt = { where, step: this.#step, username: credentials.username, tried, refused: this.#refused };
    this.#fail(this.#hostKeyProblem ?? failureOf(error, attempt));
  }

  #fail(why: Problem): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#forgetDeadline();
    this.#agent?.release();
    this.#socket?.destroy();
    this.#done(why);
  }
}

class LiveConnection implements Connection {
  readonly loggedInBy: string;
  readonly hostKeyBy: string;
  readonly agreed: string;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #gate: ExecGate;
  readonly #goneListeners = new Set<() => void>();
  #gone = false;

  constructor(client: Client, socket: Socket, how: Pick<Connection, 'loggedInBy' | 'hostKeyBy' | 'agreed'>) {
    this.#client = client;
    this.#gate = new ExecGate(client);
    this.#socket = socket;
    this.loggedInBy = how.loggedInBy;
    this.hostKeyBy = how.hostKeyBy;
    this.agreed = how.agreed;
    const gone = (): void => this.#end();
    // After a FIN the last channel messages are still on their way through the streams: they are let through first.
    socket.once('end', () => setImmediate(gone));
    socket.once('close', gone);
    client.on('error', gone);
  }

  get alive(): boolean {
    return !this.#gone;
  }

  get usable(): boolean {
    return !this.#gone && this.#socket.writable && this.#socket.readable;
  }

  onGone(run: () => void): () => void {
    if (this.#gone) {
      run();
      return () => undefined;
    }
    this.#goneListeners.add(run);
    return () => void this.#goneListeners.delete(run);
  }

  exec(command: string, mayLeave: () => boolean, opened: (channel: Channel | undefined, why: string) => void): void {
    this.#open(opened, (done) => this.#client.exec(this.#gate.behind(mayLeave, command), done));
  }

  terminal(opened: (channel: Channel | undefined, why: string) => void): void {
    this.#open(opened, (done) => this.#client.shell(SCREEN, done));
  }

  leave(): void {
    if (this.#gone) return;
    this.#client.end();
    // The kernel has taken what there was, or never will.
    setImmediate(() => this.#end());
  }

  destroy(): void {
    this.#end();
  }

  #open(
    opened: (channel: Channel | undefined, why: string) => void,
    ask: (done: (error: Error | undefined, channel: Channel) => void) => void,
  ): void {
    if (!this.usable) {
      opened(undefined, 'the connection is gone');
      return;
    }
    try {
      ask((error, channel) => opened(error === undefined || error === null ? channel : undefined, (error?.message ?? '').slice(0, 160)));
    } catch (error) {
      opened(undefined, error instanceof Error ? error.message.slice(0, 160) : 'the channel was not opened');
    }
  }

  #end(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#socket.destroy();
    const listeners = [...this.#goneListeners];
    this.#goneListeners.clear();
    for (const run of listeners) run();
  }
}
