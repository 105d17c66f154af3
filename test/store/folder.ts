/** Temporary state folders, and short cuts that fail loudly. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Entry, Json, Loaded, Store } from '../../src/coordinator/ports.ts';
import { type JournalOptions, openJournal } from '../../src/store/index.ts';
import type { Problem } from '../../src/vocabulary/index.ts';

const made: string[] = [];

export const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-store-'));
  made.push(folder);
  return folder;
};

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

export const opened = async (stateDir: string, options: JournalOptions = {}): Promise<Store> => {
  const store = await openJournal(stateDir, options);
  if ('code' in store) throw new Error(`${store.code}: ${store.says}`);
  return store;
};

export const refused = async (stateDir: string, options: JournalOptions = {}): Promise<Problem> => {
  const store = await openJournal(stateDir, options);
  if ('code' in store) return store;
  await store.close();
  throw new Error('the journal opened, and it should not have');
};

export const eventsOf = (entries: readonly Entry[]): readonly Json[] => entries.map((entry) => entry.event);

export const all = async (entries: AsyncIterable<Entry>): Promise<readonly Entry[]> => {
  const list: Entry[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
};

export const loadAndClose = async (stateDir: string, options: JournalOptions = {}): Promise<Loaded> => {
  const store = await opened(stateDir, options);
  const loaded = await store.load();
  await store.close();
  return loaded;
};
