/** One question to the person at the terminal. */
import { createInterface } from 'node:readline';

/** What was typed, without blanks around it; empty where the input ended (Ctrl-D); undefined where they left with Ctrl-C. */
export async function askLine(
  question: string,
  from: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream; readonly terminal?: boolean },
): Promise<string | undefined> {
  const lines = createInterface(from);
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.once('SIGINT', () => resolve(undefined));
      lines.once('close', () => resolve(''));
      lines.question(question, (typed) => resolve(typed.trim()));
    });
  } finally {
    lines.close();
  }
}
