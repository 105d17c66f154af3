/** From what a device said to what it means: a table of whole lines. Pure. */
import type { PowerState } from '../kit/contract.ts';
import type { Dialect, ReadSpeech, Refusal } from './dialect.ts';

interface Meaning {
  readonly power: PowerState;
  /** Plugs other than ours that the answer spoke of. */
  readonly others: readonly string[];
}

/**
 * The power of `plug` by the rows of `speech`. On and off need at least one row that says so and none that says otherwise; lines that
 * speak of another plug say nothing about ours.
 */
export function powerIn(lines: readonly string[], speech: ReadSpeech, plug: string): Meaning {
  if (speech.extent === 'whole' && lines.length !== 1) return { power: 'unknown', others: [] };
  const said = new Set<PowerState>();
  const others = new Set<string>();
  for (const { about, power } of statements(lines, speech)) {
    const named = about ?? (speech.heading === undefined ? plug : undefined);
    if (named === plug) said.add(power);
    else if (named !== undefined) others.add(named);
  }
  const [only] = said;
  return { power: said.size === 1 && only !== undefined ? only : 'unknown', others: [...others] };
}

/** Every plug that a list names, with its power; a plug that is said to be both is unknown. */
export function listIn(lines: readonly string[], speech: ReadSpeech): ReadonlyMap<string, PowerState> {
  const found = new Map<string, PowerState>();
  for (const { about, power } of statements(lines, speech)) {
    if (about === undefined) continue;
    found.set(about, found.has(about) && found.get(about) !== power ? 'unknown' : power);
  }
  return found;
}

function* statements(
  lines: readonly string[],
  speech: ReadSpeech,
): Generator<{ readonly about: string | undefined; readonly power: PowerState }> {
  let heading: string | undefined;
  for (const line of lines) {
    const head = speech.heading === undefined ? null : speech.heading.exec(line);
    if (head !== null) {
      heading = head.groups?.['plug'];
      continue;
    }
    const matches = speech.rows.flatMap((row) => {
      const match = row.line.exec(line);
      return match === null ? [] : [{ about: match.groups?.['plug'] ?? heading, power: row.power }];
    });
    // A row for the unknown may be wide; on and off are exact and go before it. A line that is both is neither.
    const exact = matches.filter(({ power }) => power !== 'unknown');
    const first = exact[0] ?? matches[0];
    if (first !== undefined) yield exact.every((each) => each.power === first.power) ? first : { about: first.about, power: 'unknown' };
  }
}

interface RefusalFound {
  readonly means: Refusal['means'];
  readonly line: string;
}

/** The first line that refuses, by the order of the dialect's rows. */
export function refusalIn(lines: readonly string[], dialect: Dialect): RefusalFound | undefined {
  for (const { line, means } of dialect.refusals) {
    const found = lines.find((each) => line.test(each));
    if (found !== undefined) return { means, line: found };
  }
  return undefined;
}
