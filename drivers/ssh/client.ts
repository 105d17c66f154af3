/**
 * Keeps one connection (and one terminal, where the dialect needs it) warm while the driver is open: made when first needed, closed when
 * idle, made anew when gone. Whatever went wrong on it is never used again. Refused credentials are remembered, so that an account is
 * not locked out by us.
 */
import type { DriverTools, Problem, Where } from '../kit/contract.ts';
import { orderTooLate } from '../kit/deadline.ts';
import { Turns } from '../kit/queue.ts';
import { dial } from './transport.ts';
import type { Connection, Dial } from './connection.ts';
import type { ExecAccess, TerminalAccess } from './dialect.ts';
import type { Command } from './dialog.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { credentialMark } from './login.ts';
import { driverClosed, loginPaused, queueFull } from './problems.ts';
import { openTerminal, type Ran, runExec, type Terminal } from './session.ts';

export interface KeeperOptions {
  readonly where: Where;
  readonly tools: DriverTools;
  readonly access: ExecAccess | TerminalAccess;
  /** Built anew for each attempt: secrets and known_hosts are read each time. `afresh`: nothing remembered of the host key will do. */
  dial(deadline: RunningDeadline, afresh: boolean): Promise<Dial | Problem>;
  /** Milliseconds without a call until the connection is closed; 0: after each call. */
  readonly idleMs: number;
  /** Milliseconds for which refused credentials are not tried again. */
  readonly loginPauseMs: number;
  /** For taking them out of error texts. */
  secrets(): readonly string[];
}

/** Refusals that a fresh certificate may lift. */
const UNKNOWN_KEY = new Set(['ssh-host-key-changed', 'ssh-host-certificate-missing', 'ssh-host-certificate-refused']);

interface Line {
  readonly connection: Connection;
  terminal: Terminal | undefined;
  calls: number;
  retired: boolean;
}

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #turns: Turns;
  readonly #salt: Uint8Array;
  #line: Line | undefined;
  #dialling: Promise<unknown> | undefined;
  #refused: { readonly mark: string; readonly until: number } | undefined;
  #cancelIdle: () => void = () => undefined;
  #closed = false;

  constructor(options: KeeperOptions) {
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
    if (typeof turn !== 'function') return { kind: 'lost', why: turn, sent: false, anew: false };
    try {
      const { ran, warm } = await this.#attempt(command, deadline);
      if (ran.kind === 'ran' || !ran.anew || !warm || deadline.over !== undefined) return ran;
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
      const line = await this.#ready(deadline);
      return 'code' in line ? line : line.connection;
    } finally {
      turn();
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelIdle();
    const line = this.#line;
    this.#line = undefined;
    if (line !== undefined) this.#goodbye(line);
  }

  async #attempt(command: Command, deadline: RunningDeadline): Promise<{ readonly ran: Ran; readonly warm: boolean }> {
    const before = this.#line;
    const line = await this.#ready(deadline);
    if ('code' in line)
      return { ran: { kind: 'lost', why: line, sent: false, anew: line.code === 'ssh-connection-lost' }, warm: before !== undefined };
    const { access } = this.#options;
    line.calls += 1;
    this.#cancelIdle();
    let ran: Ran;
    try {
      ran =
        access.kind === 'exec'
          ? await runExec(line.connection, command.text, access.exit, deadline)
          : await this.#onTerminal(line, command, deadline);
    } finally {
      line.calls -= 1;
    }
    if (ran.kind === 'lost') this.#retire(line);
    this.#rest(line);
    return { ran, warm: before === line };
  }

  async #onTerminal(line: Line, command: Command, deadline: RunningDeadline): Promise<Ran> {
    return line.terminal === undefined
      ? { kind: 'lost', why: driverClosed(deadline.where), sent: false, anew: true }
      : await line.terminal.run(command, deadline);
  }

  /** A line to speak on: the warm one where it is fit, otherwise a new one. */
  async #ready(deadline: RunningDeadline): Promise<Line | Problem> {
    while (this.#dialling !== undefined) {
      await deadline.orOver(this.#dialling);
      if (deadline.over !== undefined) return deadline.over;
    }
    if (deadline.over !== undefined) return deadline.over;
    if (this.#closed) return driverClosed(deadline.where);
    const line = this.#line;
    if (line !== undefined) {
      if (!line.retired && line.connection.usable && (line.terminal?.fit ?? true)) return line;
      this.#retire(line);
      this.#rest(line);
    }
    const dialling = this.#dialUp(deadline).finally(() => {
      this.#dialling = undefined;
    });
    this.#dialling = dialling;
    return await dialling;
  }

  async #dialUp(deadline: RunningDeadline): Promise<Line | Problem> {
    const { where, tools, access } = this.#options;
    const connection = await this.#connect(deadline);
    if ('code' in connection) return connection;
    this.#refused = undefined;
    tools.debug(`${where.device}: logged in by ${connection.loggedInBy} (${connection.agreed})`);
    const line: Line = { connection, terminal: undefined, calls: 0, retired: false };
    if (access.kind === 'terminal') {
      const terminal = await openTerminal(connection, access, () => this.#options.secrets(), deadline);
      if ('code' in terminal) {
        connection.destroy();
        return terminal;
      }
      line.terminal = terminal;
    }
    if (this.#closed) {
      connection.destroy();
      return driverClosed(where);
    }
    this.#line = line;
    this.#rest(line);
    return line;
  }

  /** Connects and logs in; once more where a host key was refused by what may be out of date. */
  async #connect(deadline: RunningDeadline): Promise<Connection | Problem> {
    const { where, tools, loginPauseMs } = this.#options;
    for (let afresh = false; ; afresh = true) {
      // Secrets and known_hosts are files, and files can hang.
      const options = await deadline.orOver(this.#options.dial(deadline, afresh));
      if (options === undefined) return deadline.over ?? driverClosed(where);
      if ('code' in options) return options;
      const mark = credentialMark(options.credentials, this.#salt);
      const paused = this.#refused !== undefined && this.#refused.mark === mark ? this.#refused.until - tools.now() : 0;
      if (paused > 0) return loginPaused(where, options.credentials.username, Math.ceil(paused / 1000));
      const connection = await dial(options, deadline);
      if (!('code' in connection)) return connection;
      if (connection.code === 'ssh-login-refused') this.#refused = { mark, until: tools.now() + loginPauseMs };
      if (afresh || !options.improvable || !UNKNOWN_KEY.has(connection.code)) return connection;
    }
  }

  #retire(line: Line): void {
    line.retired = true;
    if (this.#line === line) this.#line = undefined;
  }

  /** Nobody speaks on it now: a retired line ends at once, a good one after the idle time. */
  #rest(line: Line): void {
    if (line.calls > 0) return;
    this.#cancelIdle();
    if (line.retired) {
      line.connection.destroy();
      return;
    }
    if (this.#closed || this.#line !== line) return;
    this.#cancelIdle = this.#options.tools.after(this.#options.idleMs, () => {
      this.#retire(line);
      this.#goodbye(line);
    });
  }

  #goodbye(line: Line): void {
    line.terminal?.leave();
    line.connection.leave();
  }
}
