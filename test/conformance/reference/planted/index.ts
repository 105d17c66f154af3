import type { Planted } from './bent.ts';
import { PLANTED_MANNERS } from './manners.ts';
import { PLANTED_TRUTH } from './truth.ts';

/** At least one bug for each promise. */
export const PLANTED: readonly Planted[] = [...PLANTED_TRUTH, ...PLANTED_MANNERS];
