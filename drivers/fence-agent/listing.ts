/** `list-status` prints `plug,alias,ON|OFF|UNKNOWN` lines, `list` the same without the last column (FenceAgentAPI, fencing.py). */
import type { ListedOutlet, PowerState } from '../kit/contract.ts';

const STATES: Readonly<Record<string, PowerState>> = { ON: 'on', OFF: 'off' };

interface ListedLine {
  readonly plug: string;
  readonly name?: string;
  readonly power: PowerState;
}

/** The outlets; lines that have no such form (notices, warnings) are left out. */
export function listedIn(out: string, separator: string, withStates: boolean): readonly ListedLine[] {
  return out.split('\n').flatMap((line) => {
    const parts = line.replace(/\r$/, '').split(separator);
    const last = withStates ? parts.pop() : undefined;
    const [plug = '', ...alias] = parts;
    if (plug.trim() === '' || alias.length === 0 || (withStates && !/^(?:ON|OFF|UNKNOWN)$/i.test(last ?? ''))) return [];
    const name = alias.join(separator).trim();
    return [{ plug: plug.trim(), ...(name === '' ? {} : { name }), power: STATES[(last ?? '').toUpperCase()] ?? 'unknown' }];
  });
}

/** With the reading that each line stands for. */
export function listedOutlets(
  lines: readonly ListedLine[],
  readingOf: (line: ListedLine) => ListedOutlet['reading'],
): readonly ListedOutlet[] {
  return lines.map((line) => ({ plug: line.plug, ...(line.name === undefined ? {} : { name: line.name }), reading: readingOf(line) }));
}
