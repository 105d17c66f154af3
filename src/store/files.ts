/**
 * What the journal asks of a file system, and nothing more: tests put one in between that fails, stops or loses at any chosen call.
 */
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One open segment. Every write is durable when it resolves (O_DSYNC) and goes to the end of the file (O_APPEND). */
export interface SegmentFile {
  /** Writes from `from` on and returns how many bytes went in, possibly fewer than asked; rejects with the system's error. */
  write(bytes: Uint8Array, from: number): Promise<number>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file of a fixed size whose bytes are replaced in place: it needs no room that it does not have already. */
export interface KeptFile {
  /** Durable when it resolves (O_DSYNC); rejects with the system's error, and then any part of it may be there. */
  overwrite(bytes: Uint8Array, at: number): Promise<void>;
  close(): Promise<void>;
}

export interface JournalFiles {
  /** Creates the folder (mode 0700) and its parents where they are missing; an existing folder gets mode 0700. */
  makeFolder(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Names in a folder, in no order. Rejects with ENOENT where there is none. */
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<Buffer>;
  /** Opens for durable appending. `create`: the file must not exist yet; it gets mode 0600. */
  open(path: string, how: 'create' | 'append'): Promise<SegmentFile>;
  /** Opens a file for overwriting; where it is missing it is made of `size` blanks, durably and not as a hole (mode 0600). */
  keep(path: string, size: number): Promise<KeptFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

const { O_APPEND, O_CREAT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const DURABLE_IN_PLACE = O_WRONLY | O_DSYNC | O_NOFOLLOW;
const DURABLE_APPEND = O_WRONLY | O_APPEND | O_DSYNC | O_NOFOLLOW;

const openSegment = async (path: string, how: 'create' | 'append'): Promise<SegmentFile> => {
  const file = await open(path, how === 'create' ? DURABLE_APPEND | O_CREAT | O_EXCL : DURABLE_APPEND, 0o600);
  return {
    write: async (bytes, from) => (await file.write(bytes, from, bytes.length - from)).bytesWritten,
    truncate: (length) => file.truncate(length),
    sync: () => file.sync(),
    close: () => file.close(),
  };
};

const BLANK = ' ';

/** `size` blanks that end in a newline: so the file is text at every moment. */
export const blanks = (size: number): Buffer => Buffer.from(`${BLANK.repeat(size - 1)}\n`, 'latin1');

const overwriteAll = async (file: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let from = 0; from < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, from, bytes.length - from, at + from);
    if (bytesWritten === 0) throw new Error('nothing was written');
    from += bytesWritten;
  }
};

const openInPlace = async (path: string, size: number): Promise<FileHandle> => {
  try {
    return await open(path, DURABLE_IN_PLACE);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const file = await open(path, DURABLE_IN_PLACE | O_CREAT | O_EXCL, 0o600);
  try {
    await overwriteAll(file, blanks(size), 0);
    await syncFolder(dirname(path));
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    // Half a file would not be made whole by the next start.
    await unlink(path).catch(() => undefined);
    throw error;
  }
};

const keep = async (path: string, size: number): Promise<KeptFile> => {
  const file = await openInPlace(path, size);
  return { overwrite: (bytes, at) => overwriteAll(file, bytes, at), close: () => file.close() };
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Creates a folder and its parents where they are missing (mode 0700), so that they outlive a power failure. */
export const createFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(first);
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    await syncFolder(parent);
    if (parent === top || parent === dirname(parent)) return;
  }
};

export const diskFiles: JournalFiles = {
  makeFolder: async (path) => {
    await createFolder(path);
    await chmod(path, 0o700);
  },
  syncFolder,
  list: (path) => readdir(path),
  read: (path) => readFile(path),
  open: openSegment,
  keep,
  rename: (from, to) => rename(from, to),
  remove: (path) => unlink(path),
};

/** The system's word for what went wrong (`ENOSPC`), or the message of an error that has none. */
export const errorCode = (error: unknown): string => {
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    return typeof code === 'string' ? code : error.message;
  }
  return String(error);
};
