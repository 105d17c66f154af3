/** Does an operation wait for a person, and for what? */
import { levelInHand } from './plan.ts';
import type { Operation, State } from './state.ts';

/** `approval`: somebody must approve or deny. `attestation`: a person is the device in hand, and only their statement can follow. */
export function waitsFor(state: State, operation: Operation): 'approval' | 'attestation' | undefined {
  if (operation.phase === 'pending') return 'approval';
  // Its time is over: what a person says now is about something else.
  if (operation.over !== undefined) return undefined;
  if (operation.phase !== 'confirm' || state.policy === undefined || operation.outlets === undefined) return undefined;
  return levelInHand(state.policy, operation).outlets.some((outlet) => outlet.manual === true) ? 'attestation' : undefined;
}
