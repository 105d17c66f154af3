/** The driver with an agent that misbehaves, and a look at what it left behind. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchClock } from '../../drivers/conformance/bench.ts';
import { realClock, watchedTools, type WatchedTools } from '../../drivers/conformance/tools.ts';
import { checkSettings, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/fence-agent/driver.ts';
import { AGENTS } from './lamps.ts';

export const SECRET = "corr3ct h'orse \\ battery";

export function openWith(
  raw: Readonly<Record<string, unknown>>,
  clock: BenchClock = realClock,
): { readonly device: PowerDriver; readonly tools: WatchedTools } {
  const { settings, problems } = checkSettings(driver.settings, raw);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const tools = watchedTools(clock);
  return { device: driver.open('pdu-a', settings, tools), tools };
}

export class Rogue {
  readonly folder: string;
  readonly device: PowerDriver;
  readonly tools: WatchedTools;

  private constructor(folder: string, mode: string, more: Readonly<Record<string, unknown>>, clock: BenchClock) {
    this.folder = folder;
    const parameters = { mode, notes: join(folder, 'notes') };
    const raw = { agent: join(AGENTS, 'fence_rogue'), parameters, secrets: { password: Secret.fixed(SECRET) }, ...more };
    ({ device: this.device, tools: this.tools } = openWith(raw, clock));
  }

  static async that(mode: string, more: Readonly<Record<string, unknown>> = {}, clock: BenchClock = realClock): Promise<Rogue> {
    return new Rogue(await mkdtemp(join(tmpdir(), 'bailiff-rogue-')), mode, more, clock);
  }

  /** Process ids that it noted; waits until there are so many. */
  async noted(count: number): Promise<readonly number[]> {
    return await until(async () => {
      const text = await readFile(join(this.folder, 'notes'), 'utf8').catch(() => '');
      const pids = text.split('\n').flatMap((line) => (line === '' ? [] : [Number(line)]));
      return pids.length >= count ? pids : undefined;
    });
  }

  async gone(pids: readonly number[]): Promise<boolean> {
    return await until(async () => ((await Promise.all(pids.map(runs))).includes(true) ? undefined : true));
  }

  async end(): Promise<void> {
    await this.device.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A zombie that its new parent has not collected yet does not run. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

/** Asks again until there is an answer; the test's own time limit ends what never comes. */
export async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => void realClock.after(10, resolve));
  }
}
