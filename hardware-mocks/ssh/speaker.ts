/** One session channel: a terminal with its line discipline, or one command. Text in, text out, through the fault plan. */
import type { ServerChannel } from 'ssh2';
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { Board } from './board.ts';
import type { SshManners } from './manners.ts';
import type { Reply, Voice } from './voice.ts';

interface SpeakerWorld {
  readonly voice: Voice;
  readonly board: Board;
  readonly faulty: Faulty;
  readonly clock: MockClock;
  readonly manners: SshManners;
  /** `> line` for what was asked, `< line` for what was answered. */
  log(line: string): void;
  /** An answer that tells a power: sent now, or kept back. */
  passKeptBack(send: () => void): void;
  hangUp(): void;
}

const MAX_LINE = 4_096;
/** Carriage return and line feed together end one line. */
const ENDS = /\r\n|\r|\n/;
const MORE = '--More--';

export class Speaker {
  readonly #world: SpeakerWorld;
  readonly #channel: ServerChannel;
  #typed = '';
  #then: ((answer: string) => Reply) | undefined;
  #pages: string[] = [];
  #closed = false;
  readonly #queue: Array<{ readonly bytes: Buffer; readonly sent: () => void }> = [];

  constructor(world: SpeakerWorld, channel: ServerChannel) {
    this.#world = world;
    this.#channel = channel;
    channel.on('error', () => undefined);
    channel.on('close', () => {
      this.#closed = true;
    });
  }

  /** One command by exec. */
  exec(command: string): void {
    const { voice, board, faulty, manners } = this.#world;
    this.#channel.resume();
    if (faulty.arriving(Buffer.from(command)).length === 0) return;
    this.#world.log(`> ${command.slice(0, MAX_LINE)}`);
    const reply: Reply = manners.doesNothing === true ? { out: [] } : voice.answer(command, board);
    const end = voice.newline ?? '\n';
    const lines = (texts: readonly string[]): string => texts.map((text) => text + end).join('');
    this.#tell(reply, () => {
      if (reply.err !== undefined) this.#channel.stderr.write(lines(reply.err));
      for (const line of [...reply.out, ...(reply.err ?? [])]) this.#world.log(`< ${line}`);
      this.#send(slip(reply, manners) + lines(reply.out), () => {
        if (manners.neverExits === true) return;
        if (manners.noExitStatus !== true) this.#channel.exit(reply.code ?? 0);
        this.#channel.end();
        if (manners.hangsUpAfterCommand === true) this.#world.hangUp();
      });
    });
  }

  /** An interactive session. */
  terminal(): void {
    const { voice } = this.#world;
    this.#channel.on('data', (data: Buffer) => this.#heard(data.toString('latin1')));
    this.#send((voice.greeting ?? []).map((line) => line + this.#newline).join('') + this.#prompt);
  }

  get #newline(): string {
    return this.#world.voice.newline ?? '\r\n';
  }

  get #prompt(): string {
    const { voice, manners } = this.#world;
    const prompt = voice.prompt ?? '$ ';
    const dressed = manners.ansi === true ? `\u001b[0m\u001b]0;device\u0007\u001b[1;32m${prompt}\u001b[0m` : prompt;
    return manners.promptTwice === true ? dressed + this.#newline + dressed : dressed;
  }

  #heard(text: string): void {
    const { faulty } = this.#world;
    // A terminal shows what is typed, at once; a device that says nothing does not.
    const mute = faulty.plan.faults.some((fault) => fault.kind === 'mute');
    if (faulty.silent) return;
    if (this.#pages.length > 0) {
      this.#nextPage();
      return;
    }
    const show = (typed: string): void => {
      if (!mute && typed !== '') this.#write(Buffer.from(typed, 'latin1'), () => undefined);
    };
    // Line by line, as a command line that reads its keyboard itself: what was typed ahead is shown when it is read.
    let rest = text;
    for (let at = ENDS.exec(rest); at !== null; at = ENDS.exec(rest)) {
      show(rest.slice(0, at.index) + this.#newline);
      const line = this.#typed + rest.slice(0, at.index);
      this.#typed = '';
      rest = rest.slice(at.index + at[0].length);
      this.#line(edited(line));
    }
    show(rest);
    this.#typed = (this.#typed + rest).slice(-MAX_LINE);
  }

  #line(line: string): void {
    const { voice, board, faulty, manners } = this.#world;
    if (faulty.arriving(Buffer.from(line)).length === 0) return;
    this.#world.log(`> ${line}`);
    const then = this.#then;
    this.#then = undefined;
    const reply = then === undefined ? voice.answer(line, board) : then(line);
    for (const each of reply.out) this.#world.log(`< ${each}`);
    this.#tell(reply, () => {
      if (reply.ask !== undefined) {
        this.#world.log(`< ${reply.ask.question}`);
        this.#then = reply.ask.answered;
        this.#send(reply.ask.question);
        return;
      }
      if (reply.bye === true) {
        this.#send(reply.out.map((each) => each + this.#newline).join(''), () => {
          this.#channel.exit(0);
          this.#channel.end();
        });
        return;
      }
      const slipped = slip(reply, manners);
      const lines = reply.out.map((each) => (manners.ansi === true ? `\u001b[K\u001b[33m${each}\u001b[0m` : each));
      const page = manners.pageLines ?? 0;
      if (page > 0 && lines.length > page) {
        this.#pages = lines;
        this.#nextPage();
      } else {
        this.#send(slipped + lines.map((each) => each + this.#newline).join('') + this.#prompt);
      }
    });
  }

  #nextPage(): void {
    const page = this.#pages.splice(0, Math.max(1, this.#world.manners.pageLines ?? 1));
    const text = page.map((each) => each + this.#newline).join('');
    this.#send(
      this.#pages.length > 0 ? text + (this.#world.voice.name === 'servertech' ? 'More (Y/es N/o): ' : MORE) : text + this.#prompt,
    );
  }

  #tell(reply: Reply, send: () => void): void {
    if (reply.tells === true) this.#world.passKeptBack(send);
    else send();
  }

  /** Through the fault plan and onto the wire; `then` after the last piece. Nothing is sent where the plan says so. */
  #send(text: string, then: () => void = () => undefined): void {
    const { faulty, clock } = this.#world;
    const deliveries = faulty.leaving(Buffer.from(text, 'latin1'));
    for (const [index, { bytes, afterMs }] of deliveries.entries()) {
      const last = index === deliveries.length - 1;
      const write = (): void => this.#write(Buffer.from(bytes), last ? then : () => undefined);
      if (afterMs > 0) clock.after(afterMs, write);
      else write();
    }
  }

  /** In order, and in pieces where the manners say so: as a serial line would. */
  #write(bytes: Buffer, then: () => void): void {
    this.#queue.push({ bytes, sent: then });
    if (this.#queue.length === 1) this.#flush();
  }

  #flush(): void {
    const piece = this.#world.manners.pieceBytes ?? 0;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#closed || !this.#channel.writable) {
        this.#queue.length = 0;
        return;
      }
      if (piece > 0 && next.bytes.length > piece) {
        this.#channel.write(next.bytes.subarray(0, piece));
        this.#queue[0] = { bytes: next.bytes.subarray(piece), sent: next.sent };
        setImmediate(() => this.#flush());
        return;
      }
      if (next.bytes.length > 0) this.#channel.write(next.bytes);
      next.sent();
      this.#queue.shift();
    }
  }
}

const slip = (reply: Reply, manners: SshManners): string => (reply.tells === true ? (manners.slipIn ?? '') : '');

/** Backspace and Ctrl-U, as a person at the keyboard expects. */
function edited(line: string): string {
  let text = '';
  for (const char of line) {
    if (char === '\b' || char === '\u007f') text = text.slice(0, -1);
    else if (char === '\u0015') text = '';
    else if (char >= ' ') text += char;
  }
  return text;
}
