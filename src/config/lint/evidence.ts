import type { Configuration, OutletConfiguration } from '../configuration.ts';
import type { Report } from './rule.ts';

/** What can be proved: software that runs on the target can never confirm that the target is off (S10). */
export function lintEvidence({ nodes, devices, policy }: Configuration, report: Report): void {
  const onTarget = (level: readonly OutletConfiguration[]): OutletConfiguration | undefined =>
    level.find(({ device }) => devices.get(device)?.evidence === 'target');
  for (const { name, fence } of nodes.values()) {
    if (fence.length === 0) continue;
    const path = ['nodes', name, 'fence'];
    const silent = fence.map(onTarget);
    if (silent.every((outlet) => outlet !== undefined)) {
      const says = `no level of ${name} can prove that it is off: each holds a device that runs on the node itself or whose off is no proof`;
      report({
        code: 'no-confirming-level',
        path,
        says,
        next: 'add a level of devices outside the node: a BMC, PDU outlets, a hypervisor',
      });
      continue;
    }
    for (const [level, outlet] of silent.entries()) {
      if (outlet === undefined) continue;
      const last = level === fence.length - 1;
      const says = `${outlet.device} runs on the node that it shuts down, or its off is no proof: this level can never end confirmed`;
      const next = last
        ? 'put it before a level that can confirm'
        : 'keep it only as a courtesy before the next level; give it a level of its own';
      report({
        code: last ? 'last-level-never-confirms' : 'level-never-confirms',
        severity: 'warning',
        path: [...path, level],
        says,
        next,
      });
    }
  }
  const single = 'one off reading counts as proof, and a bouncing relay or an early answer gives one';
  const next = 'take the line away: two readings are the default';
  if (policy.confirm.readings === 1) {
    report({ code: 'single-reading', severity: 'warning', path: ['policy', 'confirm', 'readings'], says: single, next });
    return;
  }
  for (const device of devices.values()) {
    if (device.confirm.readings > 1) continue;
    report({ code: 'single-reading', severity: 'warning', path: ['devices', device.name, 'confirm', 'readings'], says: single, next });
  }
}
