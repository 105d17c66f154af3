/** One question to the person at the terminal. */
import { createInterface } from 'node:readline';

const ENDED = Symbol('the input ended');

/** What was typed, without blanks around it; empty where the input ended (Ctrl-D); undefined where they left with Ctrl-C. */
export async function askLine(
  question: string,
  from: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream; readonly terminal?: boolean },
): Promise<string | undefined> {
  const lines = createInterface(from);
  const answer = await new Promise<string | undefined | typeof ENDED>((resolve) => {
    lines.once('SIGINT', () => resolve(undefined));
    lines.once('close', () => resolve(ENDED));
    lines.question(question, (typed) => resolve(typed.trim()));
  });
  lines.close();
  if (answer !== ENDED) return answer;
  // The question still stands on the line.
  from.output.write('\n');
  return '';
}
