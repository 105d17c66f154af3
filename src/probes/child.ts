/** The door to the `ping` command: an argument array, no shell, bounded output. */
import { spawn } from 'node:child_process';

export interface Ended {
  /** Exit code; undefined when the child was ended by a signal or could not be started. */
  readonly code?: number;
  /** Set when it could not be started, e.g. `ENOENT`. */
  readonly failed?: string;
  /** First bytes of what it wrote to its error output. */
  readonly complaint: string;
}

export interface Child {
  readonly ended: Promise<Ended>;
  /** Ends it at once (SIGKILL: ping holds nothing that needs tidying); harmless when it has ended already. */
  end(): void;
}

export type Run = (command: string, args: readonly string[]) => Child;

const MOST_COMPLAINT = 1_024;

export const runChild: Run = (command, args) => {
  // Its texts are shown to people only, never parsed; LC_ALL=C keeps them searchable.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  let complaint = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    if (complaint.length < MOST_COMPLAINT) complaint = (complaint + text).slice(0, MOST_COMPLAINT);
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve({ failed: error.code ?? error.message, complaint }));
    child.once('close', (code) => resolve({ ...(code === null ? {} : { code }), complaint }));
  });
  return { ended, end: () => void child.kill('SIGKILL') };
};
