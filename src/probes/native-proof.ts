/**
 * May native code be loaded into this process? A binary that does not fit the machine ends the process that loads it, and this process
 * cuts power. So a child loads it first, and what became of the child is written down for this very koffi, Node and kernel: it is tried
 * once, and costs a feature at worst. While the child is at work, the other ways are used.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Run } from './child.ts';
import { type EchoSockets, findKoffi, loadEchoSockets } from './icmp-socket.ts';
import { trialWithin } from './trial.ts';

/** The same calls that will be made here, and an answer that only they can give. */
const CALLS =
  "const k = require(process.argv[1]); const l = k.load(null); const n = l.func('int getpid()')(); l.func('int inet_pton(int, str, void*)')(2, '192.0.2.1', Buffer.alloc(4)); process.exit(n === process.pid && typeof k.node.poll === 'function' ? 0 : 3)";
const TRIAL_MS = 5_000;
const TRIAL = trialWithin(TRIAL_MS, CALLS);

const RECORD = 'icmp-socket.json';

/** What a trial on this machine showed; `ok: false` with why. */
interface Shown {
  readonly machine: string;
  readonly ok: boolean;
  readonly says: string;
}

export interface NativeSettings {
  readonly run: Run;
  /** The folder in which the outcome is kept; without one it is tried in each process. */
  readonly folder?: string;
  readonly find?: typeof findKoffi;
  readonly load?: typeof loadEchoSockets;
  readonly after: (ms: number, run: () => void) => () => void;
}

/** The sockets, or why there are none; `undefined`: it is being tried. */
type Native = EchoSockets | string;

export class NativeSockets {
  readonly #settings: NativeSettings;
  #known: Native | undefined;
  #trial: Promise<Native> | undefined;

  constructor(settings: NativeSettings) {
    this.#settings = settings;
  }

  /** What is known without waiting. */
  get known(): Native | undefined {
    if (this.#known === undefined && this.#trial === undefined) this.#begin();
    return this.#known;
  }

  /** When the trial is over, at the latest after its own deadline. */
  async settled(): Promise<Native> {
    return this.known ?? (await this.#trial) ?? 'no ICMP socket: it was not tried';
  }

  #begin(): void {
    if (process.platform !== 'linux') {
      this.#known = `no ICMP socket: not known on ${process.platform}`;
      return;
    }
    const koffi = (this.#settings.find ?? findKoffi)();
    if (koffi === undefined) {
      this.#known = 'no ICMP socket: the npm package koffi is not installed';
      return;
    }
    const machine = `koffi ${koffi.version}, Node ${process.version}, ${process.arch}, Linux ${release()}`;
    const before = this.#recall(machine);
    if (before !== undefined) this.#known = this.#judge(before);
    else this.#trial = this.#try(koffi.path, machine);
  }

  async #try(path: string, machine: string): Promise<Native> {
    const child = this.#settings.run(process.execPath, ['-e', TRIAL, path]);
    // Whoever has his answer ends before the trial has: it is nobody's then.
    const gone = (): void => child.end();
    process.once('exit', gone);
    let late = false;
    const cancel = this.#settings.after(TRIAL_MS, () => {
      late = true;
      child.end();
    });
    const { code, failed, complaint } = await child.ended;
    cancel();
    process.off('exit', gone);
    const how = code === undefined ? (failed ?? 'a signal') : `${code}`;
    const line = complaint.split('\n').find((text) => text.includes('Error')) ?? '';
    const shown: Shown = {
      machine,
      ok: code === 0,
      says:
        code === 0
          ? ''
          : `no ICMP socket: a child that loaded koffi ended with ${how}${line === '' ? '' : ` (${line.trim().slice(0, 200)})`}`,
    };
    // A machine that was too busy, or could not start a child, showed nothing about koffi.
    if (!late && failed === undefined) this.#keep(shown);
    this.#known = this.#judge(shown);
    return this.#known;
  }

  #judge({ ok, says }: Shown): Native {
    if (!ok) return says;
    try {
      return (this.#settings.load ?? loadEchoSockets)();
    } catch (error) {
      return `no ICMP socket: koffi cannot be loaded (${error instanceof Error ? error.message : String(error)})`;
    }
  }

  #recall(machine: string): Shown | undefined {
    if (this.#settings.folder === undefined) return undefined;
    try {
      const kept = JSON.parse(readFileSync(join(this.#settings.folder, RECORD), 'utf8')) as Partial<Shown> | null;
      if (kept?.machine !== machine || typeof kept.ok !== 'boolean' || typeof kept.says !== 'string') return undefined;
      return { machine, ok: kept.ok, says: kept.says };
    } catch {
      return undefined;
    }
  }

  /** Where it cannot be kept, the next process tries again. */
  #keep(shown: Shown): void {
    if (this.#settings.folder === undefined) return;
    const path = join(this.#settings.folder, RECORD);
    try {
      writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(shown)}\n`, { mode: 0o600 });
      renameSync(`${path}.${process.pid}`, path);
    } catch {
      return;
    }
  }
}
