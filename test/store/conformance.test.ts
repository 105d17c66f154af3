import { MemoryDisk } from '../../src/store/index.ts';
import type { Problem } from '../../src/vocabulary/index.ts';
import { storeConformance } from './conformance.ts';
import { FaultyFiles } from './faulty-files.ts';
import { newFolder, opened } from './folder.ts';

const full: Problem = { code: 'journal-unwritable', says: 'no', next: 'none' };

storeConformance(
  'memory',
  () => {
    const disk = new MemoryDisk();
    return Promise.resolve({
      open: () => Promise.resolve(disk.open()),
      fail: () => {
        disk.failure = full;
      },
      mend: () => {
        disk.failure = undefined;
        disk.reserveFailure = undefined;
      },
      failAltogether: () => {
        disk.failure = full;
        disk.reserveFailure = full;
      },
    });
  },
  500,
);

storeConformance(
  'disk',
  async () => {
    const folder = await newFolder();
    const files = new FaultyFiles();
    return {
      open: () => opened(folder, { files, maxEntriesPerSegment: 5 }),
      fail: () => {
        files.failing = { only: ['write'], code: 'ENOSPC', lets: 10 };
      },
      mend: () => {
        files.failing = undefined;
      },
      failAltogether: () => {
        files.failing = { only: ['write', 'overwrite'], code: 'EIO', lets: 0 };
      },
    };
  },
  60,
);
