/** A round of listening that began before the state folder was taken counts once, for its own question only. */
import { expect, test } from 'vitest';
import type { Probes, Question, Deadline } from '../../src/coordinator/ports.ts';
import { listenAhead } from '../../src/probes/ahead.ts';
import type { Assessment } from '../../src/vocabulary/index.ts';

/** Notes what is asked and answers with a number of its own. */
function panel() {
  const asked: { readonly question: Question; readonly within: Deadline }[] = [];
  const probes: Probes = {
    assess: async (question, within): Promise<Assessment> => {
      asked.push({ question, within });
      return await Promise.resolve({ startedAt: asked.length, endedAt: asked.length, observations: [] });
    },
  };
  return { asked, probes };
}

const QUESTION: Question = { claim: 'dead', target: 'db1', survivors: ['db2', 'db3'] };

test('the very question gets the round that is under way, and only the first time', async () => {
  const { asked, probes } = panel();
  const ahead = listenAhead(probes, QUESTION, 3000);
  expect((await ahead.assess({ ...QUESTION, survivors: ['db3', 'db2'] }, { ms: 3000 })).startedAt).toBe(1);
  expect((await ahead.assess(QUESTION, { ms: 3000 })).startedAt).toBe(2);
  expect(asked).toHaveLength(2);
});

test.each([
  { ...QUESTION, claim: 'misbehaving' },
  { ...QUESTION, target: 'db2' },
  { ...QUESTION, survivors: ['db2'] },
  { ...QUESTION, survivors: ['db2', 'db4'] },
] satisfies Question[])('another question is asked again: %o', async (question) => {
  const { asked, probes } = panel();
  const ahead = listenAhead(probes, QUESTION, 3000);
  expect((await ahead.assess(question, { ms: 3000 })).startedAt).toBe(2);
  expect(asked[1]?.question).toBe(question);
  expect((await ahead.assess(QUESTION, { ms: 3000 })).startedAt).toBe(1);
});

test('it is called off when the engine cannot start, and when the coordinator stops', async () => {
  const first = panel();
  listenAhead(first.probes, QUESTION, 3000).stop();
  expect(first.asked[0]?.within.signal?.aborted).toBe(true);
  const second = panel();
  const stopping = new AbortController();
  await listenAhead(second.probes, QUESTION, 3000).assess(QUESTION, { ms: 3000, signal: stopping.signal });
  stopping.abort();
  expect(second.asked[0]?.within.signal?.aborted).toBe(true);
});
