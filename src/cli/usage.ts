/** A command line that was not understood: for people as commander says it, for machines as a problem on standard output. Exit 2. */
import type { Command, CommanderError } from 'commander';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { type Io, printLines } from './io.ts';
import { escaped } from './terminal.ts';

/** Asked before anything is parsed: a command line that is wrong is still answered in the form that it asks for. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

const SUGGESTION = /\n(?=\(Did you mean )/;

/** Sets how commander speaks. Commands made later inherit it. */
export function speaksAs(program: Command, io: Io, argv: readonly string[]): Command {
  const where = tooEarly(argv) ? 'options come after the command; ' : '';
  return program.showHelpAfterError(`(${where}bailiff --help, or bailiff COMMAND --help)`).configureOutput({
    writeOut: (text) => printLines(io, text),
    // Help is told on standard error too, where no command was given; a program wants the problem only.
    writeErr: (text) => {
      if (wantsJson(argv)) return;
      for (const line of text.trimEnd().split('\n')) io.err(line);
    },
    // Arguments are repeated in it; only commander's own suggestion has a line of its own.
    outputError: (text, write) => write(text.trimEnd().split(SUGGESTION).map(escaped).join('\n')),
  });
}

/** Ends with what commander threw; help and version that were asked for are no error. */
export function endUsage(io: Io, program: Command, argv: readonly string[], error: CommanderError): void {
  // Help that was asked for goes to standard output. Its exit code tells nothing: commander takes over that of the process.
  const asked = error.code === 'commander.help' ? !io.mute : error.exitCode === 0;
  if (!asked && wantsJson(argv)) io.json(usageProblem(program, argv, error));
  io.ends(asked ? 0 : EXIT.usage);
}

function usageProblem(program: Command, argv: readonly string[], error: CommanderError): Problem {
  const told = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  const command = commandAsked(program, argv);
  return {
    code: 'usage',
    says: error.code === 'commander.help' ? 'No command was given.' : sentence(told),
    next: `${tooEarly(argv) ? 'Options come after the command. ' : ''}See ${command} --help.`,
  };
}

/** `bailiff --json status`: the option is known, but not here. */
const tooEarly = (argv: readonly string[]): boolean => argv.length > 1 && argv[0]?.startsWith('-') === true;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '.'}`;

/** `bailiff verdict sign`, as far as the words name commands. */
function commandAsked(program: Command, argv: readonly string[]): string {
  let found = program;
  const names = [program.name()];
  for (const word of argv) {
    const next = found.commands.find((one) => one.name() === word);
    if (next === undefined && !word.startsWith('-')) break;
    if (next === undefined) continue;
    found = next;
    names.push(word);
  }
  return names.join(' ');
}
