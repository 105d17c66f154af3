/** The votes that are followed from state to state are those of the nodes that are named one by one, in every life and from any state. */
import { describe, expect, it } from 'vitest';
import { EMPTY, type State, step } from '../../src/core/index.ts';
import { Gone } from '../../src/core/gone.ts';
import { darkNodes } from '../../src/core/storm.ts';
import { walk } from './life.ts';

function votesLeft(state: State): number {
  const dark = darkNodes(state);
  const nodes = Object.entries(state.policy?.nodes ?? {});
  return nodes.reduce((sum, [name, node]) => sum + (dark.has(name) ? 0 : node.votes), 0);
}

const followed = (state: State): number => (state.policy === undefined ? 0 : Gone.in(state, state.policy, new Set()).votesWithout([]));

describe('votes of nodes that count as gone', () => {
  it('are the same as when all is looked at, at every step of a life, and back at any earlier one', () => {
    let gone = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const states: State[] = [];
      for (const event of walk({ seed, temper: { pairs: true, dies: 0, fails: 0 } }).events)
        states.push(step(states.at(-1) ?? EMPTY, event).state);
      for (const state of states) {
        expect(followed(state)).toBe(votesLeft(state));
        gone += darkNodes(state).size;
      }
      for (const at of [7, 1, 5, 0, 3]) {
        const state = states[Math.floor((states.length * at) / 8)] ?? EMPTY;
        expect(followed(state)).toBe(votesLeft(state));
      }
    }
    expect(gone).toBeGreaterThan(1000);
  });
});
