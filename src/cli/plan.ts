/** `bailiff plan`: what would happen, in order, with worst-case times. Touches no device and writes nothing. */
import { type Policy, sharesOf, step, walkOf } from '../core/index.ts';
import { policyOf } from '../engine/policy.ts';
import { type Answer, EXIT, outletName, type Verdict } from '../vocabulary/index.ts';
import { known } from './fence.ts';
import { readText } from './given-file.ts';
import { counted, giveUp, type Io, printJson, seconds } from './io.ts';
import { stateOf } from './journalled.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { load } from './open.ts';

interface PlanOptions extends CommonOptions {
  readonly verdict?: string;
  readonly reboot?: boolean;
}

interface PlanLine {
  readonly from: number;
  readonly until: number;
  readonly what: string;
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
        if (options.verdict !== undefined) {
          if (node !== undefined || options.reboot === true) {
            giveUp(io, { code: 'usage', says: VERDICT_ALONE, next: 'bailiff plan --verdict FILE' }, json);
            return;
          }
          await planVerdict(io, options.verdict, { policy, stateDir: configuration.stateDir, arbiters: configuration.arbiters, options });
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
        show(io, node, linesFor(policy, node, options.reboot === true, false), json);
      });
  },
};

async function planVerdict(
  io: Io,
  file: string,
  given: {
    policy: Policy;
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
  printAdmitted(io, verdict, given.policy, given.options);
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

function printAdmitted(io: Io, verdict: Verdict, policy: Policy, options: PlanOptions): void {
  io.ends(0);
  const plans = verdict.targets.map((target) => ({ node: target, lines: linesFor(policy, target, false, true) }));
  if (options.json === true) {
    printJson(io, { admitted: true, plans: plans.map(({ node, lines }) => ({ node, steps: lines })) });
    return;
  }
  io.out(`Verdict ${verdict.id} (epoch ${verdict.epoch}, ${verdict.claim}) would be admitted.`);
  for (const { node, lines } of plans) show(io, node, lines, false);
}

/** Worst case: everything takes as long as it may. Times in milliseconds from the start. */
function linesFor(policy: Policy, name: string, reboot: boolean, byVerdict: boolean): PlanLine[] {
  const node = policy.nodes[name];
  if (node === undefined) return [];
  const lines: PlanLine[] = [];
  let at = 0;
  const add = (ms: number, what: string): void => {
    lines.push({ from: at, until: at + ms, what });
    at += ms;
  };
  add(
    policy.verify.within,
    policy.verify.need === 0
      ? 'verify: no reference IP is configured, so blindness goes unnoticed'
      : `verify: ${counted(policy.verify.need, 'reference IP')} must answer`,
  );
  if (policy.verify.listenAgain > 0)
    add(policy.verify.listenAgain + policy.verify.within, 'verify: a second hearing, if the first one was in doubt');
  if (byVerdict && policy.mode === 'approval') add(policy.approvalWindow, 'hold: a person must approve');
  else if (byVerdict && policy.delay > 0) add(policy.delay + policy.verify.within, 'hold: the configured delay, then listen once more');
  const levels = walkOf(node, 'off');
  const shares = sharesOf(levels, at, Math.max(policy.timeout, at));
  for (const [index, level] of levels.entries()) {
    const outlets = level.outlets.map(
      (outlet) => `${outletName(outlet)} (${outlet.evidence === 'target' ? 'courtesy, cannot confirm' : `${outlet.readings} readings`})`,
    );
    const last = index === levels.length - 1;
    const patience = 2 * Math.max(...level.outlets.map((outlet) => outlet.answerWithin ?? policy.answerWithin));
    const silent = last ? '' : `; silence gives way to the next level after ${seconds(patience)}`;
    add((shares[index] ?? at) - at, `level ${level.level + 1}: order off, then read off: ${outlets.join(' and ')}${silent}`);
  }
  if (levels.length === 0) add(0, 'nothing: the node has no fence levels');
  if (reboot) {
    add(policy.offTime, 'rest: stays off');
    add(policy.onTimeout, 'power on again what was cut');
  }
  return lines;
}

function show(io: Io, node: string, lines: readonly PlanLine[], json: boolean): void {
  io.ends(0);
  if (json) {
    printJson(io, { node, steps: lines });
    return;
  }
  io.out(`Plan for ${node} (worst case; a level that confirms ends it at once):`);
  for (const line of lines) io.out(`  ${seconds(line.from).padStart(9)} to ${seconds(line.until).padStart(9)}  ${line.what}`);
}
