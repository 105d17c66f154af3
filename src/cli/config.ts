/** `bailiff config schema` and `bailiff config show`. */
import { dirname } from 'node:path';
import { driverNames, isDriverModule, loadDriver } from '../../drivers/registry.ts';
import { explainConfiguration } from '../config/index.ts';
import { Secret } from '../vocabulary/index.ts';
import { printJson, printLines } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';

export const config: CommandModule = {
  define(command, io) {
    command
      .command('schema')
      .summary('print the JSON Schema of the configuration, with every driver')
      .option('--json', 'as it is: a JSON Schema is JSON')
      .addHelpText('after', '\nExample:\n  bailiff config schema > bailiff.schema.json')
      .action(async () => {
        const { configurationJsonSchema } = await import('../config/schema.ts');
        const modules = await Promise.all(driverNames.map(async (name) => await loadDriver(name, dirname(process.cwd()))));
        printJson(io, configurationJsonSchema(modules.filter(isDriverModule)));
        io.ends(0);
      });
    common(command.command('show').summary('print what is in force, defaults filled in, secrets as their origin'))
      .addHelpText('after', '\nExamples:\n  bailiff config show\n  bailiff config show --json')
      .action(async (options: CommonOptions) => {
        const loaded = await load(io, options, 'leave');
        if (loaded === undefined) return;
        if (options.json === true) printJson(io, plain(loaded.configuration));
        else printLines(io, explainConfiguration(loaded.configuration));
        io.ends(0);
      });
  },
};

/** Maps as objects, secrets as where they come from; durations stay milliseconds. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.origin };
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
