/** Commands on a connection: by exec, or on a terminal. Everything is bounded by the deadline and by a number of bytes. */
import { StringDecoder } from 'node:string_decoder';
import type { Problem } from '../kit/contract.ts';
import type { Channel, Connection } from './connection.ts';
import type { ExecAccess, TerminalAccess } from './dialect.ts';
import { type Command, Dialog } from './dialog.ts';
import { orderTooLate } from '../kit/problem.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { answerTooLong, connectionLost, noExitStatus, outOfStep, sessionsExhausted } from './problems.ts';
import { excerpt, lastLine, linesOf, withoutPartialEscape } from './screen.ts';

/** All that a device may say to one command. */
export const MAX_ANSWER = 65_536;

export type Ran =
  /** The answer is complete. `lines` is what was said; `errors` what came on the error stream. `code` is absent on a terminal. */
  | {
      readonly kind: 'ran';
      readonly lines: readonly string[];
      readonly errors: readonly string[];
      readonly code?: number;
      readonly declined?: string;
    }
  /** No usable answer. `sent`: the device may have acted. `retriable`: a new connection may do better. */
  | { readonly kind: 'lost'; readonly why: Problem; readonly sent: boolean; readonly retriable: boolean };

/** Text of one or two streams, as far as an answer may go. */
class Gathered {
  bytes = 0;
  #text = '';
  readonly #decoder = new StringDecoder('utf8');

  add(data: Buffer): string {
    this.bytes += data.length;
    const text = this.bytes > MAX_ANSWER ? '' : this.#decoder.write(data);
    this.#text += text;
    return text;
  }

  get lines(): readonly string[] {
    return linesOf(this.#text);
  }
}

/** Settles once, with all listeners given back. */
function once(resolve: (ran: Ran) => void): { finish(ran: Ran): void; readonly done: boolean; listen(off: () => void): void } {
  const offs: Array<() => void> = [];
  let done = false;
  return {
    get done() {
      return done;
    },
    listen: (off) => {
      if (done) off();
      else offs.push(off);
    },
    finish: (ran) => {
      if (done) return;
      done = true;
      for (const off of offs) off();
      resolve(ran);
    },
  };
}

export function runExec(connection: Connection, command: string, exit: ExecAccess['exit'], deadline: RunningDeadline): Promise<Ran> {
  deadline.step = 'running a command';
  return new Promise((resolve) => {
    let sent = false;
    let complete = false;
    let code: number | undefined;
    const out = new Gathered();
    const err = new Gathered();
    const end = once(resolve);
    const lost = (why: Problem, retriable: boolean): void => end.finish({ kind: 'lost', why, sent, retriable });
    end.listen(deadline.onOver(() => lost(deadline.over ?? connectionLost(deadline.where, deadline.step), false)));
    end.listen(
      connection.onGone(() => {
        // The end of the answer was seen before: the channel's close follows.
        if (!complete) lost(connectionLost(deadline.where, deadline.step), out.bytes + err.bytes === 0);
      }),
    );
    if (end.done) return;
    // Asked when the device has granted a channel, which may take its time (C21).
    const mayLeave = (): boolean => {
      if (!end.done && !deadline.mayAct) lost(orderTooLate(deadline.where.device, false), false);
      sent = !end.done;
      return sent;
    };
    connection.exec(command, mayLeave, (channel, why) => {
      if (channel === undefined) {
        sent = false;
        if (connection.usable) lost(sessionsExhausted(deadline.where, why), false);
        else lost(connectionLost(deadline.where, deadline.step, why), true);
        return;
      }
      channel.on('error', () => undefined);
      if (end.done) return void channel.destroy();
      end.listen(() => void channel.destroy());
      const take =
        (into: Gathered) =>
        (data: Buffer): void => {
          into.add(data);
          if (out.bytes + err.bytes > MAX_ANSWER) lost(answerTooLong(deadline.where, MAX_ANSWER), false);
        };
      channel.on('data', take(out));
      channel.stderr.on('data', take(err));
      channel.on('exit', (status: number | null) => {
        code = status ?? undefined;
      });
      channel.once('end', () => {
        complete ||= connection.alive;
      });
      channel.once('close', () => {
        if (!complete) lost(connectionLost(deadline.where, deadline.step), false);
        else if (code === undefined && exit === 'needed') lost(noExitStatus(deadline.where), false);
        else end.finish({ kind: 'ran', lines: out.lines, errors: err.lines, ...(code === undefined ? {} : { code }) });
      });
    });
  });
}

/** An interactive session whose prompt has been seen. */
export class Terminal {
  readonly #connection: Connection;
  readonly #channel: Channel;
  readonly #access: TerminalAccess;
  readonly #secrets: () => readonly string[];
  #listener: ((data: Buffer) => void) | undefined;
  #ended = false;
  /** Something went wrong on it: never to be used again. */
  #spoilt = false;
  /** What was said while nobody asked. */
  #idle = '';
  #atEnd: (() => void) | undefined;

  constructor(connection: Connection, channel: Channel, access: TerminalAccess, secrets: () => readonly string[]) {
    this.#connection = connection;
    this.#channel = channel;
    this.#access = access;
    this.#secrets = secrets;
    channel.on('error', () => undefined);
    channel.on('data', (data: Buffer) => this.#heard(data));
    channel.stderr.on('data', (data: Buffer) => this.#heard(data));
    channel.once('end', () => this.#over());
    channel.once('close', () => this.#over());
  }

  /** Fit for another command: open, and nothing was said that nobody asked for. A prompt more, or the rest of its colour, is harmless. */
  get fit(): boolean {
    if (this.#ended || this.#spoilt || !this.#connection.usable) return false;
    return linesOf(withoutPartialEscape(this.#idle)).every((line) => this.#access.prompt.test(line));
  }

  /** Waits for the first prompt; what is said before it is a greeting. */
  awaitPrompt(deadline: RunningDeadline): Promise<Problem | undefined> {
    deadline.step = 'waiting for the prompt';
    return new Promise((resolve) => {
      let text = '';
      const decoder = new StringDecoder('utf8');
      const end = once((ran) => resolve(ran.kind === 'lost' ? ran.why : undefined));
      const lost = (why: Problem): void => end.finish({ kind: 'lost', why, sent: false, retriable: false });
      end.listen(deadline.onOver(() => lost(deadline.over ?? connectionLost(deadline.where, deadline.step))));
      end.listen(
        this.#onEnd(() =>
          lost(sessionsExhausted(deadline.where, `it ended the session before a prompt: ${excerpt(linesOf(text), this.#secrets())}`)),
        ),
      );
      end.listen(
        this.#hear((data) => {
          text += decoder.write(data);
          if (text.length > MAX_ANSWER) lost(answerTooLong(deadline.where, MAX_ANSWER));
          else if (this.#access.prompt.test(lastLine(text))) end.finish({ kind: 'ran', lines: [], errors: [] });
        }),
      );
    });
  }

  run(command: Command, deadline: RunningDeadline): Promise<Ran> {
    deadline.step = 'waiting for the answer to a command';
    return new Promise((resolve) => {
      const dialog = new Dialog(this.#access, command, this.#idle);
      this.#idle = '';
      const heard = new Gathered();
      const end = once(resolve);
      const lost = (why: Problem, retriable = false): void => {
        this.#spoilt = true;
        end.finish({ kind: 'lost', why, sent: true, retriable });
      };
      end.listen(deadline.onOver(() => lost(deadline.over ?? connectionLost(deadline.where, deadline.step))));
      end.listen(this.#onEnd(() => lost(connectionLost(deadline.where, deadline.step), heard.bytes === 0)));
      end.listen(
        this.#hear((data) => {
          const text = heard.add(data);
          if (heard.bytes > MAX_ANSWER) return lost(answerTooLong(deadline.where, MAX_ANSWER));
          const step = dialog.feed(text);
          if (step.step === 'send') this.#say(step.text, deadline, () => lost(orderTooLate(deadline.where.device, true)));
          else if (step.step === 'out-of-step') lost(outOfStep(deadline.where, excerpt(step.lines, this.#secrets())));
          else if (step.step === 'answer') {
            const { declined } = dialog;
            end.finish({ kind: 'ran', lines: step.lines, errors: [], ...(declined === undefined ? {} : { declined }) });
          }
        }),
      );
      const unsaid = (): void => {
        this.#spoilt = true;
        end.finish({ kind: 'lost', why: orderTooLate(deadline.where.device, false), sent: false, retriable: false });
      };
      if (!end.done) this.#say(dialog.opening, deadline, unsaid);
    });
  }

  /** An order's line leaves in its time or not at all (C21). */
  #say(text: string, deadline: RunningDeadline, tooLate: () => void): void {
    if (deadline.mayAct) this.#channel.write(text);
    else tooLate();
  }

  /** Logs out, so that the device has its session back. */
  leave(): void {
    if (!this.#ended && this.#connection.alive) this.#channel.write(this.#access.leave + this.#access.newline);
  }

  #heard(data: Buffer): void {
    if (this.#listener !== undefined) this.#listener(data);
    else if (this.#idle.length < MAX_ANSWER) this.#idle += data.toString('utf8');
    else this.#spoilt = true;
  }

  #hear(listener: (data: Buffer) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  #onEnd(run: () => void): () => void {
    if (this.#ended || !this.#connection.alive) {
      run();
      return () => undefined;
    }
    this.#atEnd = run;
    const off = this.#connection.onGone(run);
    return () => {
      this.#atEnd = undefined;
      off();
    };
  }

  #over(): void {
    this.#ended = true;
    this.#atEnd?.();
  }
}

export function openTerminal(
  connection: Connection,
  access: TerminalAccess,
  secrets: () => readonly string[],
  deadline: RunningDeadline,
): Promise<Terminal | Problem> {
  deadline.step = 'opening a terminal';
  return new Promise((resolve) => {
    let done = false;
    const offs: Array<() => void> = [];
    const finish = (end: Terminal | Problem): void => {
      if (done) return;
      done = true;
      for (const off of offs) off();
      resolve(end);
    };
    offs.push(deadline.onOver(() => finish(deadline.over ?? connectionLost(deadline.where, deadline.step))));
    offs.push(connection.onGone(() => finish(connectionLost(deadline.where, deadline.step))));
    if (done) return;
    connection.terminal((channel, why) => {
      if (done) return void channel?.destroy();
      if (channel === undefined) return finish(sessionsExhausted(deadline.where, why));
      const terminal = new Terminal(connection, channel, access, secrets);
      void terminal.awaitPrompt(deadline).then((problem) => finish(problem ?? terminal));
    });
  });
}
