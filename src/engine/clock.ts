import { randomBytes } from 'node:crypto';
import type { Clock, Dice } from '../coordinator/ports.ts';

/**
 * Wall time taken once and advanced by the monotonic clock: steps of the system's clock do not move deadlines. Whole milliseconds, so that
 * what is journalled is what was decided by.
 */
export function realClock(): Clock {
  const anchor = Date.now() - performance.now();
  return {
    now: () => Math.floor(anchor + performance.now()),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** Crockford's base 32: no letters that are mistaken for digits over the phone. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Nine characters of time, then five of chance: ids sort by the time they were drawn. */
export function realDice(clock: Clock): Dice {
  return {
    id: () => {
      let time = '';
      for (let rest = clock.now(), i = 0; i < 9; i += 1, rest = Math.floor(rest / 32)) time = `${ALPHABET[rest % 32]}${time}`;
      return `${time}${[...randomBytes(5)].map((byte) => ALPHABET[byte % 32]).join('')}`;
    },
    random: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
    bytes: (length) => randomBytes(length),
  };
}
