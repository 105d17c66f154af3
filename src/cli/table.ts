import { width } from './terminal.ts';

/** Plain tables: columns as wide as they must be, two blanks between, nothing that a pager or a copy would break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [line(head.map((title) => title.toUpperCase())), ...rows.map(line)];
}

/** Without as many of the spare columns, the first one first, as the terminal is too narrow for; a file or a program always gets all. */
export function fittingTable(
  columns: number | undefined,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  ...spare: readonly string[]
): string[] {
  const whole = table(head, rows);
  const [first, ...rest] = spare;
  if (first === undefined || columns === undefined || whole.every((line) => width(line) <= columns)) return whole;
  const kept = (cells: readonly string[]): string[] => cells.filter((_, column) => head[column] !== first);
  return fittingTable(columns, kept(head), rows.map(kept), ...rest);
}
