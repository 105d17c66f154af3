/** Does the project look like itself? Each rule over all of the project's files; checker.test.ts shows that each rule can fail. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkArrows, checkOneFileEach } from './arrows.ts';
import { checkEnd } from './end.ts';
import { checkLeftovers } from './leftovers.ts';
import { projectFiles, projectSources, root } from './project.ts';
import { checkProse } from './prose.ts';
import { checkPurity } from './purity.ts';
import { checkProblems, checkRooms, driverFolders } from './rooms.ts';
import { checkPath, checkSizes } from './shape.ts';
import { printViolation, type Violation } from './source.ts';
import { checkWords } from './words.ts';

const files = projectFiles();
const sources = projectSources();

/** These two must say the words that they forbid. */
const exempt = new Set(['test/tidy/prose.ts', 'test/tidy/checker.test.ts']);

function expectNone(violations: readonly Violation[]): void {
  expect(violations.map(printViolation)).toEqual([]);
}

describe('the project', () => {
  it('is seen by the rules: the vocabulary and this file are among what they read', () => {
    const paths = sources.map(({ path }) => path);
    expect(paths).toContain('src/vocabulary/index.ts');
    expect(paths).toContain('test/tidy/tidy.test.ts');
    expect(files).toContain('package.json');
  });

  it('imports along the arrows', () => expectNone(sources.flatMap(checkArrows)));

  it('knows each npm library in one place', () => expectNone(checkOneFileEach(sources)));

  it('keeps the core pure', () => {
    const core = sources.filter(({ path }) => path.startsWith('src/core/'));
    expect(core.length).toBeGreaterThan(0);
    expectNone(core.flatMap(checkPurity));
  });

  it('gives every driver the same rooms', () => {
    expect(driverFolders(files)).toContain('manual');
    expectNone([...checkRooms(files, (path) => readFileSync(join(root, path), 'utf8')), ...sources.flatMap(checkProblems)]);
  });

  it('ends the process, and sets exit codes, in one place', () => expectNone(sources.flatMap(checkEnd)));

  it('keeps files and functions short', () => expectNone(sources.flatMap(checkSizes)));

  it('names no file or folder for nothing in particular', () => expectNone(files.flatMap(checkPath)));

  it('says the words of the glossary', () => expectNone(sources.flatMap(checkWords)));

  it('leaves no note, no silenced checker and no test switched off', () => expectNone(sources.flatMap(checkLeftovers)));

  it('speaks of itself alone', () => {
    const spoken = files.filter((path) => !exempt.has(path));
    expectNone(
      spoken.flatMap((path) => {
        const bytes = readFileSync(join(root, path));
        return bytes.includes(0) ? [] : checkProse(path, bytes.toString('utf8'));
      }),
    );
  });
});
