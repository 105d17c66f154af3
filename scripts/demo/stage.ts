/** The demo's stage: types the commands a user would type, and shows what they say. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Said {
  readonly code: number;
  readonly out: string;
}

const LONGEST = 60_000;
const colour = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
const strong = (text: string): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);

export const say = (...lines: readonly string[]): void => console.log(lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n'));

export const title = (text: string): void => console.log(`\n${strong(text)}`);

/** What the audience sees of a command: all of it, the command alone with the file that its output goes to, or nothing. */
export type Shown = 'all' | 'nothing' | { readonly into: string };

/** Runs `bailiff` with these words in `folder`, as typed; its own output goes through. A non-zero exit is part of the play. */
export async function bailiff(command: string, folder: string, words: readonly string[], shown: Shown = 'all'): Promise<Said> {
  const hush = shown !== 'all';
  const into = typeof shown === 'string' ? '' : ` > ${shown.into}`;
  if (shown !== 'nothing') console.log(strong(`$ bailiff ${words.map(quoted).join(' ')}${into}`));
  const child = spawn(process.execPath, [command, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      out += text;
      if (!hush) process.stdout.write(text);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (!hush) console.log(`(exit ${code ?? 'none: it was ended'})`);
  return { code: code ?? -1, out };
}

const quoted = (word: string): string => (/^[A-Za-z0-9_./:=@-]+$/.test(word) ? word : `"${word}"`);

/** A demo that goes wrong must not look as if it went right. */
export function expect(holds: boolean, says: string): void {
  if (holds) return;
  console.error(`\nThe demo did not go as it should: ${says}`);
  process.exitCode = 1;
}
