/** What would happen: for one node, or for every target of a verdict as the state stands. Touches nothing. */
import { type Policy, type State, step } from '../core/index.ts';
import type { Problem, Verdict } from '../vocabulary/index.ts';
import { planLines } from './plan-lines.ts';
import type { PlanView } from './service.ts';
import { answerView } from './views.ts';

type Unusable = ReadonlyMap<string, Problem>;

export const planNode = (policy: Policy, unusable: Unusable, node: string, reboot: boolean): PlanView => ({
  plans: [{ node, steps: planLines(policy, node, { reboot, unusable }) }],
});

/** What a start would make of the state that a journal tells. `at`: milliseconds since 1970. */
export const afterStart = (state: State, policy: Policy, at: number): State => step(state, { kind: 'restored', at, policy }).state;

/** `state`: of a process that has started. `at`: milliseconds since 1970. The verdict was authenticated. */
export function planVerdict(state: State, policy: Policy, unusable: Unusable, verdict: Verdict, at: number): PlanView {
  const { effects } = step(state, { kind: 'verdict', at, verdict, operations: verdict.targets.map((_, index) => `planned-${index}`) });
  const answer = effects.find((effect) => effect.kind === 'answer');
  if (answer?.kind === 'answer') return { answer: answerView(state, answer.answer) };
  const { id, epoch, claim, targets, expiresAt } = verdict;
  const plans = targets.map((node) => ({ node, steps: planLines(policy, node, { expiresIn: expiresAt - at, unusable }) }));
  return { plans, verdict: { id, epoch, claim } };
}
