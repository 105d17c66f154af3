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

/** Without one column where the terminal is too narrow for all of them; a file or a program always gets all. */
export function fittingTable(
  columns: number | undefined,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  spare: string,
): string[] {
  const whole = table(head, rows);
  if (columns === undefined || whole.every((line) => width(line) <= columns)) return whole;
  const kept = (cells: readonly string[]): string[] => cells.filter((_, column) => head[column] !== spare);
  return table(kept(head), rows.map(kept));
}
