/** `bailiff epoch show` and `bailiff epoch set`: the epoch below which verdicts are stale, for a person with a reason. */
import { InvalidArgumentError } from 'commander';
import { lookOn } from '../main/onlooker.ts';
import { MAX_EPOCH } from '../service/service.ts';
import { byName, spoken } from './words-given.ts';
import { giveUp, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load, loadToAct } from './open.ts';
import { principal } from './who.ts';
import { notStarted, withService } from './with-service.ts';

export const WHOLE_NUMBER = `Give a whole number from 0 to ${MAX_EPOCH}.`;

export const isEpoch = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= MAX_EPOCH;

export function epochNumber(text: string): number {
  if (!isEpoch(text)) throw new InvalidArgumentError(WHOLE_NUMBER);
  return Number(text);
}

interface SetOptions extends CommonOptions {
  readonly reason: string;
  readonly by?: string;
}

export const epoch: CommandModule = {
  define(command, io) {
    const show = command.command('show').summary('the epoch in force');
    common(show.addHelpText('after', '\nExample:\n  bailiff epoch show')).action(async (options: CommonOptions) => {
      const loaded = await load(io, options, 'leave');
      if (loaded === undefined) return;
      const inForce = await lookOn(loaded.configuration).epoch();
      if (typeof inForce !== 'number') {
        giveUp(io, inForce, options.json === true);
        return;
      }
      io.ends(0);
      if (options.json === true) printJson(io, { epoch: inForce });
      else io.out(`epoch ${inForce}: verdicts of an older one are stale`);
    });
    const set = command.command('set').summary('let another epoch count from now on').argument('<epoch>', 'a whole number', epochNumber);
    common(set)
      .requiredOption('-r, --reason <text>', 'why; it is recorded', spoken)
      .option('--by <name>', 'who says so (default: the login name)', byName)
      .addHelpText(
        'after',
        `
A lower epoch lets verdicts that were settled be admitted again; a higher one makes those of the arbiter stale until it has come as far.
What a verdict of another epoch asked for and nothing was ordered for yet is withheld.

Example:
  bailiff epoch set 1 --reason "arb-1 was set up anew and begins at 1" --by anna`,
      )
      .action(async (value: number, options: SetOptions) => {
        const loaded = await loadToAct(io, options);
        if (loaded === undefined) return;
        const json = options.json === true;
        await withService(io, loaded.configuration, { json, own: () => false }, async ({ service }) => {
          const done = await service.setEpoch(principal(options.by), { epoch: value, reason: options.reason });
          return () => {
            if ('code' in done) {
              notStarted(io, done, json);
              return;
            }
            io.ends(0);
            if (json) printJson(io, { epoch: value, before: done.before });
            else io.out(`epoch ${value} counts from now on (before: ${done.before})`);
          };
        });
      });
  },
};
