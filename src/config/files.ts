import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

type FileText =
  | { readonly text: string; readonly mode: number }
  | { readonly failure: 'missing' | 'forbidden' | 'not-a-file' | 'too-large' | 'not-text' | 'unreadable'; readonly says: string };

/**
 * Reads a small text file, never more than `maxBytes`. Opened without blocking, so that a named pipe cannot hang the start; checked and
 * read through one descriptor, so that the file that was checked is the one that was read. Never throws.
 */
export function readTextFile(path: string, maxBytes: number): FileText {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unopened(error);
  }
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) return { failure: 'not-a-file', says: 'is not a regular file' };
    const bytes = Buffer.alloc(Math.min(facts.size, maxBytes) + 1);
    let length = 0;
    while (length < bytes.length) {
      const got = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (got === 0) break;
      length += got;
    }
    if (facts.size > maxBytes || length > maxBytes) return { failure: 'too-large', says: `is larger than ${maxBytes} bytes` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length)), mode: facts.mode };
  } catch (error) {
    if (error instanceof TypeError) return { failure: 'not-text', says: 'is not UTF-8 text' };
    return { failure: 'unreadable', says: `cannot be read (${errorCode(error)})` };
  } finally {
    closeSync(descriptor);
  }
}

function unopened(error: unknown): FileText {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { failure: 'missing', says: 'does not exist' };
  if (code === 'EACCES' || code === 'EPERM') return { failure: 'forbidden', says: 'may not be read by this user' };
  return { failure: 'unreadable', says: `cannot be opened (${code})` };
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
