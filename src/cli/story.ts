/** `bailiff story`: everything that happened in one operation, or for one verdict or command, as far as the journal is kept. Does not take the state folder. */
import type { CameOfTold, End, StoryTold } from '../service/story.ts';
import { lookOn } from '../main/onlooker.ts';
import { giveUp, type Io, printJson, styleOf } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';

export const story: CommandModule = {
  define(command, io) {
    common(command.argument('<id>', 'of an operation, verdict, command or decision, as bailiff history shows it'))
      .addHelpText('after', '\nExamples:\n  bailiff story 01jd0c3k8q2x7v\n  bailiff story v7')
      .action(async (id: string, options: CommonOptions) => {
        const json = options.json === true;
        const loaded = await load(io, options, 'leave');
        if (loaded === undefined) return;
        const told = await lookOn(loaded.configuration).story(id);
        if ('code' in told) {
          giveUp(io, told, json);
          return;
        }
        io.ends(0);
        if (json) printJson(io, told.json);
        else if (told.kind === 'operation') print(io, told);
        else printCameOf(io, told);
      });
  },
};

function print(io: Io, { from, passages, pruned, end }: StoryTold): void {
  const time = (at: number): string => `${new Date(at).toISOString()}  ${`+${((at - from) / 1000).toFixed(3)} s`.padStart(10)}`;
  if (pruned !== undefined) {
    const before = new Date(pruned.at).toISOString();
    io.out(io.paint('doubt', `Pruned: what happened before ${before} is not kept. A snapshot of then says:`));
    for (const { at, says } of pruned.passages) io.out(`${time(at)}  ${says}`);
  }
  for (const { at, says } of passages) io.out(`${time(at)}  ${says}`);
  printEnd(io, end, 'It is still open.');
}

function printEnd(io: Io, end: End, open: string): void {
  if (end === 'untold') io.out('It has ended. An earlier version answered it, by other rules; what it said cannot be told again.');
  else if (end === 'open') io.out(open);
  else {
    const { outcome, problem } = end;
    io.out(`${io.paint(styleOf(outcome), outcome)}${problem === undefined ? '' : `: [${problem.code}] ${problem.says}`}`);
    if (problem !== undefined) io.out(`  next: ${problem.next}`);
  }
}

/** Every operation by itself, then the answer to all of it. */
function printCameOf(io: Io, { kind, id, passages, stories, end }: CameOfTold): void {
  for (const { at, says } of passages) io.out(`${new Date(at).toISOString()}  ${says}`);
  for (const one of stories) {
    io.out(io.paint('strong', `operation ${one.id} of ${kind} ${id}:`));
    if (one.isEmpty) io.out('What happened in it is not kept.');
    else print(io, one);
  }
  io.out(stories.length === 0 ? 'No operation was opened for it. Its answer:' : `The answer to ${kind} ${id}:`);
  printEnd(io, end, 'It is not answered yet.');
}
