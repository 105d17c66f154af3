/** Where a command writes. Colour only on a terminal; progress goes to standard error, results to standard output. */
import type { Outcome, Problem } from '../vocabulary/index.ts';
import { EXIT } from '../vocabulary/index.ts';
import { guard } from './guard.ts';
import { coloured, folded, shown, shownJson } from './terminal.ts';

/** `out` and `err` take one line: control characters in it, also a newline, are written out (`\n`), whoever they came from. */
export interface Io {
  /** The command has said its outcome: with this code the process ends, once what was printed is on its way. The last call counts. */
  ends(code: number): void;
  /** What `ends` was told, if anything was printed at all. Undefined: no outcome was said. */
  readonly ended: number | undefined;
  /** Milliseconds for which a reader that takes nothing may hold up the end of the process; undefined: nobody waits for that end. */
  patience: number | undefined;
  /** Why what was printed is not whole where it went (`ENOSPC`); a reader that has seen enough is no reason. */
  readonly lost: string | undefined;
  /** Nothing has gone to standard output yet. */
  readonly mute: boolean;
  /** A person is watching: progress is shown. */
  readonly watched: boolean;
  /** How wide the terminal is that reads standard output; absent where a program or a file does. */
  readonly columns?: number;
  out(line: string): void;
  err(line: string): void;
  /** Standard output, as indented JSON. */
  json(value: unknown): void;
  paint(style: Style, text: string): string;
  /** Until all that was printed has been taken by whoever reads it, or nobody reads any more. */
  taken(): Promise<void>;
}

export type Style = 'good' | 'bad' | 'doubt' | 'faint' | 'strong';

const CODES: Readonly<Record<Style, string>> = { good: '32', bad: '1;31', doubt: '33', faint: '2', strong: '1' };

/** What of a stream matters here; `process.stdout` is one. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** What was written and nobody has taken yet, in bytes. */
  readonly writableLength?: number;
  /** Of a terminal in Node: its descriptor, and whether a write waits until the terminal takes it. */
  readonly _handle?: { readonly fd?: number; setBlocking?(waits: boolean): unknown } | null;
  on(event: 'error', listener: (error: { readonly code?: string }) => void): unknown;
  write(text: string, taken?: () => void): unknown;
}

/** How long a reader of our output may take nothing, where somebody waits for the end of the process. */
export const READER_WITHIN = 10_000;

/** Progress that nobody takes (Ctrl-S) waits in memory up to so many bytes; what comes then is dropped. */
const MOST_WAITING = 262_144;

interface Surroundings {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function realIo({ stdout, stderr, env }: Surroundings = process): Io {
  // `bailiff story OP | head`: a reader that has seen enough is no reason to crash, and no reason to stop fencing.
  stderr.on('error', () => undefined);
  let lost: string | undefined;
  stdout.on('error', ({ code: why }) => {
    if (why !== 'EPIPE') lost ??= why ?? 'error';
  });
  for (const [fd, sink] of [stdout, stderr].entries()) neverWaits(sink, fd + 1);
  const columns = columnsOf(stdout);
  const printed = new Set<Sink>();
  let code: number | undefined;
  const to =
    (sink: Sink) =>
    (line: string): void => {
      printed.add(sink);
      if (sink === stdout || (sink.writableLength ?? 0) < MOST_WAITING) writeTo(sink, line, env);
    };
  return {
    ends: (given) => {
      code = given;
    },
    get ended() {
      return printed.size > 0 ? code : undefined;
    },
    get lost() {
      return lost;
    },
    get mute() {
      return !printed.has(stdout);
    },
    patience: undefined,
    watched: stderr.isTTY === true,
    ...(columns === undefined ? {} : { columns }),
    out: to(stdout),
    err: to(stderr),
    json: (value) => {
      printed.add(stdout);
      guard.whileWaiting(() => void stdout.write(`${shownJson(value)}\n`));
    },
    // Each stream decides for itself whether it shows colours: errors often go to a file while results go to the terminal.
    paint: (style, text) => coloured(CODES[style], text),
    taken: async () => {
      await Promise.all([stdout, stderr].map(taken));
    },
  };
}

/**
 * Node writes to a terminal until the terminal has taken it, and one that was stopped (Ctrl-S) takes nothing: everything would wait, a fence too.
 * So terminals are written to like pipes. Not where Node shares the terminal with whoever started us (it opens it anew where it can, on another
 * descriptor): their programs would stop waiting as well.
 */
function neverWaits({ isTTY, _handle: handle }: Sink, shared: number): void {
  if (isTTY === true && handle?.fd !== undefined && handle.fd !== shared) handle.setBlocking?.(false);
}

/** A pipe takes what it has room for; the rest waits in memory for its reader, and would be lost with the process. Errors call back too. */
const taken = async (sink: Sink): Promise<void> => await new Promise((resolve) => void sink.write('', () => resolve()));

const columnsOf = ({ isTTY, columns }: Sink): number | undefined => (isTTY === true && columns ? columns : undefined);

function writeTo(sink: Sink, line: string, env: Surroundings['env']): void {
  // https://no-color.org: any value but the empty one. A terminal that calls itself dumb knows no colours.
  const colour = sink.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  for (const one of folded(line, columnsOf(sink) ?? Number.POSITIVE_INFINITY))
    guard.whileWaiting(() => void sink.write(`${shown(one, colour)}\n`));
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
  io.ends(EXIT.usage);
}

export const styleOf = (outcome: Outcome): Style =>
  outcome === 'confirmed' || outcome === 'attested' ? 'good' : outcome === 'failed' || outcome === 'unconfirmed' ? 'bad' : 'doubt';

/** `1 event`, `27 events`. */
