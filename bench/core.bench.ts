/**
 * The core alone: 10, 250 and 2,500 nodes of a cluster four times as large are fenced at once, by commands and by one verdict, with everything
 * answered at once. Promise: each costs the same CPU time however many they are.
 */
import process from 'node:process';
import { EMPTY, type Event, step } from '../src/core/index.ts';
import type { Command, Reading, Verdict } from '../src/vocabulary/index.ts';
import { backOf, crowdOf } from '../test/core/crowd.ts';
import { figure, printTable, promise } from './measure.ts';

const SIZES = [10, 250, 2500];
/** Fences of one size in all, so that small ones are measured as well as large ones. */
const FENCES = 7500;
const CPU = 1.5;
const T = 1_000_000;
const OFF: Reading = { power: 'off', source: 'bench' };

const WAYS = ['commands', 'one verdict'] as const;

const nodeNames = (many: number): readonly string[] => Array.from({ length: many }, (_, at) => `node-${at}`);

function asked(way: (typeof WAYS)[number], targets: readonly string[], survivors: readonly string[]): readonly Event[] {
  if (way === 'one verdict') {
    const claim = 'misbehaving';
    const rest = { issuer: 'arb-1', issuedAt: T, expiresAt: T + 600_000, reason: 'bench' };
    const verdict: Verdict = { id: 'v1', cluster: 'orders', epoch: 1, claim, targets, survivors, ...rest };
    return [{ kind: 'verdict', at: T, verdict, operations: targets.map((name) => `op-of-${name}`) }];
  }
  return targets.map((target) => {
    const command: Command = { id: `on-${target}`, action: 'off', target, by: 'cluster', origin: 'program', reason: 'bench', override: [] };
    return { kind: 'command', at: T, command, operation: `op-of-${target}` };
  });
}

/** CPU time of one fence in milliseconds, and how many nodes were proven off. */
function fenced(way: (typeof WAYS)[number], many: number): { readonly cpuMs: number; readonly off: number } {
  const nodes = nodeNames(4 * many);
  let { state } = step(EMPTY, { kind: 'restored', at: T, policy: crowdOf(nodes) });
  const queue = [...asked(way, nodes.slice(0, many), nodes.slice(many))];
  const from = process.cpuUsage();
  let at = T;
  for (let done = 0; done < queue.length; done += 1) {
    const event = queue[done];
    if (event === undefined) break;
    at = Math.max(at, event.at);
    const after = step(state, { ...event, at });
    ({ state } = after);
    for (const effect of after.effects) {
      const back = backOf(effect, at, OFF);
      if (back !== undefined) queue.push(back);
    }
  }
  const { user, system } = process.cpuUsage(from);
  return { cpuMs: (user + system) / 1000 / many, off: state.fenced.size };
}

const rows: string[][] = [];
for (const way of WAYS) {
  fenced(way, 500);
  const cpu = SIZES.map((many) => {
    const runs = Array.from({ length: FENCES / many }, () => fenced(way, many));
    promise(
      `${many} by ${way}: every node was proven off`,
      runs.every(({ off }) => off === many),
    );
    return runs.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / runs.length;
  });
  rows.push([way, ...cpu.map((one) => figure(1000 * one, 'us'))]);
  const [ten = Number.NaN] = cpu;
  for (const [at, one] of cpu.entries()) {
    const ratio = one / ten;
    if (at > 0)
      promise(
        `by ${way}: one among ${SIZES[at]} takes ${ratio.toFixed(2)} of the CPU time of one among ten; the aim is ${CPU}`,
        ratio <= CPU,
      );
  }
}
console.log('CPU time of one fence in the core, many at once');
printTable(['asked for by', ...SIZES.map((many) => `${many} at once`)], rows);
