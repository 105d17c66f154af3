export {
  type JournalOptions,
  type JournalView,
  openJournal,
  readJournal,
  type Verification,
  verifyJournal,
} from './journal.ts';
export { MemoryDisk } from './memory.ts';
