/** A verdict is carried out whole or not at all, as far as the limits were known when it came (S8). */
import type { Effect } from '../../../src/core/index.ts';
import type { Answer } from '../../../src/vocabulary/index.ts';
import type { Ledger } from './ledger.ts';
import type { Says } from './orders.ts';
import type { Asked } from './seen.ts';

const LIMITS = new Set(['quorum-floor', 'storm-limit']);

/** One of its parts ends for a limit, another has ordered, and nothing but this verdict has made any node dark meanwhile. */
export function judgeWhole(ledger: Ledger, says: Says, asked: Asked, parts: ReadonlyMap<string, Answer>): void {
  const { verdict, operations, dark } = asked;
  // What was answered before was overtaken by a newer verdict.
  if (verdict.targets.length < 2 || (asked.answer !== undefined && asked.answeredAt < ledger.at)) return;
  const stopped = operations.filter((id) => LIMITS.has(parts.get(id)?.problem?.code ?? ''));
  if (stopped.length === 0) return;
  const shot = operations.some((id) => (ledger.seen.get(id)?.ordersOff ?? 0) > 0);
  const before = new Set([...dark, ...verdict.targets]);
  const others = [...ledger.dark.keys(), ...ledger.fenced.keys()].filter((node) => !before.has(node));
  const recent = ledger.shots.filter((one) => !verdict.targets.includes(one.target) && one.at >= verdict.issuedAt);
  if (shot && others.length === 0 && recent.length === 0)
    says('S8', `verdict ${verdict.id} is carried out in part: ${stopped.join(', ')} of it ended for a limit that was known when it came`);
}

/** The end of each operation, as the calls for a person tell it. */
export function endsOf(effects: readonly Effect[]): readonly (readonly [string, Answer])[] {
  return effects.flatMap((effect) =>
    effect.kind === 'call-human' && effect.operation !== undefined && LIMITS.has(effect.problem.code)
      ? [[effect.operation, { outcome: 'withheld', problem: effect.problem, operations: [effect.operation] } as const] as const]
      : [],
  );
}
