/**
 * Keeps one connection (and one terminal, where the dialect needs it) warm while the driver is open: made when first needed, closed when
 * idle, made again when gone. Whatever went wrong on it is never used again. Refused credentials are remembered, so that an account is
 * not locked out by us.
 */
import type { DriverTools, Problem, Where } from '../kit/contract.ts';
import { orderTooLate } from '../kit/problem.ts';
import { Turns } from '../kit/queue.ts';
import { dial } from './transport.ts';
import type { Connection, Dial } from './connection.ts';
import type { ExecAccess, TerminalAccess } from './dialect.ts';
import type { Command } from './dialog.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { credentialMark } from './login.ts';
import { driverClosed, loginPaused, queueFull } from './problems.ts';
import { openTerminal, type Ran, runExec, type Terminal } from './session.ts';

interface ClientOptions {
  readonly where: Where;
  readonly tools: DriverTools;
  readonly access: ExecAccess | TerminalAccess;
  /** Built for each attempt: secrets and known_hosts are read each time. `again`: nothing remembered of the host key will do. */
  dial(deadline: RunningDeadline, again: boolean): Promise<Dial | Problem>;
  /** Milliseconds without a call until the connection is closed; 0: after each call. */
  readonly idleMs: number;
  /** Milliseconds for which refused credentials are not tried again. */
  readonly loginPauseMs: number;
  /** For taking them out of error texts. */
  secrets(): readonly string[];
}

/** Refusals that a fresh certificate may lift. */
const UNKNOWN_KEY = new Set(['ssh-host-key-changed', 'ssh-host-certificate-missing', 'ssh-host-certificate-refused']);

/** The connection that is kept warm, with its terminal where the dialect needs one. */
interface Kept {
  readonly connection: Connection;
  terminal: Terminal | undefined;
  calls: number;
  retired: boolean;
}

export class SshClient {
  readonly #options: ClientOptions;
  readonly #turns: Turns;
  readonly #salt: Uint8Array;
  #kept: Kept | undefined;
  #dialling: Promise<unknown> | undefined;
  #refused: { readonly mark: string; readonly until: number } | undefined;
  #cancelIdle: () => void = () => undefined;
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#turns = new Turns(options.access.kind === 'exec' ? options.access.atOnce : 1);
    this.#salt = options.tools.bytes(16);
  }

  /**
   * Runs one command. A warm connection that turns out to be dead before it said anything is replaced once, within the same deadline:
   * orders are idempotent, so one that may have arrived may be sent again.
   */
  async run(command: Command, deadline: RunningDeadline): Promise<Ran> {
    const turn = await this.#turns.take(deadline, queueFull);
    if (typeof turn !== 'function') return { kind: 'lost', why: turn, sent: false, retriable: false };
    try {
      const { ran, warm } = await this.#attempt(command, deadline);
      if (ran.kind === 'ran' || !ran.retriable || !warm || deadline.over !== undefined) return ran;
      this.#options.tools.debug(`${this.#options.where.device}: ${ran.why.says}; trying again on a new connection`);
      const again = (await this.#attempt(command, deadline)).ran;
      // The device may have heard the first, whatever became of the second.
      if (again.kind === 'ran' || !ran.sent) return again;
      return { ...again, sent: true, why: again.why.code === 'order-too-late' ? orderTooLate(deadline.where.device, true) : again.why };
    } finally {
      turn();
    }
  }

  /** Logs in (and sees the prompt) and says how that went. */
  async visit(deadline: RunningDeadline): Promise<Connection | Problem> {
    const turn = await this.#turns.take(deadline, queueFull);
    if (typeof turn !== 'function') return turn;
    try {
      const kept = await this.#ready(deadline);
      return 'code' in kept ? kept : kept.connection;
    } finally {
      turn();
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelIdle();
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== undefined) this.#goodbye(kept);
  }

  async #attempt(command: Command, deadline: RunningDeadline): Promise<{ readonly ran: Ran; readonly warm: boolean }> {
    const before = this.#kept;
    const kept = await this.#ready(deadline);
    if ('code' in kept)
      return { ran: { kind: 'lost', why: kept, sent: false, retriable: kept.code === 'ssh-connection-lost' }, warm: before !== undefined };
    const { access } = this.#options;
    kept.calls += 1;
    this.#cancelIdle();
    let ran: Ran;
    try {
      ran =
        access.kind === 'exec'
          ? await runExec(kept.connection, command.text, access.exit, deadline)
          : await this.#onTerminal(kept, command, deadline);
    } finally {
      kept.calls -= 1;
    }
    if (ran.kind === 'lost') this.#retire(kept);
    this.#rest(kept);
    return { ran, warm: before === kept };
  }

  async #onTerminal(kept: Kept, command: Command, deadline: RunningDeadline): Promise<Ran> {
    return kept.terminal === undefined
      ? { kind: 'lost', why: driverClosed(deadline.where), sent: false, retriable: true }
      : await kept.terminal.run(command, deadline);
  }

  /** A connection to speak on: the warm one where it is fit, otherwise a new one. */
  async #ready(deadline: RunningDeadline): Promise<Kept | Problem> {
    while (this.#dialling !== undefined) {
      await deadline.orOver(this.#dialling);
      if (deadline.over !== undefined) return deadline.over;
    }
    if (deadline.over !== undefined) return deadline.over;
    if (this.#closed) return driverClosed(deadline.where);
    const kept = this.#kept;
    if (kept !== undefined) {
      if (!kept.retired && kept.connection.usable && (kept.terminal?.fit ?? true)) return kept;
      this.#retire(kept);
      this.#rest(kept);
    }
    const dialling = this.#dialUp(deadline).finally(() => {
      this.#dialling = undefined;
    });
    this.#dialling = dialling;
    return await dialling;
  }

  async #dialUp(deadline: RunningDeadline): Promise<Kept | Problem> {
    const { where, tools, access } = this.#options;
    const connection = await this.#connect(deadline);
    if ('code' in connection) return connection;
    this.#refused = undefined;
    tools.debug(`${where.device}: logged in by ${connection.loggedInBy} (${connection.agreed})`);
    const kept: Kept = { connection, terminal: undefined, calls: 0, retired: false };
    if (access.kind === 'terminal') {
      const terminal = await openTerminal(connection, access, () => this.#options.secrets(), deadline);
      if ('code' in terminal) {
        connection.destroy();
        return terminal;
      }
      kept.terminal = terminal;
    }
    if (this.#closed) {
      connection.destroy();
      return driverClosed(where);
    }
    this.#kept = kept;
    this.#rest(kept);
    return kept;
  }

  /** Connects and logs in; once more where a host key was refused by what may be out of date. */
  async #connect(deadline: RunningDeadline): Promise<Connection | Problem> {
    const { where, tools, loginPauseMs } = this.#options;
    for (let again = false; ; again = true) {
      // Secrets and known_hosts are files, and files can hang.
      const options = await deadline.orOver(this.#options.dial(deadline, again));
      if (options === undefined) return deadline.over ?? driverClosed(where);
      if ('code' in options) return options;
      const mark = credentialMark(options.credentials, this.#salt);
      const paused = this.#refused !== undefined && this.#refused.mark === mark ? this.#refused.until - tools.now() : 0;
      if (paused > 0) return loginPaused(where, options.credentials.username, Math.ceil(paused / 1000));
      const connection = await dial(options, deadline);
      if (!('code' in connection)) return connection;
      if (connection.code === 'ssh-login-refused') this.#refused = { mark, until: tools.now() + loginPauseMs };
      if (again || !options.improvable || !UNKNOWN_KEY.has(connection.code)) return connection;
    }
  }

  #retire(kept: Kept): void {
    kept.retired = true;
    if (this.#kept === kept) this.#kept = undefined;
  }

  /** Nobody speaks on it now: a retired one ends at once, a good one after the idle time. */
  #rest(kept: Kept): void {
    if (kept.calls > 0) return;
    this.#cancelIdle();
    if (kept.retired) {
      kept.connection.destroy();
      return;
    }
    if (this.#closed || this.#kept !== kept) return;
    this.#cancelIdle = this.#options.tools.after(this.#options.idleMs, () => {
      this.#retire(kept);
      this.#goodbye(kept);
    });
  }

  #goodbye(kept: Kept): void {
    kept.terminal?.leave();
    kept.connection.leave();
  }
}
