/** How one kind of device talks: a line comes in, text goes out. No sockets, no state beyond the question just asked. */
import type { Board } from './board.ts';

export interface Reply {
  /** Lines without their ends. */
  readonly out: readonly string[];
  /** Lines on the error stream (exec only). */
  readonly err?: readonly string[];
  /** Exit status (exec only); default 0. */
  readonly code?: number;
  /** A question: what comes next is the answer to it. */
  readonly ask?: { readonly question: string; readonly answered: (answer: string) => Reply };
  /** The device ends the session. */
  readonly bye?: true;
  /** The answer tells the power of a plug: faults of readings strike it. */
  readonly tells?: true;
}

export interface Voice {
  readonly name: string;
  /** A command line on a terminal; absent: commands by exec in a shell. */
  readonly prompt?: string;
  readonly greeting?: readonly string[];
  /** The end of a line as the device writes it; default CR LF on a terminal, LF by exec. */
  readonly newline?: string;
  /** The command line runs on the machine itself: without power there is nobody to answer. */
  readonly onTheMachine?: true;
  /** The machine has started again. */
  rebooted?(): void;
  answer(line: string, board: Board): Reply;
}

export const said = (...out: readonly string[]): Reply => ({ out });

/** `On`, `Off`, or the word for neither. */
export const word = (
  power: 'on' | 'off' | 'transitional',
  words: { readonly on: string; readonly off: string; readonly neither: string },
): string => (power === 'transitional' ? words.neither : words[power]);
