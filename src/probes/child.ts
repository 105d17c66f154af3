/** The port to the `ping` command: an argument array, no shell, bounded output. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';

export interface Ended {
  /** Exit code; undefined when the child was ended by a signal or could not be started. */
  readonly code?: number;
  /** Set when it could not be started, e.g. `ENOENT`. */
  readonly failed?: string;
  /** First bytes of what it wrote to its error output. */
  readonly complaint: string;
  /** First bytes of what it wrote to its standard output. */
  readonly said: string;
}

export interface Child {
  readonly ended: Promise<Ended>;
  /** Ends it at once (SIGKILL: ping holds nothing that needs tidying); harmless when it has ended already. */
  end(): void;
}

export type Run = (command: string, args: readonly string[]) => Child;

const MOST_KEPT = 2_048;

/** Collects what a stream says, up to a bound; what comes after is read and dropped, so that the child never waits for us. */
const firstOf = (stream: Readable): (() => string) => {
  let kept = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    if (kept.length < MOST_KEPT) kept = (kept + text).slice(0, MOST_KEPT);
  });
  return () => kept;
};

export const runChild: Run = (command, args) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  const said = firstOf(child.stdout);
  const complaint = firstOf(child.stderr);
  const ended = new Promise<Ended>((resolve) => {
    const end = (how: Pick<Ended, 'code' | 'failed'>): void => resolve({ ...how, complaint: complaint(), said: said() });
    child.once('error', (error: NodeJS.ErrnoException) => end({ failed: error.code ?? error.message }));
    child.once('close', (code) => end(code === null ? {} : { code }));
  });
  return { ended, end: () => void child.kill('SIGKILL') };
};

/** Can a command of this name be run by us? */
export const isOnPath = (command: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
