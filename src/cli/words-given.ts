/** Durations, reasons and names as they are typed after an option. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../drivers/kit/settings.ts';

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1000 || ms > 3_600_000)
    throw new InvalidArgumentError('Give a duration with its unit, from 1s to 1h, such as 60s.');
  return ms;
}

/** As long as the reason of a verdict may be. */
const LONGEST_REASON = 1000;
const LONGEST_NAME = 100;

/** S1 wants a reason in words. */
export function spoken(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why, in a few words.');
  if (text.length > LONGEST_REASON) throw new InvalidArgumentError(`Say why in at most ${LONGEST_REASON} characters.`);
  return text;
}

/** Who says so: goes into the journal and into every story. */
export function byName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Give a name, or leave the option out.');
  if (text.length > LONGEST_NAME) throw new InvalidArgumentError(`A name has at most ${LONGEST_NAME} characters.`);
  return text;
}
