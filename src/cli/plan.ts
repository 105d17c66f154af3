/** `bailiff plan`: what would happen, in order, with worst-case times. Touches no device and writes nothing. */
import type { Configuration } from '../config/index.ts';
import { type Policy, step } from '../core/index.ts';
import { policyOf } from '../engine/policy.ts';
import { type Answer, EXIT, type Problem, type Verdict } from '../vocabulary/index.ts';
import { known } from './fence.ts';
import { readText } from './given-file.ts';
import { giveUp, type Io, printJson, seconds } from './io.ts';
import { stateOf } from './journalled.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';
import { type PlanLine, planLines } from './plan-lines.ts';

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
        const policy = policyOf(configuration);
        const unusable = unusableIn(configuration);
        if (options.verdict !== undefined) {
          if (node !== undefined || options.reboot === true) {
            giveUp(io, { code: 'usage', says: VERDICT_ALONE, next: 'bailiff plan --verdict FILE' }, json);
            return;
          }
          await planVerdict(io, options.verdict, {
            policy,
            unusable,
            stateDir: configuration.stateDir,
            arbiters: configuration.arbiters,
            options,
          });
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
        show(io, node, planLines(policy, node, { reboot: options.reboot === true, unusable }), json);
      });
  },
};

/** By device: why its driver cannot be had. */
const unusableIn = ({ devices }: Configuration): ReadonlyMap<string, Problem> =>
  new Map([...devices.values()].flatMap(({ name, unusable }): [string, Problem][] => (unusable === undefined ? [] : [[name, unusable]])));

async function planVerdict(
  io: Io,
  file: string,
  given: {
    policy: Policy;
    unusable: ReadonlyMap<string, Problem>;
    stateDir: string;
    arbiters: readonly { readonly id: string; readonly publicKey: string }[];
    options: PlanOptions;
  },
): Promise<void> {
  const json = given.options.json === true;
  const { openVerdict } = await import('../intake/verdict-jws.ts');
  const jws = await readText(file);
  if (typeof jws !== 'string') {
    giveUp(io, jws, json);
    return;
  }
  const verdict = await openVerdict(jws.trim(), given.arbiters);
  if ('code' in verdict) {
    if (verdict.code === 'key-unreadable') giveUp(io, verdict, json);
    else wouldEnd(io, { outcome: 'refused', problem: verdict, operations: [] }, json);
    return;
  }
  const state = await stateOf(given.stateDir);
  if ('code' in state) {
    giveUp(io, state, json);
    return;
  }
  const at = Date.now();
  const { state: ready } = step(state, { kind: 'restored', at, policy: given.policy });
  const admitted = step(ready, { kind: 'verdict', at, verdict, operations: verdict.targets.map((_, index) => `planned-${index}`) });
  const answer = admitted.effects.find((effect) => effect.kind === 'answer');
  if (answer !== undefined && answer.kind === 'answer') {
    wouldEnd(io, answer.answer, json);
    return;
  }
  printAdmitted(io, verdict, given, { at, json });
}

function wouldEnd(io: Io, { problem, outcome }: Answer, json: boolean): void {
  io.ends(EXIT[outcome]);
  if (json) {
    printJson(io, { admitted: false, outcome, ...problem });
    return;
  }
  io.out(`It would end ${outcome}${problem === undefined ? '' : `: [${problem.code}] ${problem.says}`}`);
  if (problem !== undefined) io.out(`  next: ${problem.next}`);
}

function printAdmitted(
  io: Io,
  verdict: Verdict,
  { policy, unusable }: { readonly policy: Policy; readonly unusable: ReadonlyMap<string, Problem> },
  { at, json }: { readonly at: number; readonly json: boolean },
): void {
  io.ends(0);
  const plans = verdict.targets.map((target) => ({
    node: target,
    lines: planLines(policy, target, { expiresIn: verdict.expiresAt - at, unusable }),
  }));
  if (json) {
    printJson(io, { admitted: true, plans: plans.map(({ node, lines }) => ({ node, steps: lines })) });
    return;
  }
  io.out(`Verdict ${verdict.id} (epoch ${verdict.epoch}, ${verdict.claim}) would be admitted.`);
  for (const { node, lines } of plans) show(io, node, lines, false);
}

function show(io: Io, node: string, lines: readonly PlanLine[], json: boolean): void {
  io.ends(0);
  if (json) {
    printJson(io, { node, steps: lines });
    return;
  }
  const waits = lines.some(({ waitsFor }) => waitsFor !== undefined) ? '; it waits for a person, as told below' : '';
  io.out(`Plan for ${node} (worst case; a level that confirms ends it at once${waits}):`);
  for (const line of lines) io.out(`  ${seconds(line.from).padStart(9)} to ${seconds(line.until).padStart(9)}  ${line.what}`);
}
