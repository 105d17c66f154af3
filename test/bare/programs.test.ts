/**
 * Every program that is started, by the file that starts it. A machine may have Node and nothing else, so that each one has a second way,
 * or an error that names the package to install.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunningDeadline } from '../../drivers/kit/deadline.ts';
import { deadlineTexts } from '../../drivers/ssh/problems.ts';
import { scanWith } from '../../drivers/ssh/keyscan.ts';
import { findProgram } from '../../drivers/fence-agent/program.ts';
import { runChild } from '../../src/probes/child.ts';
import { pingProbe } from '../../src/probes/ping.ts';
import { takeOwnership } from '../../src/store/owner.ts';
import { toolsOn } from '../doubles/tools.ts';
import { realClock } from '../probes/ports.ts';
import { projectFiles, root } from '../tidy/project.ts';
import { readSource } from '../tidy/source.ts';

const tools = toolsOn(realClock);

/** Node itself is there: what starts it needs no row of its own. */
const STARTED: Readonly<Record<string, string>> = {
  'drivers/fence-agent/transport.ts': 'the fence agent that the configuration names: fence-agent-not-runnable names the package',
  'drivers/ssh/keyscan.ts': 'ssh-keyscan: pinned keys need none; else the reason names the package',
  'scripts/bundle.mjs': 'Node',
  'scripts/demo/stage.ts': 'Node',
  'scripts/fresh.mjs': 'npm, which comes with Node; Node, and what npm has installed',
  'scripts/bare.mjs': 'Node, and what stands in its own list',
  'scripts/warm-rack.mjs': 'Node',
  'src/cli/hard-end.ts': 'Node, to try native code; without it the process ends with its last thread',
  'src/probes/child.ts': 'ping: weak ways are left, and they name the package; Node, to try native code',
  'src/store/owner.ts': 'flock: state-owner-unknown names the package',
};

describe('programs that are started', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bailiff-programs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are known, file by file', () => {
    const files = projectFiles().filter((path) => /^(?:src|drivers|hardware-mocks|scripts)\/.*\.(?:ts|mjs|cjs)$/.test(path));
    const starting = files.filter((path) =>
      readSource(path, readFileSync(join(root, path), 'utf8')).imports.some(
        ({ from }) => from === 'node:child_process' || from === 'child_process',
      ),
    );
    expect(starting).toEqual(Object.keys(STARTED).sort());
  });

  it('ping: what could not be asked says what to install', async () => {
    vi.stubEnv('PATH', folder);
    const asked = pingProbe('192.0.2.77', { clock: realClock, run: runChild })({ ms: 20_000, signal: new AbortController().signal });
    expect(await asked).toEqual({
      answer: 'unable',
      via: 'ping',
      says: 'ping could not be run: it is not installed (install the Debian package iputils-ping)',
    });
  });

  it('flock: the state folder is not taken, and the package is named', async () => {
    vi.stubEnv('PATH', folder);
    const taken = await takeOwnership(join(folder, 'state'), Date.now());
    expect(taken).toMatchObject({ code: 'state-owner-unknown', next: expect.stringContaining('util-linux') });
  });

  it('ssh-keyscan: no certificate vouches for the key, and the package is named', async () => {
    const deadline = new RunningDeadline(tools, { device: 'pdu-a', address: '127.0.0.1:22' }, { ms: 20_000 }, deadlineTexts);
    const { why } = await scanWith(join(folder, 'ssh-keyscan'))({ host: '127.0.0.1', port: 22 }, deadline);
    deadline.end();
    expect(why).toContain('openssh-client');
  });

  it('a fence agent: the device is not fit, and the package is named', async () => {
    expect(await findProgram({ device: 'pdu-a', agent: 'fence_no_such_agent' }, 'fence_no_such_agent')).toMatchObject({
      code: 'fence-agent-not-runnable',
      next: expect.stringContaining('fence-agents'),
    });
  });
});
