#!/usr/bin/env node
/** The command `bailiff`: the table of its commands. Only the command that is asked for is loaded. */
import { Command, CommanderError } from 'commander';
import { Ending } from './ending.ts';
import { type Io, realIo } from './io.ts';
import type { CommandModule } from './module.ts';
import { endUsage, speaksAs, wantsJson } from './usage.ts';
import { VERSION } from './version.ts';

interface Row {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const COMMANDS: readonly Row[] = [
  { name: 'fence', summary: 'cut the power of a node and prove it off', load: async () => (await import('./fence.ts')).fence },
  { name: 'unfence', summary: 'power a node on again and clear its fenced mark', load: async () => (await import('./fence.ts')).unfence },
  {
    name: 'status',
    summary: 'power of every outlet, read now; fenced marks; open operations',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'plan',
    summary: 'what a fence would do, in order, with worst-case times; touches nothing',
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'check',
    summary: 'lint the configuration, log in to every device, switch nothing',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'config',
    summary: 'schema: JSON Schema of the configuration; show: what is in force',
    load: async () => (await import('./config.ts')).config,
  },
  { name: 'verdict', summary: 'keygen, sign, submit: signed verdicts', load: async () => (await import('./verdict.ts')).verdict },
  { name: 'pending', summary: 'operations that wait for a person', load: async () => (await import('./pending.ts')).pending },
  { name: 'approve', summary: 'let a pending operation go on', load: async () => (await import('./person.ts')).approve },
  { name: 'deny', summary: 'end a pending operation without a shot', load: async () => (await import('./person.ts')).deny },
  { name: 'attest', summary: 'state, by name, that a node is down', load: async () => (await import('./person.ts')).attest },
  { name: 'resume', summary: 'finish operations that a crash or Ctrl-C left open', load: async () => (await import('./resume.ts')).resume },
  { name: 'history', summary: 'operations of the past, newest last', load: async () => (await import('./history.ts')).history },
  { name: 'story', summary: 'everything that happened in one operation', load: async () => (await import('./story.ts')).story },
  {
    name: 'journal',
    summary: 'verify: check every line and the chain; restore: bring a copy back',
    load: async () => (await import('./journal.ts')).journal,
  },
  { name: 'epoch', summary: 'show, set: the epoch below which verdicts are stale', load: async () => (await import('./epoch.ts')).epoch },
  { name: 'conform', summary: 'judge a device by the conformance cases C01-C21', load: async () => (await import('./conform.ts')).conform },
  {
    name: 'discover',
    summary: 'what is this BMC, PDU or SSH device, and how is it configured',
    load: async () => (await import('./discover.ts')).discover,
  },
  { name: 'lab', summary: 'up, power, fault: a simulated rack to try things on', load: async () => (await import('./lab.ts')).lab },
];

const VERSION_WORDS: ReadonlySet<string> = new Set(['--version', '-V']);

const EXAMPLES = `
Examples:
  bailiff fence db1 --reason "disk controller hangs" --by anna
  bailiff status
  bailiff plan db1
  bailiff lab up --folder rack        a simulated rack to try all this on

Exit codes: 0 confirmed (or attested), 1 failed, 2 usage or configuration, 3 refused, 4 withheld (nothing was switched), 5 unconfirmed (treat the node as running), 70 ended before it could say, 130 interrupted.`;

/** `bailiff help fence` is `bailiff fence --help`: only the command that is named is loaded, with its options and examples. */
function asTyped(words: readonly string[]): readonly string[] {
  const [help, ...named] = words.filter((word) => !word.startsWith('-'));
  return help === 'help' && COMMANDS.some((row) => row.name === named[0]) ? [...named, '--help'] : words;
}

async function main(io: Io, argv: readonly string[]): Promise<void> {
  if (wantsJson(argv) && argv.length === 2 && argv.some((word) => VERSION_WORDS.has(word))) {
    io.json({ version: VERSION });
    io.ends(0);
    return;
  }
  const program = speaksAs(new Command('bailiff'), io, argv)
    .description('Carries out split-brain verdicts: fences the target, proves it is off, and only then answers.')
    .version(VERSION)
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  const asked = argv.find((word) => !word.startsWith('-'));
  const named = COMMANDS.find((row) => row.name === asked);
  // The others are there for the list in the help and for "did you mean"; a command in a hurry does not wait for them.
  const shown = named !== undefined ? [named] : argv.length === 1 && VERSION_WORDS.has(argv[0] ?? '') ? [] : COMMANDS;
  for (const row of shown) {
    const command = program.command(row.name).summary(row.summary).description(row.summary).exitOverride();
    if (row === named) (await row.load()).define(command, io);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    endUsage(io, program, argv, error);
  }
}

const io = realIo();
const words = asTyped(process.argv.slice(2));
const ending = new Ending(io, wantsJson(words));
ending.watch();
main(io, words).then(
  async () => await ending.end(),
  async (error: unknown) => await ending.stop(error),
);
