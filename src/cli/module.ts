import type { Command } from 'commander';
import type { Io } from './io.ts';

/** One command: defines its arguments, options, examples and what it does. It says its outcome, then `io.ends` with the exit code. */
export interface CommandModule {
  define(command: Command, io: Io): void;
}

/** Every command that reads the configuration takes these. */
export function common(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration (also from BAILIFF_CONFIG)', process.env.BAILIFF_CONFIG ?? 'bailiff.yaml')
    .option('--json', 'print JSON for machines');
}

export interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
  /** Milliseconds for the whole command, where it takes them. */
  readonly timeout?: number;
}
