import type { Configuration } from '../configuration.ts';
import type { Report } from './rule.ts';

/** A device without its driver orders and proves nothing; the other levels of its node are all that is left. */
export function lintDrivers({ devices }: Configuration, report: Report): void {
  for (const { name, unusable } of devices.values()) {
    if (unusable === undefined) continue;
    const { code, says, next } = unusable;
    report({ code, severity: 'warning', path: ['devices', name, 'driver'], says, next });
  }
}
