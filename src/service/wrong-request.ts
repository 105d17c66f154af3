/** Requests that are none: a face may pass on what somebody wrote, whatever its type says. */
import { MAX_EPOCH } from '../core/index.ts';
import type { Problem } from '../vocabulary/index.ts';

const ACTIONS: ReadonlySet<unknown> = new Set(['off', 'on', 'reboot']);

const wrong = (says: string, next: string): Problem => ({ code: 'wrong-request', says, next: `Nothing was done. ${next}` });

export function wrongCommand(action: unknown, timeout: unknown): Problem | undefined {
  if (!ACTIONS.has(action)) return wrong(`"${String(action)}" is no command.`, 'Ask for off, on or reboot; a statement is made by attest.');
  const isTime = timeout === undefined || (typeof timeout === 'number' && Number.isFinite(timeout) && timeout > 0);
  return isTime ? undefined : wrong('The timeout is no number of milliseconds.', 'Give a positive number, or none.');
}

export function wrongEpoch(epoch: unknown, reason: unknown): Problem | undefined {
  const isEpoch = typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch >= 0 && epoch <= MAX_EPOCH;
  if (!isEpoch) return wrong('The epoch is no whole number that a verdict may have.', `Give one from 0 to ${MAX_EPOCH}.`);
  return typeof reason === 'string' && reason !== '' ? undefined : wrong('The reason is missing.', 'Say why: it is journalled.');
}
