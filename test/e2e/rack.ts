/** A running lab in a folder of its own and the bundled command to use it with, as a user would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Configured, type Lab, startLab, writeLabConfiguration } from '../../hardware-mocks/index.ts';

export const BAILIFF = join(import.meta.dirname, '../../dist/bailiff.cjs');

export interface Said {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Until it has said so on standard error. */
  says(words: string): Promise<void>;
  readonly ended: Promise<Said>;
}

/** Starts the bundled command in a folder. */
export function startIn(folder: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [BAILIFF, ...words], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const says = async (words: string): Promise<void> => {
    while (!err.includes(words)) {
      if (child.stderr.readableEnded) throw new Error(`it ended and never said ${words}: ${out}${err}`);
      await Promise.race([once(child.stderr, 'data'), once(child.stderr, 'end')]);
    }
  };
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return { pid: child.pid ?? -1, kill: (signal) => void child.kill(signal), says, ended };
}

export class TestRack {
  readonly folder: string;
  readonly lab: Lab;

  private constructor(folder: string, lab: Lab) {
    this.folder = folder;
    this.lab = lab;
  }

  static async up(description: unknown, sections: Readonly<Record<string, Configured>> = {}): Promise<TestRack> {
    if (!existsSync(BAILIFF)) throw new Error('dist/bailiff.cjs is missing: npm run build');
    const folder = await mkdtemp(join(tmpdir(), 'bailiff-e2e-'));
    const started = await startLab(description);
    if ('problem' in started) throw new Error(started.problem.says);
    const rack = new TestRack(folder, started.value);
    await rack.configure(sections);
    return rack;
  }

  /** Writes the configuration anew, with other sections. */
  async configure(sections: Readonly<Record<string, Configured>>): Promise<void> {
    await writeLabConfiguration(this.lab, { folder: this.folder, sections });
  }

  start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
    return startIn(this.folder, words, env);
  }

  async bailiff(...words: readonly string[]): Promise<Said> {
    return await this.start(words).ended;
  }

  /** With `--json`, parsed. */
  async json(...words: readonly string[]): Promise<{ readonly code: number | null; readonly value: Record<string, unknown> }> {
    const { code, out, err } = await this.bailiff(...words, '--json');
    try {
      return { code, value: JSON.parse(out) as Record<string, unknown> };
    } catch {
      throw new Error(`bailiff ${words.join(' ')} printed no JSON (exit ${code}): ${out}${err}`);
    }
  }

  async file(name: string, content: string): Promise<string> {
    await writeFile(join(this.folder, name), content);
    return name;
  }

  async down(): Promise<void> {
    await this.lab.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Two nodes, a BMC each; relays that take a moment, so that readings see both states. */
export const TWO_NODES = {
  cluster: 'orders',
  nodes: [
    { name: 'db1', offDelayMs: 40 },
    { name: 'db2', offDelayMs: 40 },
  ],
  devices: [
    { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
    { name: 'db2-bmc', kind: 'bmc', node: 'db2' },
  ],
};

/** The JSON of a verdict on db1, with what differs. */
export const verdictJson = (over: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    id: 'v1',
    cluster: 'orders',
    epoch: 1,
    claim: 'dead',
    targets: ['db1'],
    survivors: ['db2'],
    issuer: 'arb-1',
    issuedAt: new Date(Date.now() - 1000).toISOString(),
    expiresAt: new Date(Date.now() + 120_000).toISOString(),
    reason: 'no heartbeat',
    ...over,
  });
