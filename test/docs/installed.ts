/** bailiff as npm would install it, compiled from the sources as they are: for pages whose programs are run against the package. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from '../tidy/project.ts';

const LIMIT_MS = 60_000;

export interface Told {
  readonly code: number | null;
  readonly text: string;
}

export function run(command: string, args: readonly string[], cwd: string): Told {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: LIMIT_MS });
  return { code: done.status, text: `${done.stdout}${done.stderr}` };
}

export const node = (args: readonly string[], cwd: string): Told => run(process.execPath, args, cwd);

/** `folder` must be new. `options`: the compiler's, beside those of the project. */
export function compile(folder: string, name: string, options: object, files: readonly string[]): Told {
  const compilerOptions = { typeRoots: [join(root, 'node_modules/@types')], types: ['node'], sourceMap: false, ...options };
  writeFileSync(join(folder, name), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }));
  return run(join(root, 'node_modules/.bin/tsc'), ['-p', name], folder);
}

/** The whole package with its dependencies. */
export function installBailiff(folder: string): void {
  const home = join(folder, 'node_modules/bailiff');
  mkdirSync(home, { recursive: true });
  cpSync(join(root, 'package.json'), join(home, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  const entries = ['src/index.ts', 'drivers/kit/index.ts', 'drivers/conformance/index.ts', 'hardware-mocks/index.ts'];
  const built = compile(
    folder,
    'tsconfig.bailiff.json',
    { rootDir: root, outDir: join(home, 'dist') },
    entries.map((entry) => join(root, entry)),
  );
  if (built.code !== 0) throw new Error(`bailiff does not compile: ${built.text}`);
}
