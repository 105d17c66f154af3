import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Golden } from '../../drivers/conformance/index.ts';

/** A transcript under test/conformance/golden/. `BAILIFF_REWRITE=1` writes it anew; the diff is what is reviewed. */
export function goldenFile(name: string): Golden {
  const file = join(import.meta.dirname, 'golden', `${name}.txt`);
  return {
    load: () =>
      readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    ...(process.env['BAILIFF_REWRITE'] === '1' ? { save: (transcript: string) => writeFile(file, transcript) } : {}),
  };
}
