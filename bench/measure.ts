/** Whole processes, measured by the kernel's own accounting (measure.py), and figures to tell of them. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import process from 'node:process';

export interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly code: number;
}

export const ROOT = process.cwd();
export const BAILIFF = join(ROOT, 'dist', 'bailiff.cjs');

export class Stopwatch {
  readonly #child = spawn('python3', [join(ROOT, 'bench', 'measure.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

  async run(words: readonly string[]): Promise<Run> {
    this.#child.stdin.write(`${JSON.stringify(words)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`measure.py ended at ${words.join(' ')}`);
    return JSON.parse(line.value) as Run;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

export function quantile(values: readonly number[], q: number): number {
  const all = sorted(values);
  return all[Math.min(all.length - 1, Math.ceil(q * all.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const figure = (value: number, unit: string): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;

/** Prints a promise and whether it held; a broken one makes the bench end with exit 1. */
export function promise(says: string, holds: boolean): void {
  console.log(`${holds ? 'kept  ' : 'BROKEN'}  ${says}`);
  if (!holds) process.exitCode = 1;
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  for (const row of [head, ...rows])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
