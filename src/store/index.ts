export { MemoryDisk } from './memory.ts';
export { type JournalOptions, openJournal } from './open.ts';
export { type JournalView, readJournal, type Verification, verifyJournal } from './view.ts';
