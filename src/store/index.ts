export { MemoryDisk } from './memory.ts';
export { type JournalOptions, openJournal } from './open.ts';
export { type Holding, holdingOf } from './owner-name.ts';
export { type Restored, restoreJournal, type Said, type Seen } from './restore.ts';
export type { Past } from './scan.ts';
export type { Verification } from './verify.ts';
export { type JournalView, readJournal, verifyJournal } from './view.ts';
