/** `bailiff journal verify` and `bailiff journal restore`: whether the journal is whole, and bringing a copy of it back. */
import { bringBack, type Restored, type Verification, verifyJournal } from '../main/journal.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { askLine } from './ask.ts';
import { epochNumber, isEpoch, WHOLE_NUMBER } from './epoch.ts';
import { byName, spoken } from './words-given.ts';
import { giveUp, type Io, printJson, printProblem } from './io.ts';
import { counted } from '../service/words.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { whoIs } from './who.ts';
import { notStarted } from './with-service.ts';

export const journal: CommandModule = {
  define(command, io) {
    const verify = command.command('verify').summary('check every line and the chain');
    common(
      verify.addHelpText('after', '\nExample:\n  bailiff journal verify\n\nExit codes: 0 intact, 1 damaged, older, or not readable.'),
    ).action(async (options: CommonOptions) => {
      const loaded = await load(io, options, 'leave');
      if (loaded === undefined) return;
      const result = await verifyJournal(loaded.configuration.stateDir);
      io.ends(result.ok ? 0 : EXIT.failed);
      if (options.json === true) printJson(io, result);
      else printVerified(io, result);
    });
    defineRestore(command.command('restore [copy]'), io);
  },
};

function printVerified(io: Io, { ok, entries, segments, problem, warnings }: Verification): void {
  for (const warning of warnings) printProblem(io, warning);
  if (problem !== undefined) printProblem(io, problem);
  const events = counted(entries, 'event');
  const all = `${events} in ${counted(segments, 'segment')}`;
  if (ok) io.out(`${io.paint('good', 'intact')}: ${all}`);
  else if (problem?.code === 'journal-damaged') io.out(`${io.paint('bad', 'damaged')}: ${events} before the damage`);
  else if (problem?.code === 'journal-older') io.out(`${io.paint('bad', 'older')}: ${all}, whole in themselves`);
  else io.out(`${io.paint('bad', 'unreadable')}: it could not be checked`);
}

interface RestoreOptions extends CommonOptions {
  readonly empty?: boolean;
  readonly replaceIntact?: boolean;
  readonly lowestEpoch?: number;
  readonly reason: string;
  readonly by?: string;
}

function defineRestore(command: ReturnType<Parameters<CommandModule['define']>[0]['command']>, io: Io): void {
  const summary = 'bring a copy of the journal back; the present one is kept aside';
  common(command.summary(summary).description(summary))
    .option('--empty', 'there is no copy: begin an empty journal')
    .option('--replace-intact', 'with --empty, also where the present journal is whole: what it knows of fenced nodes is forgotten')
    .option(
      '--lowest-epoch <epoch>',
      'verdicts of an older epoch are stale from now on; asked for on a terminal where it is missing',
      epochNumber,
    )
    .requiredOption('-r, --reason <text>', 'why; it is recorded', spoken)
    .option('--by <name>', 'who says so (default: the login name)', byName)
    .addHelpText(
      'after',
      `
The copy: a folder with journal-*.jsonl, a state folder, or one segment that begins with a snapshot.
Ask the arbiter which epoch it used last, and look which nodes are off: what came after the copy is forgotten.

Examples:
  bailiff journal restore /backup/state/journal --lowest-epoch 42 --reason "disk replaced" --by anna
  bailiff journal restore --empty --lowest-epoch 42 --reason "no copy was left"`,
    )
    .action(async (copy: string | undefined, options: RestoreOptions) => await restore(io, copy, options));
}

async function restore(io: Io, copy: string | undefined, options: RestoreOptions): Promise<void> {
  const json = options.json === true;
  const loaded = await load(io, options, 'leave');
  if (loaded === undefined) return;
  if ((copy === undefined) !== (options.empty === true)) {
    giveUp(io, copyOrEmpty, json);
    return;
  }
  // Asked before the state folder is taken: nobody waits for what a person types.
  const epoch = options.lowestEpoch ?? (process.stdin.isTTY === true ? await askEpoch(io) : undefined);
  if (epoch === undefined) {
    giveUp(io, epochMissing, json);
    return;
  }
  const { stateDir } = loaded.configuration;
  // A copy was named, and what it knows is known; an empty journal knows nothing.
  const present = options.empty === true && options.replaceIntact !== true ? await verifyJournal(stateDir) : undefined;
  if (present?.ok === true && present.entries > 0) {
    giveUp(io, stillIntact(present.entries), json);
    return;
  }
  const result = await bringBack(stateDir, copy, { epoch, by: whoIs(options.by), reason: options.reason });
  if ('code' in result) {
    if (result.code === 'journal-unwritable') notStarted(io, result, json);
    else giveUp(io, result, json);
    return;
  }
  for (const warning of result.warnings) printProblem(io, warning);
  io.ends(0);
  if (json) printJson(io, result);
  else printRestored(io, result, copy);
}

const copyOrEmpty: Problem = {
  code: 'usage',
  says: 'Name the copy that is brought back, or say --empty where there is none.',
  next: 'See bailiff journal restore --help.',
};

const stillIntact = (entries: number): Problem => ({
  code: 'journal-is-intact',
  says: `The present journal is whole (${counted(entries, 'event')}): an empty one in its place would not know which nodes are fenced.`,
  next: 'Nothing was changed. Where you mean it, pass --replace-intact; the present one is kept aside.',
});

const epochMissing: Problem = {
  code: 'epoch-missing',
  says: 'Nobody said which epoch is the lowest that is valid from now on.',
  next: 'Nothing was changed. Ask the arbiter for the newest epoch that it has used, then pass --lowest-epoch N.',
};

/** `known`: an epoch that was in force. */
const MOST_QUESTIONS = 3;

async function askEpoch(io: Io): Promise<number | undefined> {
  const question = 'Verdicts below which epoch are stale from now on? The arbiter knows the newest that it has used: ';
  for (let asked = 0; asked < MOST_QUESTIONS; asked += 1) {
    const typed = await askLine(question, { input: process.stdin, output: process.stderr });
    if (typed === undefined || typed === '') return undefined;
    if (isEpoch(typed)) return Number(typed);
    io.err(WHOLE_NUMBER);
  }
  return undefined;
}

function printRestored(io: Io, { events, segments, aside }: Restored, copy: string | undefined): void {
  const what =
    copy === undefined ? 'an empty journal begins' : `${counted(events, 'event')} in ${counted(segments, 'segment')} from ${copy}`;
  io.out(`${io.paint('good', 'restored')}: ${what}`);
  if (aside !== undefined) io.out(`  The journal that was there is kept: ${aside}`);
  io.out('  next: bailiff status, and compare it with the machines: marks of what was fenced later are gone.');
}
