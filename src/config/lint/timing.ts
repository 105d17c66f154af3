import type { Configuration, NodeConfiguration } from '../configuration.ts';
import type { Report } from './rule.ts';

/** Slower BMCs take this long to log in, cut, and say so; less is a level that fails on a bad day only. In milliseconds. */
const LEVEL_NEEDS = 5000;

/** One absolute deadline carries verify, hold and every level: what is left for each level must be enough to cut and to read. */
export function lintTiming({ nodes, devices, policy, verify }: Configuration, report: Report): void {
  const path = ['policy', 'timeout'];
  const heard = verify.within * (verify.listenAgain > 0 ? 2 : 1) + verify.listenAgain;
  // After the hold everything is listened to once more.
  const before = heard + policy.delay + (policy.delay > 0 ? verify.within : 0);
  const left = policy.timeout - before;
  if (left <= 0) {
    const says = `verify and delay may take ${seconds(before)}, and the entire operation has ${seconds(policy.timeout)}: nothing is left to cut`;
    report({ code: 'time-too-short', path, says, next: 'raise timeout, or lower verify.within, verify.listenAgain or policy.delay' });
    return;
  }
  const proof = (node: NodeConfiguration): number =>
    Math.max(0, ...node.fence.flat().map(({ device }) => confirmTime(devices.get(device)?.confirm ?? policy.confirm)));
  for (const node of nodes.values()) {
    if (node.fence.length === 0) continue;
    const share = left / node.fence.length;
    const needs = LEVEL_NEEDS + proof(node);
    if (share >= needs) continue;
    const says = `each of the ${node.fence.length} levels of ${node.name} has ${seconds(share)} at worst, and a level may need ${seconds(needs)}`;
    const next = `raise policy.timeout to ${seconds(Math.ceil((before + needs * node.fence.length) / 1000) * 1000)} or more, or use fewer levels`;
    report({ code: 'time-too-short', severity: 'warning', path, says, next });
  }
}

const confirmTime = ({ readings, gap }: { readonly readings: number; readonly gap: number }): number => (readings - 1) * gap;

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10}s`;
