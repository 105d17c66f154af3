/** Files that a command is given by name: read whole, or as JSON with the line on which it stops being JSON. */
import { readFile } from 'node:fs/promises';
import { buffer, text } from 'node:stream/consumers';
import type { Problem } from '../vocabulary/index.ts';

/** `-` is standard input. Problem: `file-not-read`. */
export async function readText(file: string): Promise<string | Problem> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    return notRead(file, error);
  }
}

/** As they are: for texts in which a byte that is no UTF-8 must be seen. Problem: `file-not-read`. */
export async function readBytes(file: string): Promise<{ readonly bytes: Buffer } | Problem> {
  try {
    return { bytes: file === '-' ? await buffer(process.stdin) : await readFile(file) };
  } catch (error) {
    return notRead(file, error);
  }
}

const notRead = (file: string, error: unknown): Problem => ({
  code: 'file-not-read',
  says: `${file}: ${error instanceof Error ? error.message : String(error)}`,
  next: 'Check the path.',
});

/** Problem: `not-json`. What stands in the file is not repeated: it may be a key, given by mistake. */
export function jsonIn(file: string, content: string): { readonly value: unknown } | Problem {
  try {
    return { value: JSON.parse(content) as unknown };
  } catch {
    const at = endOfJson(content);
    const line = content.slice(0, at).split('\n').length;
    const what =
      content.trim() === '' ? 'it is empty' : at >= content.trimEnd().length ? `it ends too early, in line ${line}` : `see line ${line}`;
    return {
      code: 'not-json',
      says: `${file === '-' ? 'Standard input' : file} is not JSON: ${what}.`,
      next: 'Mend it, or name another file.',
    };
  }
}

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** Where a text stops being JSON (RFC 8259): engines do not all say it. The length of the text where only its end is missing. */
function endOfJson(content: string): number {
  const open: string[] = [];
  let wanted: 'value' | 'key' | 'colon' | 'next' = 'value';
  let fresh = false;
  TOKEN.lastIndex = 0;
  for (let at = 0; ; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(content);
    if (found === null) return at + (/^[ \t\r\n]*/.exec(content.slice(at))?.[0].length ?? 0);
    const [whole, sign, word] = found;
    const start = at + whole.length - whole.trimStart().length;
    const inside = open.at(-1);
    const closes = (sign === '}' && inside === '{') || (sign === ']' && inside === '[');
    if (closes && (wanted === 'next' || fresh)) {
      open.pop();
      wanted = 'next';
    } else if (wanted === 'value' && (sign === '{' || sign === '[')) {
      open.push(sign);
      wanted = sign === '{' ? 'key' : 'value';
      fresh = true;
      continue;
    } else if (wanted === 'value' && sign === undefined) wanted = 'next';
    else if (wanted === 'key' && word !== undefined) wanted = 'colon';
    else if (wanted === 'colon' && sign === ':') wanted = 'value';
    else if (wanted === 'next' && sign === ',' && inside !== undefined) wanted = inside === '{' ? 'key' : 'value';
    else return start;
    fresh = false;
  }
}
