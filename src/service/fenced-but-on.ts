/** A node that is marked fenced, and is read on: somebody switched it by hand, or a mark outlived what it was made for. */
import type { Evidence, PowerState } from '../vocabulary/index.ts';

export interface OutletSeen {
  /** Which level of its node it belongs to. */
  readonly level: number;
  readonly power: PowerState;
  readonly evidence: Evidence;
}

/**
 * An outlet reads on, and no level reads off as a whole: the node may run. One level that is off is enough, for that is what fenced it;
 * a reading of what runs on the target proves no off (S10).
 */
export function readsOn(outlets: readonly OutletSeen[]): boolean {
  const off = grouped(outlets).some((level) => level.every(({ power, evidence }) => power === 'off' && evidence === 'device'));
  return !off && outlets.some(({ power }) => power === 'on');
}

function grouped(outlets: readonly OutletSeen[]): readonly (readonly OutletSeen[])[] {
  return [...new Set(outlets.map(({ level }) => level))].map((level) => outlets.filter((one) => one.level === level));
}
