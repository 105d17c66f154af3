/** What a person sees while an operation runs: one line per thing that happened, with the time since the start. */
import type { Happened, ProgressLine } from '../service/progress.ts';
import { type Io, styleOf } from './io.ts';

export function progress(io: Io): (happened: Happened) => void {
  let start: number | undefined;
  return ({ at, lines }) => {
    start ??= at;
    const time = io.paint('faint', `${((at - start) / 1000).toFixed(2).padStart(7)} s`);
    // Two who wait for one operation are answered alike.
    for (const line of new Set(lines.map((one) => lineOf(io, one)))) io.err(`${time}  ${line}`);
  };
}

function lineOf(io: Io, { part, about, says, tone, outcome }: ProgressLine): string {
  const style = outcome === undefined ? tone : styleOf(outcome);
  return `${part.padEnd(10)}${about === undefined ? '' : `${about} `}${style === undefined ? says : io.paint(style, says)}`;
}
