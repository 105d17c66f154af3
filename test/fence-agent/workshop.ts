/** Agents of a few lines, each written for one test. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchClock } from '../../drivers/conformance/bench.ts';
import type { PowerDriver } from '../../drivers/kit/contract.ts';
import { openWith } from './rogue.ts';

export class Workshop {
  readonly folder: string;
  readonly #opened: PowerDriver[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'bailiff-workshop-')));
  }

  /** An agent with this shell script; `$told` is the file with all that it was told, `$action` what it is to do. Gives its path. */
  async agent(name: string, ...lines: readonly string[]): Promise<string> {
    const head = [`told='${join(this.folder, `${name}.told`)}'`, 'cat > "$told"', 'action=$(sed -n "s/^action=//p" "$told")'];
    return await this.program(name, '#!/bin/sh', ...head, ...lines);
  }

  /** A file as it stands, that may be executed. */
  async program(name: string, ...lines: readonly string[]): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o755 });
    return path;
  }

  device(settings: Readonly<Record<string, unknown>>, clock?: BenchClock): PowerDriver {
    const { device } = openWith(settings, clock);
    this.#opened.push(device);
    return device;
  }

  /** What an agent was told last, line by line. */
  async told(name: string): Promise<readonly string[]> {
    return (await readFile(join(this.folder, `${name}.told`), 'utf8')).trimEnd().split('\n');
  }

  async end(): Promise<void> {
    await Promise.all(this.#opened.map((device) => device.close()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
