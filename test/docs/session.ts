/**
 * Runs what a page shows. A block of ```console holds commands after `$ ` and what they print; a block whose language is followed by a
 * file's name (```json v.json) is that file. One session runs all of a page in one fresh folder, with `bailiff` as the bundled command.
 *
 * What differs from run to run (times, ids, free UDP ports, durations) is put aside before comparing; an id on the page stands for the
 * real one that was printed in its place, also in later commands. `[...]` stands for any lines. The demo prints commands of its own, so
 * everything in its block is its output. With BAILIFF_REWRITE=1 what was really printed is written into the page where it
 * does not fit any more; with BAILIFF_REWRITE=all in any case.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tidy/project.ts';

export interface Step {
  readonly command: string;
  /** What the page says that it prints. */
  readonly shown: readonly string[];
}

export interface Block {
  readonly line: number;
  readonly steps: readonly Step[];
  /** The file that this block is, instead of commands. */
  readonly file?: { readonly name: string; readonly text: string };
}

export interface Ran {
  readonly line: number;
  /** Which command of its block, from 0. */
  readonly index: number;
  readonly command: string;
  readonly shown: readonly string[];
  readonly printed: readonly string[];
}

/** Where readers of the page are thought to be. */
const HOME = '/home/anna';
const DEMO = 'npm run demo';
const LIMIT_MS = 90_000;
const bundled = join(root, 'dist', 'bailiff.cjs');

/** The blocks of a page that can be run, in order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].flatMap(({ 1: language, 2: name, 3: text = '', index }) => {
    const line = page.slice(0, index).split('\n').length;
    if (name !== undefined) return [{ line, steps: [], file: { name, text } }];
    return language === 'console' ? [{ line, steps: stepsOf(text) }] : [];
  });
}

function stepsOf(text: string): Step[] {
  const steps: { command: string; shown: string[] }[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('$ ') && steps[0]?.command !== DEMO) steps.push({ command: line.slice(2), shown: [] });
    else steps.at(-1)?.shown.push(line);
  }
  return steps;
}

/** An operation: a time and chance, in 14 characters. */
const ID = /\b1[0-9a-z]{13}\b/g;

/** What later commands name again: an operation, or a device's port. */
const VARIES = /\b(1[0-9a-z]{13})\b|127\.0\.0\.1:(\d+)/g;

/** A line without what differs from run to run. */
export const settled = (line: string): string =>
  line
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(ID, 'ID')
    .replace(/\+?\b\d+\.\d+ s\b/g, 'N s')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/port \d+/g, 'port PORT')
    .replace(/\b[0-9a-f]{32}\b/g, 'GUID')
    .replace(/\b\d+ events in/g, 'N events in')
    .replace(/sent \d+ times?/g, 'sent N times')
    .replace(/ {2,}/g, '  ')
    .trimEnd();

/** Does what was printed fit what is shown, where `[...]` fits any lines? */
export function fits(shown: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first.trim() === '[...]')
    return Array.from({ length: printed.length + 1 }, (_, from) => from).some((from) => fits(rest, printed.slice(from)));
  return printed.length > 0 && settled(first) === settled(printed[0] ?? '') && fits(rest, printed.slice(1));
}

export class Session {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'bailiff-page-')));
  readonly #tools = join(this.folder, '.tools');
  readonly #background: ChildProcess[] = [];
  /** Ids and ports on the page, and the real ones. */
  readonly #names = new Map<string, string>();
  #place = this.folder;
  #exit = 0;

  constructor() {
    if (!existsSync(bundled)) throw new Error('dist/bailiff.cjs is missing: npm run build');
    mkdirSync(this.#tools);
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    this.#tool('bailiff', `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(bundled)} "$@"`);
    this.#tool('node', `exec ${JSON.stringify(process.execPath)} "$@"`);
    // What is said of a machine without it is no part of the pages.
    this.#tool('ping', 'exit 2');
    // The build has been made already; what follows it is what the page is about.
    this.#tool(
      'npm',
      `[ "$*" = "run demo" ] || exit 64; exec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, 'dist/demo.mjs'))}`,
    );
  }

  #tool(name: string, line: string): void {
    const file = join(this.#tools, name);
    writeFileSync(file, `#!/bin/sh\n${line}\n`);
    chmodSync(file, 0o755);
  }

  /** Runs the blocks one after another. */
  async run(blocks: readonly Block[]): Promise<Ran[]> {
    const ran: Ran[] = [];
    for (const { line, steps, file } of blocks) {
      if (file !== undefined) writeFileSync(join(this.#place, file.name), file.text);
      for (const [index, { command, shown }] of steps.entries()) {
        const real = command.replace(/[0-9a-z]+/g, (word) => this.#names.get(word) ?? word);
        const lines = await this.#step(real);
        this.#learn(shown, lines);
        ran.push({ line, index, command, shown, printed: lines.map((one) => this.#asShown(one)) });
      }
    }
    return ran;
  }

  /** Ids and ports that stand in the place of each other, line by line. */
  #learn(shown: readonly string[], printed: readonly string[]): void {
    for (const [index, line] of shown.entries()) {
      const real = printed[index] ?? '';
      if (settled(line) !== settled(real)) continue;
      const words = [...real.matchAll(VARIES)].map(([, id, port]) => id ?? port ?? '');
      for (const [at, [, id, port]] of [...line.matchAll(VARIES)].entries()) {
        const word = id ?? port ?? '';
        if (!this.#names.has(word)) this.#names.set(word, words[at] ?? word);
      }
    }
  }

  #asShown(line: string): string {
    const shown = new Map([...this.#names].map(([onPage, real]) => [real, onPage]));
    return line.replace(VARIES, (all: string, id?: string, port?: string) => {
      const real = id ?? port ?? '';
      return all.replace(real, shown.get(real) ?? real);
    });
  }

  async #step(command: string): Promise<string[]> {
    if (command === 'echo $?') return [String(this.#exit)];
    if (command.startsWith('alias ')) return [];
    if (command.startsWith('cd ')) {
      this.#place = join(this.#place, command.slice(3));
      return [];
    }
    const text = command.endsWith(' &') ? await this.#stay(command.slice(0, -2)) : await this.#end(command);
    const lines = text.replaceAll(this.folder, HOME).replace(/\n$/, '').split('\n');
    return lines.length === 1 && lines[0] === '' ? [] : lines;
  }

  #start(command: string): { readonly child: ChildProcess; readonly said: () => string } {
    const child = spawn('sh', ['-c', `exec 2>&1; ${command}`], {
      cwd: this.#place,
      env: {
        PATH: `${this.#tools}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
        HOME: this.folder,
        LC_ALL: 'C',
        USER: 'anna',
        LOGNAME: 'anna',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    return { child, said: () => said };
  }

  async #end(command: string): Promise<string> {
    const { child, said } = this.#start(command);
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(limit);
    this.#exit = code ?? -1;
    return said();
  }

  /** A command in the background: it has begun when it says how it ends. */
  async #stay(command: string): Promise<string> {
    const { child, said } = this.#start(`exec ${command}`);
    this.#background.push(child);
    await new Promise<void>((done) => {
      const limit = setTimeout(done, LIMIT_MS);
      const begun = (): void => {
        clearTimeout(limit);
        done();
      };
      child.once('close', begun);
      child.stdout?.on('data', () => {
        if (said().includes('Ctrl-C')) begun();
      });
    });
    return said();
  }

  async close(): Promise<void> {
    for (const child of this.#background) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const isShortened = (shown: readonly string[]): boolean => shown.some((line) => line.trim() === '[...]');

/**
 * The page with what was really printed. All of it as soon as a part does not fit, for the times on one page must be those of one run;
 * shortened output (`[...]`) is a person's choice and stays.
 */
export function rewritten(page: string, ran: readonly Ran[]): string {
  if (ran.every(({ shown, printed }) => fits(shown, printed) || isShortened(shown)) && process.env['BAILIFF_REWRITE'] !== 'all')
    return page;
  const lines = page.split('\n');
  for (const { line, index, shown, printed } of ran.toReversed()) {
    if (isShortened(shown)) continue;
    const commands = lines.flatMap((one, at) => (at >= line && one.startsWith('$ ') ? [at] : []));
    lines.splice((commands[index] ?? lines.length) + 1, shown.length, ...printed);
  }
  return lines.join('\n');
}

/** Runs a page and, where asked to, writes it anew. Gives back what was run, as the page is then. */
export async function runPage(path: string, only: (block: Block) => boolean = () => true): Promise<Ran[]> {
  const file = join(root, path);
  const session = new Session();
  try {
    const page = readFileSync(file, 'utf8');
    const ran = await session.run(blocksOf(page).filter(only));
    if (!['1', 'all'].includes(process.env['BAILIFF_REWRITE'] ?? '')) return ran;
    writeFileSync(file, rewritten(page, ran));
    return ran.map((one) => (isShortened(one.shown) ? one : { ...one, shown: one.printed }));
  } finally {
    await session.close();
  }
}
