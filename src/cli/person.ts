/** What only a person can do: approve, deny, attest. */
import type { Command } from 'commander';
import type { OpenView } from '../service/views.ts';
import { askLine } from './ask.ts';
import { tellCarried } from './carried.ts';
import { tellInterrupted } from './cut-short.ts';
import { admissible } from './named-node.ts';
import { byName, spoken } from './words-given.ts';
import { giveUp } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { loadToAct } from './open.ts';
import { idOf, type RepeatOptions, repeatable } from './repeat.ts';
import { principal } from './who.ts';
import { withService } from './with-service.ts';

interface PersonOptions extends CommonOptions, RepeatOptions {
  readonly reason: string;
  readonly by?: string;
  readonly confirmNode?: string;
}

function named(command: Command): Command {
  return repeatable(
    common(command)
      .requiredOption('-r, --reason <text>', 'why; it is recorded', spoken)
      .option('--by <name>', 'who says so (default: the login name)', byName),
  );
}

const EXITS = {
  approve:
    'Exit codes: as fence; 3 where the operation does not wait for a person (any more). It does not wait for a second person: 5 where one must cut the power by hand.',
  deny: 'Exit codes: 4 it ends withheld, 3 the operation does not wait for a person, or has ordered something already.',
} as const;

function decide(kind: 'approve' | 'deny'): CommandModule {
  return {
    define(command, io) {
      named(command.argument('<operation>', 'as bailiff pending shows it'))
        .addHelpText('after', `\nExample:\n  bailiff ${kind} 01jd0c3k8q2x7v --reason "seen it myself" --by anna\n\n${EXITS[kind]}`)
        .action(async (id: string, options: PersonOptions) => {
          const loaded = await loadToAct(io, options);
          if (loaded === undefined) return;
          const how = { json: options.json === true, own: ({ operation }: OpenView) => operation === id };
          await withService(io, loaded.configuration, how, async ({ service }, found) => {
            const request = { id: idOf(options, kind), operation: id, reason: options.reason };
            const carried = await service[kind](principal(options.by), request);
            return () => tellCarried(io, carried, { json: how.json, found });
          });
        });
    },
  };
}

export const approve = decide('approve');
export const deny = decide('deny');

export const attest: CommandModule = {
  define(command, io) {
    named(command.argument('<node>', 'the node that is down'))
      .option('--confirm-node <node>', "the node's name once more; asked for on a terminal where it is missing")
      .addHelpText(
        'after',
        '\nExample:\n  bailiff attest db1 --reason "pulled both power cords" --by anna --confirm-node db1\n\nWhile a link hears the node or a device reads it on, the first statement is refused (exit 3); a second person may override within ten minutes.',
      )
      .action(async (node: string, options: PersonOptions) => {
        const loaded = await loadToAct(io, options);
        if (loaded === undefined || !admissible(io, loaded.configuration, node, options.json === true)) return;
        const typed = options.confirmNode ?? (process.stdin.isTTY === true ? await askName(node) : '');
        if (typed === undefined) {
          tellInterrupted(io, [], options.json === true);
          return;
        }
        if (typed !== node) {
          giveUp(
            io,
            {
              code: 'name-not-confirmed',
              says: `The name of the node was not typed again as ${node}.`,
              next: 'Look at which machine is down, then pass --confirm-node NODE.',
            },
            options.json === true,
          );
          return;
        }
        const how = { json: options.json === true, own: ({ target }: OpenView) => target === node };
        await withService(io, loaded.configuration, how, async ({ service }, found) => {
          const carried = await service.attest(principal(options.by), { id: idOf(options, 'cmd'), target: node, reason: options.reason });
          return () => tellCarried(io, carried, { json: how.json, found });
        });
      });
  },
};

const askName = async (node: string): Promise<string | undefined> =>
  await askLine(`You state that ${node} is down and cannot write. Type its name: `, { input: process.stdin, output: process.stderr });
