/** A terminal that was stopped (Ctrl-S) takes nothing: the fence goes on, the command keeps its time, and a loop is still told from a write. */
import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BAILIFF, TestRack, TWO_NODES } from '../e2e/rack.ts';
import { FENCE, stranger } from '../e2e/stranger.ts';
import { describeWithStrangers } from './strangers.ts';

/** Starts a command on a terminal of its own, stops that terminal, and says how the command ended; it lets go after so many seconds. */
const STOPPED = `
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
os.write(terminal, b"\\x13")
for _ in range(int(sys.argv[1]) * 20):
    time.sleep(0.05)
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        print("exit", os.WEXITSTATUS(status) if os.WIFEXITED(status) else "by signal %d" % os.WTERMSIG(status))
        break
else:
    print("still there")
    os.kill(pid, 9)
`;

describeWithStrangers(['python3'], 'on a stopped terminal', (path) => {
  let rack: TestRack;
  beforeAll(async () => {
    rack = await TestRack.up(TWO_NODES);
  });
  afterAll(async () => await rack.down());

  /** The lab lives in this process, so that it must not wait for the child with its hands tied. */
  async function stopped(...words: readonly string[]): Promise<string> {
    return await new Promise((resolve) => {
      execFile(path('python3'), ['-c', STOPPED, '15', process.execPath, BAILIFF, ...words], { cwd: rack.folder }, (_error, out, err) =>
        resolve(`${out}${err}`.trim()),
      );
    });
  }

  it('a node is fenced, and the command ends in its time with the code of its answer', async () => {
    await stranger(rack, {});
    expect(await stopped(...FENCE, '--timeout', '6s')).toBe('exit 0');
    expect(rack.lab.lamp('db1')).toBe(false);
  });

  it('a driver in an endless loop is ended', async () => {
    rack.lab.power('db1', 'on');
    await stranger(rack, { order: 'for (;;) continue' });
    expect(await stopped(...FENCE, '--timeout', '6s')).toBe('exit 70');
  });
});
