/** `bailiff resume`: finish what a crash or Ctrl-C left open. Power is read before anything is ordered again (S7). */
import type { State } from '../core/index.ts';
import { awaiting } from '../service/awaiting.ts';
import { EXIT } from '../vocabulary/index.ts';
import { type Io, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { loadToAct } from './open.ts';
import { endedJson, endedLines, openJson, printProblemLines } from './result.ts';
import { withEngine } from './with-engine.ts';

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
        await withEngine(io, loaded.configuration, { json }, async (engine) => {
          await engine.quiet();
          return () => tell(io, engine.state, engine.openAtStart, json);
        });
      });
  },
};

function tell(io: Io, state: State, resumed: readonly string[], json: boolean): void {
  const ended = resumed.flatMap((id) => state.ended.find((one) => one.id === id) ?? []);
  const waiting = resumed.flatMap((id) => state.operations[id] ?? []);
  const told = waiting.map((one) => awaiting(state, [one.id]));
  io.ends(Math.max(0, ...ended.map((one) => EXIT[one.answer.outcome]), ...told.map(({ outcome }) => EXIT[outcome])));
  if (json) {
    printJson(io, { operations: ended.map(endedJson), pending: waiting.length, open: waiting.map(openJson) });
    return;
  }
  if (resumed.length === 0) io.out('Nothing was open.');
  for (const one of ended) for (const line of endedLines(io, one)) io.out(line);
  for (const [index, one] of waiting.entries()) {
    io.out(io.paint('doubt', `${one.target} waits for a person: ${one.id} (${one.action}, ${one.phase})`));
    printProblemLines(io, told[index]?.problem);
  }
}
