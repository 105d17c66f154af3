/** Where a command writes. Colour only on a terminal; progress goes to standard error, results to standard output. */
import type { Outcome, Problem } from '../vocabulary/index.ts';
import { EXIT } from '../vocabulary/index.ts';
import { coloured, folded, shown, shownJson } from './terminal.ts';

/** `out` and `err` take one line: control characters in it, also a newline, are written out (`\n`), whoever they came from. */
export interface Io {
  exitCode: number;
  /** A person is watching: progress is shown. */
  readonly watched: boolean;
  /** How wide the terminal is that reads standard output; absent where a program or a file does. */
  readonly columns?: number;
  out(line: string): void;
  err(line: string): void;
  /** Standard output, as indented JSON. */
  json(value: unknown): void;
  paint(style: Style, text: string): string;
}

export type Style = 'good' | 'bad' | 'doubt' | 'faint' | 'strong';

const CODES: Readonly<Record<Style, string>> = { good: '32', bad: '1;31', doubt: '33', faint: '2', strong: '1' };

/** What of a stream matters here; `process.stdout` is one. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  on(event: 'error', listener: () => void): unknown;
  write(text: string): unknown;
}

interface Surroundings {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function realIo({ stdout, stderr, env }: Surroundings = process): Io {
  // `bailiff story OP | head`: a reader that has seen enough is no reason to crash, and no reason to stop fencing.
  for (const sink of [stdout, stderr]) sink.on('error', () => undefined);
  const columns = columnsOf(stdout);
  return {
    exitCode: 0,
    watched: stderr.isTTY === true,
    ...(columns === undefined ? {} : { columns }),
    out: (line) => writeTo(stdout, line, env),
    err: (line) => writeTo(stderr, line, env),
    json: (value) => void stdout.write(`${shownJson(value)}\n`),
    // Each stream decides for itself whether it shows colours: errors often go to a file while results go to the terminal.
    paint: (style, text) => coloured(CODES[style], text),
  };
}

const columnsOf = ({ isTTY, columns }: Sink): number | undefined => (isTTY === true && columns ? columns : undefined);

function writeTo(sink: Sink, line: string, env: Surroundings['env']): void {
  // https://no-color.org: any value but the empty one. A terminal that calls itself dumb knows no colours.
  const colour = sink.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  for (const one of folded(line, columnsOf(sink) ?? Number.POSITIVE_INFINITY)) sink.write(`${shown(one, colour)}\n`);
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
