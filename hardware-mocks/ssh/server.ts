/**
 * An SSH server around a board: users, host keys, sessions, and everything that can go wrong with them. Foreign clients can use it too:
 * `ssh -p PORT fencer@127.0.0.1` shows the prompt of the device.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type Server, type ServerChannel } from 'ssh2';
import { type MockClock, realClock } from '../clock.ts';
import { Faulty } from '../faulty.ts';
import { type FaultPlan, NO_FAULTS } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { Relay } from '../relay.ts';
import { Board } from './board.ts';
import { fingerprintOf, freshKeyPair, readKey } from './keys.ts';
import type { PasswordBy, SshManners } from './manners.ts';
import { Speaker } from './speaker.ts';
import type { Voice } from './voice.ts';
import { KeptBack } from '../kept-back.ts';
import { TcpFace } from '../tcp-face.ts';

export interface SshUser {
  readonly name: string;
  readonly password?: string;
  /** A line of an authorized_keys file: `ssh-ed25519 AAAA… comment`. */
  readonly publicKey?: string;
}

export interface MockSshOptions {
  readonly voice: Voice;
  /** By plug; '' for a controller's or a node's own machine. */
  readonly world: ReadonlyMap<string, Relay | Machine>;
  readonly users: readonly SshUser[];
  /** Private keys (OpenSSH or PEM), one per type; default: a fresh Ed25519 key. */
  readonly hostKeys?: readonly string[];
  readonly passwordBy?: PasswordBy;
  /** Connections at once; more are closed unheard. Default 8. */
  readonly maxConnections?: number;
  /** Offer only what firmware of ten years ago knew. */
  readonly oldAlgorithms?: boolean;
  readonly clock?: MockClock;
  readonly faults?: FaultPlan;
  readonly manners?: SshManners;
  readonly port?: number;
  readonly address?: string;
}

export interface SshCount {
  connections: number;
  /** Attempts with a credential, granted or not. */
  logins: number;
  commands: number;
}

const MAX_LOG = 10_000;

export class MockSsh {
  readonly faults: Faulty;
  readonly board: Board;
  readonly manners: SshManners;
  readonly count: SshCount = { connections: 0, logins: 0, commands: 0 };
  /** What was asked and answered, oldest first. */
  readonly log: string[] = [];
  readonly #options: MockSshOptions;
  readonly #clock: MockClock;
  readonly #tcp: TcpFace;
  readonly #keptBack = new KeptBack();
  #ssh: Server;
  #hostKeys: readonly string[];

  private constructor(options: MockSshOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock();
    this.faults = new Faulty(this.#clock, options.faults ?? NO_FAULTS);
    this.board = new Board(options.world, this.faults, this.#clock);
    this.manners = { ...options.manners };
    this.#hostKeys = options.hostKeys ?? [freshKeyPair().privateKey];
    this.#ssh = this.#newServer();
    this.#tcp = new TcpFace({
      admits: (open) => !this.faults.silent && open < (options.maxConnections ?? 8),
      taken: (socket) => this.#taken(socket),
    });
    this.faults.onReboot(() => this.dropConnections());
    if (options.voice.onTheMachine === true) this.#liveOnTheMachine();
  }

  static async start(options: MockSshOptions): Promise<MockSsh> {
    const mock = new MockSsh(options);
    await mock.#tcp.listen(options);
    return mock;
  }

  get port(): number {
    return this.#tcp.port;
  }

  get address(): string {
    return this.#tcp.address;
  }

  /** `SHA256:…` of each host key. */
  get fingerprints(): readonly string[] {
    return this.#hostKeys.map(fingerprintOf);
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#tcp.open;
  }

  /** The device was replaced, or somebody is in between: other host keys from the next connection on. */
  changeHostKeys(privateKeys: readonly string[]): void {
    this.#hostKeys = privateKeys;
    this.#ssh = this.#newServer();
  }

  /** Every connection ends, as when the device starts again. */
  dropConnections(): void {
    this.#tcp.drop();
  }

  /** Every connection goes silent without a FIN: a hung machine, a firewall that forgot. */
  freeze(): void {
    this.#tcp.freeze();
  }

  /** From now on answers that tell a power are kept back; what is returned sends them before the next such answer. */
  keepBack(): () => void {
    return this.#keptBack.begin();
  }

  async stop(): Promise<void> {
    this.faults.clear();
    await this.#tcp.stop();
  }

  #newServer(): Server {
    const old = this.#options.oldAlgorithms === true;
    const server = new ssh2.Server({
      hostKeys: [...this.#hostKeys],
      ident: 'mock',
      ...(old
        ? { algorithms: { kex: ['diffie-hellman-group14-sha1'], cipher: ['aes128-cbc'], hmac: ['hmac-sha1'], serverHostKey: ['ssh-rsa'] } }
        : {}),
    });
    server.on('connection', (connection: Connection) => this.#connected(connection));
    return server;
  }

  /** While the machine is dark nobody answers and nothing is closed; when it is lit again it has forgotten everything. */
  #liveOnTheMachine(): void {
    const { voice } = this.#options;
    for (const machine of this.#options.world.values()) {
      if (!('lamp' in machine)) continue;
      let lit = machine.lamp;
      machine.watch(() => {
        if (machine.lamp === lit) return;
        lit = machine.lamp;
        if (!lit) this.freeze();
        else {
          voice.rebooted?.();
          this.dropConnections();
        }
      });
    }
  }

  get #dark(): boolean {
    return this.#options.voice.onTheMachine === true && [...this.#options.world.values()].some((each) => 'lamp' in each && !each.lamp);
  }

  #taken(socket: Socket): void {
    this.count.connections += 1;
    const { halfOpen, notSsh, bannerDelayMs } = this.manners;
    if (
      halfOpen === true ||
      this.#dark ||
      this.faults.arriving(new Uint8Array(1)).length === 0 ||
      this.faults.leaving(new Uint8Array(1)).length === 0
    ) {
      // Read on, so that the other end's FIN is seen.
      socket.resume();
      return;
    }
    if (notSsh !== undefined) {
      socket.resume();
      socket.write(notSsh);
    } else if (bannerDelayMs !== undefined) {
      this.#speakLater(socket, bannerDelayMs);
    } else {
      this.#ssh.injectSocket(socket);
    }
  }

  /** Reads meanwhile, so that the other end's FIN is seen, and gives back what was read. */
  #speakLater(socket: Socket, ms: number): void {
    const early: Buffer[] = [];
    const keep = (data: Buffer): void => void early.push(data);
    socket.on('data', keep);
    const cancel = this.#clock.after(ms, () => {
      socket.off('data', keep);
      socket.pause();
      socket.unshift(Buffer.concat(early));
      if (!socket.destroyed) this.#ssh.injectSocket(socket);
    });
    socket.once('close', cancel);
  }

  #connected(connection: Connection): void {
    connection.on('error', () => undefined);
    connection.on('authentication', (context: AuthContext) => this.#authenticate(context));
    connection.on('ready', () => {
      if (this.manners.dropsAfterLogin === true) connection.end();
    });
    connection.on('session', (accept, reject) => {
      if (this.faults.login() === 'exhausted') {
        reject();
        return;
      }
      this.manners.beforeGrant?.();
      const session = accept();
      session.on('pty', (taken) => taken?.());
      session.on('env', (taken) => taken?.());
      session.on('shell', (taken, refuse) => {
        if (this.#options.voice.prompt === undefined) refuse?.();
        else this.#speaker(taken(), connection).terminal();
      });
      session.on('exec', (taken, refuse, { command }) => {
        if (this.#options.voice.prompt !== undefined) refuse?.();
        else this.#speaker(taken(), connection).exec(command);
      });
    });
  }

  #speaker(channel: ServerChannel, connection: Connection): Speaker {
    const { voice } = this.#options;
    const { board, faults: faulty, manners } = this;
    return new Speaker(
      {
        voice,
        board,
        faulty,
        clock: this.#clock,
        manners,
        log: (line) => this.#logged(line),
        passKeptBack: (send) => this.#keptBack.pass(send),
        hangUp: () => connection.end(),
      },
      channel,
    );
  }

  #logged(line: string): void {
    if (line.startsWith('> ')) this.count.commands += 1;
    this.log.push(line);
    if (this.log.length > MAX_LOG) this.log.shift();
  }

  #authenticate(context: AuthContext): void {
    const by = this.#options.passwordBy ?? 'both';
    const methods = [
      'publickey' as const,
      ...(by === 'keyboard-interactive' ? [] : ['password' as const]),
      ...(by === 'password' ? [] : ['keyboard-interactive' as const]),
    ];
    const user = this.#options.users.find(({ name }) => name === context.username);
    if (context.method === 'none') {
      context.reject(methods);
      return;
    }
    const asks = context.method === 'publickey' && context.signature === undefined;
    if (!asks) this.count.logins += 1;
    if (this.faults.login() === 'locked-out') {
      context.reject([]);
      return;
    }
    const settle = (granted: boolean): void => {
      if (granted) {
        context.accept();
        return;
      }
      if (!asks) this.faults.badPassword();
      context.reject(methods);
    };
    if (context.method === 'publickey') settle(user?.publicKey !== undefined && keyFits(context, user.publicKey));
    else if (context.method === 'password' && by !== 'keyboard-interactive') settle(sameText(context.password, user?.password));
    else if (context.method === 'keyboard-interactive' && by !== 'password') {
      context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => settle(sameText(answers[0] ?? '', user?.password)));
    } else context.reject(methods);
  }
}

function sameText(given: string, right: string | undefined): boolean {
  if (right === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

function keyFits(context: PublicKeyAuthContext, line: string): boolean {
  const known = readKey(line);
  if (known === undefined || !known.getPublicSSH().equals(context.key.data)) return false;
  return context.signature === undefined || context.blob === undefined || known.verify(context.blob, context.signature, context.hashAlgo);
}
