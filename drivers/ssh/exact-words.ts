/**
 * Expressions from a configuration, made harmless: always anchored to the whole line, and of a form whose matching time is bounded (lines
 * are at most 512 characters). What would need more than this is refused, with the reason.
 */

const MAX_LENGTH = 200;
const MAX_OPEN_REPEATS = 3;
const MAX_REPEATS = 8;
const MAX_ALTERNATIVES = 8;

/** The anchored expression, or what is wrong with it in words. */
export function exactWords(source: string): RegExp | string {
  if (source === '') return 'is empty';
  if (source.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  const wrong = structureFault(source);
  if (wrong !== undefined) return wrong;
  try {
    const words = new RegExp(`^(?:${source})$`);
    return words.test('') ? 'matches an empty line' : words;
  } catch {
    return 'is not a regular expression';
  }
}

function structureFault(source: string): string | undefined {
  let open = 0;
  let repeats = 0;
  let alternatives = 0;
  let afterGroup = false;
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] ?? '';
    const repeat = /^(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})/.exec(source.slice(at))?.[0];
    if (repeat !== undefined) {
      if (afterGroup) return 'repeats a group, which can take for ever to match: repeat single characters or classes only';
      repeats += 1;
      if (repeat !== '?') open += 1;
      at += repeat.length - 1;
      // A lazy repeat.
      if (source[at + 1] === '?') at += 1;
      continue;
    }
    afterGroup = char === ')';
    if (char === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) return 'refers back to a group, which is not allowed here';
      at += 1;
    } else if (char === '[') {
      const end = classEnd(source, at);
      if (end < 0) return 'has a character class without an end';
      at = end;
    } else if (char === '(' && source[at + 1] === '?' && !/^\(\?(?::|<plug>)/.test(source.slice(at))) {
      return 'uses a group other than (…), (?:…) and (?<plug>…)';
    } else if (char === '|') {
      alternatives += 1;
    }
  }
  if (open > MAX_OPEN_REPEATS) return `has more than ${MAX_OPEN_REPEATS} repeats`;
  if (repeats > MAX_REPEATS) return `has more than ${MAX_REPEATS} optional or repeated parts`;
  return alternatives > MAX_ALTERNATIVES ? `has more than ${MAX_ALTERNATIVES} alternatives` : undefined;
}

function classEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === ']' && at > from + 1) return at;
  }
  return -1;
}
