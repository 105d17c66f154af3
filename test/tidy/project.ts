/** The project's own files, as the rules of this folder see them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSource, type Source } from './source.ts';

/** Root of the project, absolute. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Folders that are made, not written. */
const made = /^(?:node_modules|dist|dist\.[^/]+|coverage|\.git)(?:\/|$)/;
const code = /\.(?:ts|mts|cts)$/;

/** Without git (a release's archive): all that is there and is not made. */
function walkFolder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (made.test(relative(root, path).split(sep).join('/'))) return [];
    return entry.isDirectory() ? walkFolder(path) : [relative(root, path).split(sep).join('/')];
  });
}

/** Every file that is, or would be, committed: paths from the root with forward slashes. */
export function projectFiles(): string[] {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = listed.status === 0 ? listed.stdout.split('\0').filter((path) => path !== '') : walkFolder(root);
  return files.filter((path) => !made.test(path) && existsSync(join(root, path))).sort();
}

/** Every TypeScript file of the project, parsed. */
export function projectSources(): Source[] {
  return projectFiles()
    .filter((path) => code.test(path))
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
}
