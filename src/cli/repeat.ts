/** An id that a program gives to what it asks for: the same again gets the same answer, and nothing is done twice. */
import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';

export interface RepeatOptions {
  readonly id?: string;
  readonly current?: boolean;
}

const LONGEST_ID = 100;

export function repeatable(command: Command): Command {
  return command.option(
    '--id <id>',
    'for programs: names this request; the same one again gets the same answer and does nothing twice',
    idWord,
  );
}

/** For answers that say "it is off": an earlier one may have been true then. */
export function askingNow(command: Command): Command {
  return command.option('--current', 'exit 6 where the answer is an earlier one and the node has been ordered on since');
}

function idWord(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text) || text.length > LONGEST_ID)
    throw new InvalidArgumentError(`Give at most ${LONGEST_ID} printable ASCII characters without blanks.`);
  return text;
}

/** An id of our own repeats nothing. */
export const idOf = ({ id }: RepeatOptions, kind: 'cmd' | 'approve' | 'deny'): string =>
  id ?? `${kind}-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
