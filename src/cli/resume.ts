/** `bailiff resume`: finish what a crash or Ctrl-C left open. Power is read before anything is ordered again (S7). */
import { EXIT } from '../vocabulary/index.ts';
import { printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { loadToAct } from './open.ts';
import { endedJson, printEnded } from './result.ts';
import { withEngine } from './with-engine.ts';

export const resume: CommandModule = {
  define(command, io) {
    common(command)
      .addHelpText('after', '\nExample:\n  bailiff resume')
      .action(async (options: CommonOptions) => {
        const loaded = await loadToAct(io, options);
        if (loaded === undefined) return;
        const json = options.json === true;
        await withEngine(io, loaded.configuration, { json }, async (engine) => {
          const open = engine.openAtStart;
          await engine.quiet();
          const ended = open.flatMap((id) => engine.state.ended.find((one) => one.id === id) ?? []);
          if (json) printJson(io, { operations: ended.map(endedJson), pending: open.length - ended.length });
          else if (open.length === 0) io.out('Nothing was open.');
          else for (const one of ended) printEnded(io, one);
          io.ends(Math.max(0, ...ended.map((one) => EXIT[one.answer.outcome])));
        });
      });
  },
};
