/**
 * One run of an agent, contained: a process group of its own that is ended as a whole, an environment without secrets, output with a
 * bound, one absolute deadline. Settles when the agent has ended, or at once when the deadline passes or the caller gives up.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import type { DriverTools, Deadline } from '../kit/contract.ts';
import { endMarked, MARK } from './outliving.ts';
import { FOLDERS } from './program.ts';

/** Kept of each stream. More is read and thrown away, so that the agent is not held up. */
const MOST_OUTPUT = 64 * 1024;
/** An agent that writes this much is not describing a power state any more: it is ended. */
const FLOOD = 4 * 1024 * 1024;
/** After the agent's end: how long what it wrote last may take to arrive, where somebody else still holds its output open. */
const LAST_WORDS_MS = 250;

export type Ran =
  /** `code` is undefined where a signal ended it that was not ours. */
  | { readonly kind: 'ended'; readonly code?: number; readonly out: string; readonly err: string; readonly cut: boolean }
  | { readonly kind: 'not-started'; readonly says: string }
  | { readonly kind: 'late' | 'aborted' | 'flood' };

export interface Running {
  readonly ran: Promise<Ran>;
  /** Ends it now; `ran` settles as aborted. Harmless afterwards. */
  abort(): void;
}

interface Kept {
  readonly chunks: Buffer[];
  bytes: number;
}

export function runAgent(path: string, input: string, within: Deadline, tools: Pick<DriverTools, 'after' | 'bytes'>): Running {
  if (within.signal?.aborted === true) return { ran: Promise.resolve({ kind: 'aborted' }), abort: () => undefined };
  if (within.ms <= 0) return { ran: Promise.resolve({ kind: 'late' }), abort: () => undefined };
  const mark = Buffer.from(tools.bytes(16)).toString('hex');
  const started = start(path, mark);
  if (!('child' in started)) return { ran: Promise.resolve(started), abort: () => undefined };
  const { child } = started;
  const kept = { out: keep(), err: keep() };
  let abort = (): void => undefined;
  const ran = new Promise<Ran>((resolve) => {
    const undo: (() => void)[] = [];
    let settled = false;
    const settle = (result: Ran): void => {
      if (settled) return;
      settled = true;
      for (const step of undo) step();
      endGroup(child, mark, result.kind === 'ended' ? 1 : 2);
      resolve(result);
    };
    abort = () => settle({ kind: 'aborted' });
    undo.push(tools.after(within.ms, () => settle({ kind: 'late' })));
    within.signal?.addEventListener('abort', abort, { once: true });
    undo.push(() => within.signal?.removeEventListener('abort', abort));
    child.once('error', (error: NodeJS.ErrnoException) => settle({ kind: 'not-started', says: error.code ?? error.message }));
    child.stdout?.on('data', (chunk: Buffer) => listen(kept.out, chunk, () => settle({ kind: 'flood' })));
    child.stderr?.on('data', (chunk: Buffer) => listen(kept.err, chunk, () => settle({ kind: 'flood' })));
    child.once('exit', (code) => {
      if (settled) return;
      const ended = (): void => settle(endedWith(code, kept));
      // Whatever it left running must neither go on switching nor keep us waiting for the end of its output.
      endMembers(child);
      child.once('close', ended);
      undo.push(tools.after(LAST_WORDS_MS, ended));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
  return { ran, abort: () => abort() };
}

function start(path: string, mark: string): { readonly child: ChildProcess } | Extract<Ran, { kind: 'not-started' }> {
  try {
    const env = { PATH: FOLDERS.join(':'), LC_ALL: 'C', HOME: homedir(), [MARK]: mark };
    return { child: spawn(path, [], { detached: true, cwd: '/', env, stdio: ['pipe', 'pipe', 'pipe'] }) };
  } catch (error) {
    return { kind: 'not-started', says: error instanceof Error ? error.message : String(error) };
  }
}

const keep = (): Kept => ({ chunks: [], bytes: 0 });

function listen(kept: Kept, chunk: Buffer, flood: () => void): void {
  const room = MOST_OUTPUT - kept.bytes;
  if (room > 0) kept.chunks.push(chunk.subarray(0, room));
  kept.bytes += chunk.length;
  if (kept.bytes > FLOOD) flood();
}

function endedWith(code: number | null, { out, err }: { readonly out: Kept; readonly err: Kept }): Ran {
  const cut = out.bytes > MOST_OUTPUT || err.bytes > MOST_OUTPUT;
  return { kind: 'ended', ...(code === null ? {} : { code }), out: textOf(out), err: textOf(err), cut };
}

/** A line that was cut in the middle could end in half a secret, which nobody would recognise: it is left out. */
function textOf({ chunks, bytes }: Kept): string {
  const text = Buffer.concat(chunks).toString('utf8');
  return bytes > MOST_OUTPUT ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
}

function endGroup(child: ChildProcess, mark: string, looks: number): void {
  endMembers(child);
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  // Processes that left the group (an agent's ssh on a terminal of its own) carry the mark in their environment.
  if (child.pid !== undefined) void endMarked(mark, looks);
}

/** SIGKILL to the whole group, as Pacemaker does it; the group's id stays taken as long as it has a member. */
function endMembers(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No member is left.
  }
}
