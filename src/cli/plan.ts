/** `bailiff plan`: what would happen, in order, with worst-case times. Touches no device and writes nothing. */
import type { Configuration } from '../config/index.ts';
import { lookOn } from '../main/onlooker.ts';
import type { NodePlan, PlannedVerdict, PlanView } from '../service/service.ts';
import type { AnswerView } from '../service/views.ts';
import { seconds } from '../service/words.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { readText } from './given-file.ts';
import { giveUp, type Io, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { known } from './named-node.ts';
import { load } from './open.ts';

interface PlanOptions extends CommonOptions {
  readonly verdict?: string;
  readonly reboot?: boolean;
}

const VERDICT_ALONE = 'With --verdict neither a node nor --reboot can be given: the verdict names its targets, and never powers on.';

export const plan: CommandModule = {
  define(command, io) {
    common(command.argument('[node]', 'the node to plan for'))
      .option('--verdict <file>', 'plan for every target of this verdict, and say whether it would be admitted')
      .option('--reboot', 'with powering on again')
      .addHelpText('after', '\nExamples:\n  bailiff plan db1\n  bailiff plan --verdict v.jws')
      .action(async (node: string | undefined, options: PlanOptions) => {
        // It logs in nowhere: whoever may not read the secrets may still ask what would happen.
        const loaded = await load(io, options, 'leave');
        if (loaded === undefined) return;
        const { configuration } = loaded;
        const json = options.json === true;
        if (options.verdict !== undefined) {
          if (node !== undefined || options.reboot === true) {
            giveUp(io, { code: 'usage', says: VERDICT_ALONE, next: 'bailiff plan --verdict FILE' }, json);
            return;
          }
          await planVerdict(io, configuration, options.verdict, json);
          return;
        }
        if (node === undefined) {
          giveUp(
            io,
            { code: 'usage', says: 'Neither a node nor a verdict was given.', next: 'bailiff plan NODE, or bailiff plan --verdict FILE.' },
            json,
          );
          return;
        }
        if (!known(io, configuration, node, json)) return;
        tell(io, await lookOn(configuration).plan({ node, reboot: options.reboot === true }), json);
      });
  },
};

async function planVerdict(io: Io, configuration: Configuration, file: string, json: boolean): Promise<void> {
  const jws = await readText(file);
  if (typeof jws === 'string') tell(io, await lookOn(configuration).plan({ jws: jws.trim() }), json);
  else giveUp(io, jws, json);
}

function tell(io: Io, planned: PlanView | Problem, json: boolean): void {
  if ('code' in planned) giveUp(io, planned, json);
  else if ('answer' in planned) wouldEnd(io, planned.answer, json);
  else if (planned.verdict === undefined) for (const plan of planned.plans) show(io, plan, json);
  else printAdmitted(io, planned.verdict, planned.plans, json);
}

function wouldEnd(io: Io, { problem, outcome }: AnswerView, json: boolean): void {
  io.ends(EXIT[outcome]);
  if (json) {
    printJson(io, { admitted: false, outcome, ...problem });
    return;
  }
  io.out(`It would end ${outcome}${problem === undefined ? '' : `: [${problem.code}] ${problem.says}`}`);
  if (problem !== undefined) io.out(`  next: ${problem.next}`);
}

function printAdmitted(io: Io, { id, epoch, claim }: PlannedVerdict, plans: readonly NodePlan[], json: boolean): void {
  io.ends(0);
  if (json) {
    printJson(io, { admitted: true, plans });
    return;
  }
  io.out(`Verdict ${id} (epoch ${epoch}, ${claim}) would be admitted.`);
  for (const plan of plans) show(io, plan, false);
}

function show(io: Io, { node, steps }: NodePlan, json: boolean): void {
  io.ends(0);
  if (json) {
    printJson(io, { node, steps });
    return;
  }
  const waits = steps.some(({ waitsFor }) => waitsFor !== undefined) ? '; it waits for a person, as told below' : '';
  io.out(`Plan for ${node} (worst case; a level that confirms ends it at once${waits}):`);
  for (const line of steps) io.out(`  ${seconds(line.from).padStart(9)} to ${seconds(line.until).padStart(9)}  ${line.what}`);
}
