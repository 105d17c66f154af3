/** Starts process.ts as a real process, bundled once per test file. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Problem } from '../../src/vocabulary/index.ts';

export interface Told {
  readonly ready?: number;
  readonly owns?: number;
  readonly child?: number;
  readonly last?: number;
  readonly problem?: Problem;
  readonly written?: number;
  readonly second?: Problem | null;
  readonly snapshot?: Problem | null;
  readonly kept?: Problem | null;
  readonly reserved?: { readonly at: number; readonly event: unknown };
  readonly read?: number;
  readonly warnings?: readonly Problem[];
}

export class Running {
  readonly child: ChildProcess;
  readonly told: Told[] = [];
  readonly ended: Promise<number | null>;
  #waiting: (() => void)[] = [];
  #over = false;
  complaint = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.complaint += text));
    if (child.stdout === null) throw new Error('no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#over = true;
        resolve(code);
        this.#wake();
      });
    });
  }

  /** The first told thing that fits; fails when the process ends without it. */
  async until(fits: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const found = this.told.find(fits);
      if (found !== undefined) return found;
      if (this.#over) throw new Error(`the process ended after telling ${JSON.stringify(this.told)} ${this.complaint}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  go(): void {
    this.child.stdin?.write('go\n');
  }

  end(): void {
    this.child.kill('SIGKILL');
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

let bundled = '';
const running: Running[] = [];

beforeAll(async () => {
  bundled = await mkdtemp(join(tmpdir(), 'bailiff-process-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'process.ts')],
    outfile: join(bundled, 'process.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});

afterEach(async () => {
  for (const one of running.splice(0)) {
    one.end();
    await one.ended;
  }
});

afterAll(() => rm(bundled, { recursive: true, force: true }));

export const scriptPath = (): string => join(bundled, 'process.mjs');

const track = (child: ChildProcess): Running => {
  const one = new Running(child);
  running.push(one);
  return one;
};

const PIPES: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'] };

export const start = (...args: readonly string[]): Running => track(spawn(process.execPath, [scriptPath(), ...args], PIPES));

/** Through a shell that sets the stage first; `"$@"` in the text is the command line of the process. */
export const startIn = (stage: string, ...args: readonly string[]): Running =>
  track(spawn('sh', ['-c', stage, 'sh', process.execPath, scriptPath(), ...args], PIPES));
