/** Whole processes, measured by the kernel's own accounting (measure.py), and figures to tell of them. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
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
/** The command that is measured; the environment's BAILIFF names another build, to compare it with this one. */
export const BAILIFF = process.env.BAILIFF ?? join(ROOT, 'dist', 'bailiff.cjs');

const FOLDERS = [...(process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/')), '/usr/sbin', '/sbin', '/usr/bin'];

/** Absolute path of a peer; daemons are on nobody's PATH. Python is the system's own, which has what Debian's packages bring. */
export function program(name: string): string {
  const all = name === 'python3' ? ['/usr/bin/python3'] : FOLDERS.map((folder) => join(folder, name));
  const found = all.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`${name} is not installed; test/foreign/strangers.ts names its package`);
  return found;
}

/** Without what a machine may make every Node process do at its start (read a bundle of certificates, say): that is not what is compared. */
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...rest } = process.env;
export const environment: Readonly<NodeJS.ProcessEnv> = rest;

export class Stopwatch {
  readonly #child = spawn('python3', [join(ROOT, 'bench', 'measure.py')], { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
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
  return all[Math.max(0, Math.min(all.length - 1, Math.ceil(q * all.length) - 1))] ?? Number.NaN;
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

export type Measure = 'wallMs' | 'cpuMs' | 'peakMiB';

/** Commands run in turn, so that a change of the machine's load meets all of them; medians of `rounds`, after one that is not counted. */
export class Race {
  readonly #runs = new Map<string, Run[]>();

  add(name: string, run: Run): void {
    this.#runs.set(name, [...(this.#runs.get(name) ?? []), run]);
  }

  of(name: string, what: Measure): number {
    return median((this.#runs.get(name) ?? []).map((run) => run[what]));
  }

  ratio(name: string, to: string, what: Measure): number {
    return this.of(name, what) / this.of(to, what);
  }

  /** The quickest round: what it takes when nothing else runs on the machine. */
  best(name: string): number {
    return quantile(
      (this.#runs.get(name) ?? []).map(({ wallMs }) => wallMs),
      0,
    );
  }

  /** Promises the ratio of the medians; the ratio of the quickest rounds stands beside it. */
  promiseWall(says: string, name: string, to: string, aim: number): void {
    const ratio = this.ratio(name, to, 'wallMs');
    const best = this.best(name) / this.best(to);
    promise(
      `${says} ${ratio.toFixed(2)} of the wall time of ${to} (quickest rounds: ${best.toFixed(2)}); the aim is ${aim.toFixed(2)}`,
      ratio <= aim,
    );
  }

  /** One row per command; the last columns compare `ours` with it. What was not a process of its own has only a wall time. */
  print(title: string, ours: string): void {
    const value = (name: string, what: Measure, unit: string): string =>
      Number.isNaN(this.of(name, what)) ? '' : figure(this.of(name, what), unit);
    const against = (name: string, what: Measure): string => {
      const ratio = this.ratio(ours, name, what);
      return Number.isNaN(ratio) ? '' : ratio.toFixed(2);
    };
    console.log(`\n${title}; ratio: ${ours} to this`);
    printTable(
      ['command', 'wall', 'best', 'p95', 'cpu', 'peak', 'wall ratio', 'cpu ratio', 'peak ratio'],
      [...this.#runs].map(([name, runs]) => [
        name,
        value(name, 'wallMs', 'ms'),
        figure(this.best(name), 'ms'),
        figure(
          quantile(
            runs.map(({ wallMs }) => wallMs),
            0.95,
          ),
          'ms',
        ),
        value(name, 'cpuMs', 'ms'),
        value(name, 'peakMiB', 'MiB'),
        ...(['wallMs', 'cpuMs', 'peakMiB'] as const).map((what) => against(name, what)),
      ]),
    );
  }
}

/** A run inside a process that stays: only its wall time is its own. */
export async function warmRun(what: () => Promise<boolean>): Promise<Run> {
  const from = performance.now();
  const ok = await what();
  return { wallMs: performance.now() - from, cpuMs: Number.NaN, peakMiB: Number.NaN, code: ok ? 0 : 1 };
}
