/**
 * Scenarios as prose: a file tells a story in its own words; lines that begin with `>` are events, and the indented lines below each are
 * what the core makes of it. `npm run scenarios -- --rewrite` writes those anew; the diff is the review.
 */
import { describeEffect, describeState, EMPTY, type Event, type State, step } from '../../src/core/index.ts';
import { eventFrom } from './words.ts';

/** A morning on which nothing else happens. */
const START = Date.UTC(2026, 0, 5, 8, 0, 0);

export function play(text: string): string {
  let state: State = EMPTY;
  let at = START;
  let drawn = 0;
  const draw = (): string => {
    drawn += 1;
    return `op${drawn}`;
  };
  const out: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('    ')) continue;
    out.push(line);
    if (!line.startsWith('>')) continue;
    const { wait, words } = waited(line.slice(1).trim());
    at += wait;
    if (words === 'state') {
      out.push(...describeState(state).map(indent));
      continue;
    }
    const event = { ...eventFrom(words, at, draw), at } as Event;
    const before = JSON.stringify(state);
    const after = step(state, event);
    if (JSON.stringify(state) !== before) throw new Error(`the step changed the state it was given: ${line}`);
    state = after.state;
    out.push(...(after.effects.length === 0 ? ['nothing'] : after.effects.map(describeEffect)).map(indent));
  }
  return out.join('\n');
}

const indent = (line: string): string => `    ${line}`;

/** `+25ms read ...`: time passes before the event; `-3600s start ...`: the next process has a clock that is behind. */
function waited(words: string): { readonly wait: number; readonly words: string } {
  const match = /^([+-]\d+)(ms|s) (.*)$/.exec(words);
  if (match === null) return { wait: 0, words };
  return { wait: Number(match[1]) * (match[2] === 's' ? 1000 : 1), words: match[3] ?? '' };
}
