/**
 * Texts from outside (reasons, names, what a device says) on the way to a terminal or a log: nothing in them may move the cursor, change
 * a colour, ring, reorder letters, or begin a line of its own. The program's own colours carry a mark that nobody outside can know.
 */
import { randomBytes } from 'node:crypto';

const ESC = '\u001b';
const MARK = `${ESC}${randomBytes(6).toString('hex')}`;
const OWN = new RegExp(`${MARK}\\[([0-9;]+)m`, 'g');

/** C0, DEL and C1 (ECMA-48), line and paragraph separators, and what turns the direction of writing (Unicode, UAX 9). */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', [ESC]: '\\e' };

const hex = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** `evil\nline` as one line: control characters are written out. */
export const escaped = (text: string): string => text.replace(UNSEEN, (letter) => NAMED[letter] ?? hex(letter));

/** A text in one of our own colours: codes of SGR, such as `1;31`. */
export const coloured = (codes: string, text: string): string => `${MARK}[${codes}m${text}${MARK}[0m`;

/** One line as it may be written: own colours work where they are wanted, everything else is escaped. */
export const shown = (line: string, colour = true): string =>
  line
    .split(OWN)
    .map((part, index) => (index % 2 === 0 ? escaped(part) : colour ? `${ESC}[${part}m` : ''))
    .join('');

/** How many columns a cell takes. */
export const width = (cell: string): number => escaped(cell.replace(OWN, '')).length;

/** Fewer columns are no place for sentences: such a line is left to the terminal. */
const NARROWEST = 40;

/**
 * A line as lines that fit: broken at blanks, the rest hanging below the last column of text that begins in the left half. A word that is
 * wider than the terminal stays whole, so that a path can be copied.
 */
export function folded(line: string, columns: number): readonly string[] {
  if (columns < NARROWEST || width(line) <= columns) return [line];
  const hang = ' '.repeat(hangOf(escaped(line.replace(OWN, '')), columns));
  const lines: string[] = [];
  let current = '';
  for (const word of line.match(/ *[^ ]+| +$/g) ?? []) {
    if (current.trim() === '' || width(current + word) <= columns) current += word;
    else {
      lines.push(current);
      current = hang + word.trimStart();
    }
  }
  return [...lines, current];
}

/** Where the text of a line begins: behind its last gap of two blanks or more, or a little more than its own indentation. */
function hangOf(text: string, columns: number): number {
  const gaps = [...text.matchAll(/\S {2,}(?=\S)/g)].map(({ index, 0: gap }) => index + gap.length);
  return gaps.findLast((end) => end <= columns / 2) ?? text.length - text.trimStart().length + 2;
}

/** JSON for a terminal: what JSON leaves as it is inside of its texts is escaped as JSON does it. */
export const shownJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(UNSEEN, (letter) => (letter === '\n' ? letter : hex(letter)));
