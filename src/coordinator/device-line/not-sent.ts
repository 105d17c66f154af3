/** Why a device was not asked, or not asked to the end: what is told in place of its answer. */
import { orderTooLate, type Problem } from '../../vocabulary/index.ts';

export const calledBack = (device: string): Problem => ({
  code: 'cancelled',
  says: `The order to ${device} was called back while it waited; nothing was sent.`,
  next: 'See what overtook it: bailiff story.',
});

/** The time of the order was over before its turn came. */
export const tooLate = (device: string): Problem => orderTooLate(device, false);

export const busy = (device: string): Problem => ({
  code: 'device-busy',
  says: `${device} was still busy with earlier requests when the time for this one was over.`,
  next: 'It is asked again. If this repeats, the device is too slow for its timeout.',
});

export const overdue = (device: string): Problem => ({
  code: 'driver-overdue',
  says: `The driver of ${device} did not come back by its deadline; it was let go.`,
  next: 'The device is opened again for the next request. The driver breaks its contract: `bailiff conform` shows it (C10).',
});

export const gaveWay = (device: string): Problem => ({
  code: 'gave-way',
  says: `The question to ${device} was called off, because a fencing needed the device.`,
  next: 'Ask again when the fencing is over: bailiff status.',
});

export const closing: Problem = { code: 'closing', says: 'The coordinator is stopping.', next: 'Send it again when it runs.' };
