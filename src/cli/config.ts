/** `bailiff config schema` and `bailiff config show`. */
import { dirname } from 'node:path';
import { driverNames, isDriverModule, loadDriver } from '../../drivers/registry.ts';
import { explainConfiguration } from '../config/index.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';

export const config: CommandModule = {
  define(command, io) {
    command
      .command('schema')
      .summary('print the JSON Schema of the configuration, with every driver')
      .action(async () => {
        const { configurationJsonSchema } = await import('../config/schema.ts');
        const modules = await Promise.all(driverNames.map(async (name) => await loadDriver(name, dirname(process.cwd()))));
        io.out(JSON.stringify(configurationJsonSchema(modules.filter(isDriverModule)), undefined, 2));
      });
    common(command.command('show').summary('print what is in force, defaults filled in, secrets as their origin')).action(
      async (options: CommonOptions) => {
        const loaded = await load(io, options, 'leave');
        if (loaded !== undefined) io.out(explainConfiguration(loaded.configuration).trimEnd());
      },
    );
  },
};
