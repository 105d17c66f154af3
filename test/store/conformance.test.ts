import { MemoryDisk } from '../../src/store/index.ts';
import { storeConformance } from './conformance.ts';
import { FaultyDoor } from './faulty-door.ts';
import { newFolder, opened } from './folder.ts';

storeConformance(
  'memory',
  () => {
    const disk = new MemoryDisk();
    return Promise.resolve({
      open: () => Promise.resolve(disk.open()),
      fail: () => {
        disk.failure = { code: 'journal-unwritable', says: 'no', next: 'none' };
      },
      mend: () => {
        disk.failure = undefined;
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
    };
  },
  60,
);
