/**
 * A process of its own that uses a journal; bundled and started by process-runner.ts. Arguments: what to do, the state folder, a count.
 * Tells what it did as JSON lines on its output.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { openJournal } from '../../src/store/index.ts';

const [what, stateDir = '', count = '0'] = process.argv.slice(2);

const tell = (value: unknown): void => {
  // Synchronous, so that what is told has left this process before it can be ended.
  writeSync(1, `${JSON.stringify(value)}\n`);
};

const untilToldToGo = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdin.once('data', () => resolve());
    process.stdin.once('end', () => resolve());
  });

const take = async () => {
  const store = await openJournal(stateDir, { maxEntriesPerSegment: 50, keepSegments: 4 });
  if (!('code' in store)) return store;
  tell({ problem: store });
  process.exit(3);
};

/** Appends until something stops it or it is told to go, telling each number once it is durable. */
const appendForEver = async (): Promise<void> => {
  const store = await take();
  const { snapshot, entries } = await store.load();
  let last = ((snapshot as number | undefined) ?? 0) + entries.length;
  tell({ owns: process.pid, last });
  let enough = false;
  void untilToldToGo().then(() => (enough = true));
  for (let i = 1; i <= Number(count) && !enough; i += 1) {
    const appended = await store.append(i, last + 1);
    const problem = typeof appended !== 'number' ? appended : i % 20 === 0 ? await store.snapshot(i, last + 1) : undefined;
    if (problem !== undefined) {
      tell({ problem });
      break;
    }
    last += 1;
    tell({ last });
  }
  await store.close();
};

/** Fills what there is room for with entries of 1 kB, then shows that small reads still work and the store still answers. */
const fill = async (): Promise<void> => {
  const store = await take();
  let written = 0;
  for (; written < Number(count); written += 1) {
    const problem = await store.append(written, 'x'.repeat(1_000));
    if (typeof problem === 'number') continue;
    tell({ problem, written });
    break;
  }
  tell({ second: await store.append(0, 'y'.repeat(5_000)), snapshot: (await store.snapshot(0, 'z'.repeat(5_000))) ?? null });
  tell({ kept: (await store.reserve?.(7, 'last words')) ?? null });
  await store.close();
  const again = await take();
  const { warnings, reserved } = await again.load();
  tell({ reserved });
  let read = 0;
  for await (const entry of again.history()) read += entry.event === 'x'.repeat(1_000) ? 1 : 0;
  tell({ read, warnings });
  await again.close();
};

/** Waits for the start signal, then tries to get the folder; keeps it until told to end. */
const race = async (): Promise<void> => {
  tell({ ready: process.pid });
  await untilToldToGo();
  const store = await openJournal(stateDir);
  if ('code' in store) {
    tell({ problem: store });
    return;
  }
  tell({ owns: process.pid });
  await untilToldToGo();
  await store.close();
};

/** Owns the folder and has a child that lives on after it. */
const parent = async (): Promise<void> => {
  await take();
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  tell({ owns: process.pid, child: child.pid });
  await untilToldToGo();
};

const deeds: Readonly<Record<string, () => Promise<void>>> = { appendForEver, fill, race, parent };

await deeds[what ?? '']?.();
process.stdin.destroy();
