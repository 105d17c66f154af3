/** Where a command writes. Colour only on a terminal; progress goes to standard error, results to standard output. */
import type { Outcome, Problem } from '../vocabulary/index.ts';
import { EXIT } from '../vocabulary/index.ts';
import { coloured, shown, shownJson } from './terminal.ts';

/** `out` and `err` take one line: control characters in it, also a newline, are written out (`\n`), whoever they came from. */
export interface Io {
  exitCode: number;
  /** A person is watching: progress is shown. */
  readonly watched: boolean;
  out(line: string): void;
  err(line: string): void;
  /** Standard output, as indented JSON. */
  json(value: unknown): void;
  paint(style: Style, text: string): string;
}

export type Style = 'good' | 'bad' | 'doubt' | 'faint' | 'strong';

const CODES: Readonly<Record<Style, string>> = { good: '32', bad: '1;31', doubt: '33', faint: '2', strong: '1' };

export function realIo(): Io {
  // `bailiff story OP | head`: a reader that has seen enough is no reason to crash, and no reason to stop fencing.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return {
    exitCode: 0,
    watched: process.stderr.isTTY === true,
    out: (line) => void process.stdout.write(`${shown(line)}\n`),
    err: (line) => void process.stderr.write(`${shown(line)}\n`),
    json: (value) => void process.stdout.write(`${shownJson(value)}\n`),
    paint: (style, text) => (colour ? coloured(CODES[style], text) : text),
  };
}

export const printJson = (io: Io, value: unknown): void => io.json(value);

/** A text of our own that has several lines. */
export function printLines(io: Io, text: string): void {
  for (const line of text.trimEnd().split('\n')) io.out(line);
}

/** `{ code, says, next }` as three lines for tired eyes. */
export function printProblem(io: Io, problem: Problem): void {
  io.err(`${io.paint('bad', problem.code)}: ${problem.says}`);
  io.err(`  next: ${problem.next}`);
}

/** Ends a command that could not begin: usage or configuration, exit 2; nothing was attempted. */
export function giveUp(io: Io, problem: Problem, json: boolean): void {
  if (json) printJson(io, { code: problem.code, says: problem.says, next: problem.next });
  else printProblem(io, problem);
  io.exitCode = EXIT.usage;
}

export const styleOf = (outcome: Outcome): Style =>
  outcome === 'confirmed' || outcome === 'attested' ? 'good' : outcome === 'failed' || outcome === 'unconfirmed' ? 'bad' : 'doubt';

/** `1 event`, `27 events`. */
export const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
