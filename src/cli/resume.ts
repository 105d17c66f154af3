/** `bailiff resume`: finish what a crash or Ctrl-C left open. Power is read before anything is ordered again (S7). */
import type { Operations } from '../service/service.ts';
import { EXIT } from '../vocabulary/index.ts';
import { type Io, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { loadToAct } from './open.ts';
import { endedLines, printProblemLines } from './result.ts';
import { withService } from './with-service.ts';

export const resume: CommandModule = {
  define(command, io) {
    common(command)
      .addHelpText(
        'after',
        `
Example:
  bailiff resume

Exit codes: 0 nothing is open any more and all was proven, 1 something failed, 4 something was withheld, or waits for a person and nothing was switched, 5 something is unconfirmed, or waits for a person after something was ordered. The highest counts.`,
      )
      .action(async (options: CommonOptions) => {
        const loaded = await loadToAct(io, options);
        if (loaded === undefined) return;
        const json = options.json === true;
        await withService(io, loaded.configuration, { json }, async (opened) => {
          await opened.quiet();
          return () => tell(io, opened.found(), json);
        });
      });
  },
};

function tell(io: Io, { ended, open }: Operations, json: boolean): void {
  io.ends(Math.max(0, ...ended.map(({ outcome }) => EXIT[outcome]), ...open.map(({ awaited }) => EXIT[awaited.outcome])));
  if (json) {
    printJson(io, { operations: ended, pending: open.length, open: open.map(({ shown }) => shown) });
    return;
  }
  if (ended.length + open.length === 0) io.out('Nothing was open.');
  for (const one of ended) for (const line of endedLines(io, one)) io.out(line);
  for (const { shown, awaited } of open) {
    io.out(io.paint('doubt', `${shown.target} waits for a person: ${shown.operation} (${shown.action}, ${shown.phase})`));
    printProblemLines(io, awaited.problem);
  }
}
