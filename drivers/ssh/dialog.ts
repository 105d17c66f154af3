/**
 * One command on a terminal, without any input or output of its own: text in, text to send out. A device echoes the command, answers,
 * and prints its prompt again; it may ask for a confirmation or for a key to go on in between.
 */
import type { Confirmation, TerminalAccess } from './dialect.ts';
import { lastLine, linesOf, withoutEscapes } from './screen.ts';

/** A pager is answered this often; then the answer is taken for endless. */
const MAX_PAGES = 64;

export type Step =
  /** More text is needed. */
  | { readonly step: 'wait' }
  /** To be sent before anything else happens. */
  | { readonly step: 'send'; readonly text: string }
  /** The prompt is back: the lines of the answer, without echo, questions and prompt. */
  | { readonly step: 'answer'; readonly lines: readonly string[] }
  /** The prompt is back, and what stands before it is not an answer to this command. */
  | { readonly step: 'out-of-step'; readonly lines: readonly string[] };

export interface Command {
  readonly text: string;
  readonly plug: string;
  readonly confirm?: Confirmation;
}

export class Dialog {
  /** The device asked about another plug and was told no. */
  declined: string | undefined;
  readonly #access: TerminalAccess;
  readonly #command: Command;
  #text = '';
  #answered = '';
  #pages = 0;
  #confirmed = false;

  /** `before`: what came after the last prompt; the end of an escape sequence may still be on its way. */
  constructor(access: TerminalAccess, command: Command, before = '') {
    this.#access = access;
    this.#command = command;
    this.#text = before;
  }

  /** What to send to begin with. */
  get opening(): string {
    return this.#command.text + this.#access.newline;
  }

  feed(text: string): Step {
    this.#text += text;
    const last = lastLine(this.#text);
    const { more, prompt, newline } = this.#access;
    if (prompt.test(last)) return this.#end();
    if (more?.ask.test(last) === true && this.#pages < MAX_PAGES) {
      this.#pages += 1;
      this.#turnOver(last);
      return { step: 'send', text: more.answer };
    }
    const asked = this.#confirmed ? null : (this.#command.confirm?.ask.exec(last) ?? null);
    if (asked === null || this.#command.confirm === undefined) return { step: 'wait' };
    const about = asked.groups?.['plug'];
    this.#confirmed = true;
    this.#turnOver(last);
    if (about !== undefined && about !== this.#command.plug) this.declined = about;
    return { step: 'send', text: (this.declined === undefined ? this.#command.confirm.yes : this.#command.confirm.no) + newline };
  }

  /** Keeps what was said before a question; the question itself is no part of the answer. */
  #turnOver(question: string): void {
    const plain = withoutEscapes(this.#text);
    this.#answered += `${plain.slice(0, plain.lastIndexOf(question))}\n`;
    this.#text = '';
  }

  #end(): Step {
    const before = linesOf(this.#answered + withoutEscapes(this.#text));
    // The prompt is the last of them; the echo is the first, behind prompts where the device printed more than one.
    const first = before.findIndex((line) => !this.#access.prompt.test(line));
    const lines = first < 0 ? [] : before.slice(first, -1);
    const echo = lines[0];
    // Nothing but prompts: they are left over from before, and our echo has yet to come.
    if (echo === undefined) return { step: 'wait' };
    if (!this.#isEcho(echo)) return { step: 'out-of-step', lines };
    const rest = lines.slice(1);
    // The key that answered a question is echoed too.
    const typed = this.#command.confirm === undefined ? [] : [this.#command.confirm.yes, this.#command.confirm.no];
    return { step: 'answer', lines: rest.filter((line) => !this.#confirmed || !typed.includes(line)) };
  }

  #isEcho(line: string): boolean {
    if (line === this.#command.text) return true;
    if (!line.endsWith(this.#command.text)) return false;
    return this.#access.prompt.test(line.slice(0, -this.#command.text.length).trim());
  }
}
