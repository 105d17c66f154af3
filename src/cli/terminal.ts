/**
 * Texts from outside (reasons, names, what a device says) on the way to a terminal or a log: nothing in them may move the cursor, change
 * a colour, ring, reorder letters, hide, or begin a line of its own. The program's own colours carry a mark that nobody outside can know.
 */
import { randomBytes } from 'node:crypto';

const ESC = '\u001b';
const MARK = `${ESC}${randomBytes(6).toString('hex')}`;
const OWN = new RegExp(`${MARK}\\[([0-9;]+)m`, 'g');

/**
 * What a terminal obeys or swallows instead of showing it (Unicode, UCD): control characters (Cc: C0, DEL, C1), line and paragraph
 * separators (Zl, Zp), format characters (Cf: every mark, embedding and isolate of writing direction of UAX 9, zero-width letters, the soft
 * hyphen, the byte order mark, tags), whatever else is ignored where it cannot be drawn (DI: fillers, variation selectors), and halves of
 * surrogate pairs (Cs), which no encoding can carry.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', [ESC]: '\\e' };

const hex = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** `\u200e`, or `\u{e0041}` beyond the first plane. */
function writtenOut(letter: string): string {
  const point = letter.codePointAt(0) ?? 0;
  return point > 0xffff ? `\\u{${point.toString(16)}}` : hex(point);
}

/** As JSON writes it: one escape per UTF-16 unit (RFC 8259, 7). */
const inJson = (letter: string): string => Array.from({ length: letter.length }, (_, at) => hex(letter.charCodeAt(at))).join('');

/** `evil\nline` as one line: control characters are written out. */
export const escaped = (text: string): string => text.replace(UNSEEN, (letter) => NAMED[letter] ?? writtenOut(letter));

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
  JSON.stringify(value, undefined, 2).replace(UNSEEN, (letter) => (letter === '\n' ? letter : inJson(letter)));
