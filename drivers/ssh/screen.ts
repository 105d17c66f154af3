/** What a device wrote, as lines of plain text. No state: given the same text, the same lines. */

/** Longer lines are garbage to every row; cutting them would make other words of them. */
const MAX_LINE = 512;
const MAX_LINES = 4_000;
/** ECMA-48 control sequences, two-character escapes, and operating system commands such as a window title. */
const ESCAPES = /\u001b(?:\[[0-9;:<=>?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,256}(?:\u0007|\u001b\\)|[ -/]*[0-Z\\^-~])/g;
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]+/g;

export const withoutEscapes = (text: string): string => text.replace(ESCAPES, '');

/** An escape sequence whose end has not arrived yet. */
const PARTIAL_ESCAPE = /\u001b(?:\[[0-9;:<=>?]*[ -/]*|\][^\u0007\u001b]{0,256}\u001b?|[ -/]*)$/;

export const withoutPartialEscape = (text: string): string => text.replace(PARTIAL_ESCAPE, '');

/** Lines with something on them, without blanks at either end. CR, LF and CR LF end a line; so does CR CR LF. */
export function linesOf(text: string): readonly string[] {
  const lines: string[] = [];
  for (const raw of withoutEscapes(text).split(/[\r\n]/)) {
    const line = raw.trim();
    if (line === '') continue;
    lines.push(line.length > MAX_LINE ? '(a line too long to be read)' : line);
    if (lines.length >= MAX_LINES) break;
  }
  return lines;
}

/** The unfinished last line: where a prompt or a question stands. */
export function lastLine(text: string): string {
  const plain = withoutEscapes(text.slice(-4 * MAX_LINE));
  return plain.slice(Math.max(plain.lastIndexOf('\n'), plain.lastIndexOf('\r')) + 1).trim();
}

/** A short, printable piece of what a device said, for error texts; secrets that it may have repeated are taken out. */
export function excerpt(lines: readonly string[], secrets: readonly string[] = []): string {
  let text = lines.join(' / ');
  for (const secret of secrets) if (secret.length > 0) text = text.replaceAll(secret, '(secret)');
  text = text.replace(UNPRINTABLE, ' ');
  return text === '' ? '(nothing)' : JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}…` : text);
}
