/** A cluster of many nodes, and a world that answers at once: for what is about numbers alone. */
import type { Effect, Event, Policy } from '../../src/core/index.ts';
import type { Reading } from '../../src/vocabulary/index.ts';
import { policy } from '../coordinator/ports.ts';

/** As many may be shot at once as there are. */
export const crowdOf = (nodes: readonly string[]): Policy => ({
  ...policy,
  nodes: Object.fromEntries(
    nodes.map((name) => [name, { votes: 1, levels: [[{ device: `bmc-${name}`, plug: '', evidence: 'device', readings: 2, gap: 25 }]] }]),
  ),
  storm: { targets: nodes.length, within: 600_000 },
});

/** What comes back for an effect: heard, accepted, and read like this. */
export function backOf(effect: Effect, at: number, reading: Reading): Event | undefined {
  if (effect.kind === 'assess') {
    const heard = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
    const assessment = { startedAt: at, endedAt: at, observations: [heard] };
    return { kind: 'assessed', at: at + 1, operation: effect.operation, round: effect.round, assessment };
  }
  if (effect.kind === 'order') {
    const { operation, number, outlet } = effect;
    return { kind: 'ordered', at: at + 1, operation, number, outlet, order: { result: 'accepted' } };
  }
  if (effect.kind !== 'read') return undefined;
  const { operation, number, outlet, delay } = effect;
  const timed = { ...reading, startedAt: at + delay + 1, endedAt: at + delay + 2 };
  return { kind: 'read', at: at + delay + 2, operation, number, outlet, reading: timed };
}
