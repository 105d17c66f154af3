/**
 * The first round of listening may begin while the state folder is still being taken: asking changes nothing, and every observation says
 * when it was made. What was heard counts only for the very question it was asked for, once, and the core judges its age (S2).
 */
import type { Probes, Question, Deadline } from '../coordinator/ports.ts';

export interface AheadProbes extends Probes {
  /** Nobody will ask any more: what is still under way is called off. */
  stop(): void;
}

/** Whom a verdict lets live has no order. */
const same = (a: Question, b: Question): boolean =>
  a.claim === b.claim && a.target === b.target && isSameSet(new Set(a.survivors), new Set(b.survivors));

const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((node) => b.has(node));

export function listenAhead(probes: Probes, question: Question, ms: number): AheadProbes {
  const calledOff = new AbortController();
  const round = probes.assess(question, { ms, signal: calledOff.signal });
  let taken = false;
  return {
    assess: async (asked: Question, within: Deadline) => {
      if (taken || !same(asked, question)) return await probes.assess(asked, within);
      taken = true;
      within.signal?.addEventListener('abort', () => calledOff.abort(), { once: true });
      return await round;
    },
    stop: () => calledOff.abort(),
  };
}
