import { MemoryDisk } from '../../src/store/index.ts';
import type { Problem } from '../../src/vocabulary/index.ts';
import { storeConformance } from './conformance.ts';
import { FaultyDoor } from './faulty-door.ts';
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
    const door = new FaultyDoor();
    return {
      open: () => opened(folder, { door, maxEntriesPerSegment: 5 }),
      fail: () => {
        door.failing = { only: ['write'], code: 'ENOSPC', lets: 10 };
      },
      mend: () => {
        door.failing = undefined;
      },
      failAltogether: () => {
        door.failing = { only: ['write', 'overwrite'], code: 'EIO', lets: 0 };
      },
    };
  },
  60,
);
