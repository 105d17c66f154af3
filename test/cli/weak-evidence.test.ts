/** What a command says of weak answers where nobody watches its progress. */
import { describe, expect, test } from 'vitest';
import { weakEvidence } from '../../src/cli/weak-evidence.ts';
import { EMPTY, type Event } from '../../src/core/index.ts';
import { happenedIn } from '../../src/service/progress.ts';
import type { Grade, Heard } from '../../src/vocabulary/index.ts';

type Seen = readonly [address: string, answer: Heard, grade?: Grade, says?: string];

const round = (...seen: readonly Seen[]): Event => ({
  kind: 'assessed',
  at: 0,
  operation: 'o1',
  round: 1,
  assessment: {
    startedAt: 0,
    endedAt: 1,
    observations: [
      ...seen.map(([address, answer, grade, says]) => ({
        probe: 'reference-ip' as const,
        by: 'self',
        address,
        answer,
        ...(grade === undefined ? {} : { grade }),
        ...(says === undefined ? {} : { says }),
        tookMs: 1,
      })),
      { probe: 'link', by: 'self', of: 'db1', link: 'lan', answer: 'heard', tookMs: 1 },
    ],
  },
});

const told = (rounds: readonly Event[], hasPing = true): string[] => {
  const lines: string[] = [];
  const watch = weakEvidence({ err: (line) => lines.push(line) }, () => hasPing);
  for (const one of rounds) watch(happenedIn(one, { state: EMPTY, effects: [] }));
  return lines;
};

describe('weak evidence', () => {
  test('is told once for each address and reason', () => {
    const weak = round(['10.0.0.1', 'heard', 'weak', 'tcp port 22 refused'], ['10.0.0.2', 'silent'], ['10.0.0.3', 'heard', 'weak']);
    expect(told([weak, weak])).toEqual([
      'Reference IP 10.0.0.1 answered weakly: tcp port 22 refused.',
      'Reference IP 10.0.0.3 answered weakly: nobody knows who answered.',
    ]);
  });

  test('is not told where one answered itself, or nobody did', () => {
    expect(told([round(['10.0.0.1', 'heard', 'weak', 'refused'], ['10.0.0.2', 'heard']), round(['10.0.0.1', 'silent']), round()])).toEqual(
      [],
    );
  });

  test('of this machine itself is told where ping is missing', () => {
    const ourselves = round(['127.0.0.1', 'heard', 'weak', 'this machine itself, asked without ping']);
    expect(told([ourselves])).toEqual([]);
    expect(told([ourselves], false)).toEqual(['Reference IP 127.0.0.1 answered weakly: this machine itself, asked without ping.']);
  });
});
