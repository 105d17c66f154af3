import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { play } from './runner.ts';

const FOLDER = join(import.meta.dirname, 'stories');
const REWRITE = process.env.BAILIFF_REWRITE === '1';

describe('scenarios', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  test('there are stories to play', () => expect(files.length).toBeGreaterThan(10));
  test.each(files)('%s', (name) => {
    const path = join(FOLDER, name);
    const told = readFileSync(path, 'utf8');
    const played = play(told);
    if (REWRITE) writeFileSync(path, played);
    else expect(played).toBe(told);
  });
});
