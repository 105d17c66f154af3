/** Plain tables: columns as wide as they must be, two blanks between, nothing that a pager or a copy would break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => visible(row[column] ?? ''))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - visible(cell))))
      .join('  ')
      .trimEnd();
  return [line(head.map((title) => title.toUpperCase())), ...rows.map(line)];
}

const COLOUR = /\u001b\[[0-9;]*m/g;

const visible = (text: string): number => text.replace(COLOUR, '').length;
