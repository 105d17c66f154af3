/** Why an order never left: what it was for was over before its turn came. */
import type { Problem } from '../vocabulary/index.ts';

export const calledBack = (device: string): Problem => ({
  code: 'cancelled',
  says: `The order to ${device} was called back while it waited; nothing was sent.`,
  next: 'See what overtook it: bailiff story.',
});

export const tooLate = (device: string): Problem => ({
  code: 'order-too-late',
  says: `The time in which ${device} could be ordered anything was over before its turn came; nothing was sent.`,
  next: 'See what was slow: bailiff story. What was ordered before is read.',
});
