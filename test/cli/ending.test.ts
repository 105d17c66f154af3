/** How the process ends. Here with a life of the test's own; with drivers that misbehave in test/e2e/strangers.test.ts. */
import { describe, expect, test } from 'vitest';
import { Ending, type Life, NO_OUTCOME } from '../../src/cli/ending.ts';
import { realIo, type Sink } from '../../src/cli/io.ts';
import { BrokenPromise } from '../../src/vocabulary/index.ts';

class Reader implements Sink {
  text = '';
  #waiting: (() => void)[] = [];
  readonly #takes: boolean;
  constructor(takes = true) {
    this.#takes = takes;
  }
  get writableLength(): number {
    return this.#takes ? 0 : this.text.length;
  }
  #failed: ((error: { code: string }) => void) | undefined;
  on(_event: 'error', listener: (error: { code: string }) => void): void {
    this.#failed = listener;
  }
  fails(code: string): void {
    this.#failed?.({ code });
  }
  write(more: string, taken?: () => void): void {
    this.text += more;
    if (taken !== undefined) this.#waiting.push(taken);
    if (this.#takes) this.take();
  }
  take(): void {
    for (const taken of this.#waiting.splice(0)) taken();
  }
}

/** A process whose time passes at once, and which only writes down how it ended. */
class TestLife implements Life {
  exitCode: number | string | null | undefined;
  readonly ended: string[] = [];
  occupied: string[] = [];
  waits: number[] = [];
  readonly #listeners = new Map<string, (error: unknown) => void>();
  on(event: string, listener: (error: unknown) => void): void {
    this.#listeners.set(event, listener);
  }
  happens(event: 'exit' | 'uncaughtException' | 'unhandledRejection', error?: unknown): void {
    this.#listeners.get(event)?.(error);
  }
  /** A listener of somebody else. */
  onExit: () => void = () => undefined;
  exit(): void {
    this.onExit();
    this.happens('exit');
    this.ended.push('exit');
  }
  lastStep(code: number): void {
    this.ended.push(`last step with ${code}`);
  }
  hard = false;
  endHard(code: number): Promise<void> {
    if (this.hard) {
      this.ended.push(`hard with ${code}`);
      this.occupied = [];
    }
    return Promise.resolve();
  }
  #endless: (endsForSure: boolean) => void = () => undefined;
  onEndless(run: (endsForSure: boolean) => void): void {
    this.#endless = run;
  }
  loops(endsForSure = true): void {
    this.#endless(endsForSure);
  }
  endInLoop(code: number): void {
    this.ended.push(`in the loop with ${code}`);
  }
  endAtOnce(): void {
    this.ended.push('at once');
  }
  forbidExit(): void {}
  underWay(): readonly string[] {
    return this.occupied;
  }
  after(ms: number, run: () => void): void {
    this.waits.push(ms);
    setImmediate(run);
  }
}

interface Stage {
  readonly io: ReturnType<typeof realIo>;
  readonly life: TestLife;
  readonly ending: Ending;
  readonly stdout: Reader;
  readonly stderr: Reader;
}

function stage(json = false, stdout = new Reader()): Stage {
  const stderr = new Reader();
  const io = realIo({ stdout, stderr, env: {} });
  const life = new TestLife();
  const ending = new Ending(io, json, life);
  ending.watch();
  return { io, life, ending, stdout, stderr };
}

describe('the exit code', () => {
  test('is what the command said also where a listener of somebody else throws on the way out', async () => {
    const { io, life, ending, stderr } = stage();
    life.onExit = () => {
      throw new Error('boom');
    };
    io.out('db1 is OFF');
    io.ends(0);
    await ending.end();
    expect(life.ended).toEqual(['last step with 0']);
    expect(stderr.text).toContain('boom');
  });

  test('is a failure from the first moment on', () => {
    expect(stage().life.exitCode).toBe(NO_OUTCOME);
  });

  test('is what the command said, once something was printed', async () => {
    const { io, life, ending } = stage();
    io.out('db1 is OFF');
    io.ends(0);
    await ending.end();
    expect([life.exitCode, life.ended]).toEqual([0, ['exit']]);
  });

  test.each([
    ['ENOSPC', 0, NO_OUTCOME],
    ['ENOSPC', 5, 5],
    ['EPIPE', 0, 0],
  ])('where standard output fails with %s, and the command said %i, is %i', async (why, said, code) => {
    const { io, life, ending, stdout, stderr } = stage();
    io.out('db1 is OFF');
    io.ends(said);
    stdout.fails(why);
    await ending.end();
    expect(life.exitCode).toBe(code);
    expect(stderr.text.includes('output-not-written')).toBe(code !== said);
  });

  test('is a failure, with a sentence, for a command that came back without an outcome', async () => {
    const { io, life, ending, stderr } = stage();
    io.out('something');
    await ending.end();
    expect(life.exitCode).toBe(NO_OUTCOME);
    expect(stderr.text).toMatch(/^no-outcome: .*\n {2}next: .*bailiff resume/);
  });

  test('is a failure where 0 was said and nothing printed', async () => {
    const { io, life, ending, stderr } = stage();
    io.ends(0);
    await ending.end();
    expect(life.exitCode).toBe(NO_OUTCOME);
    expect(stderr.text).toContain('no-outcome');
  });

  test('is a failure where something else ends the process with 0', () => {
    const { life, stderr } = stage();
    life.exitCode = 0;
    life.happens('exit');
    expect(life.exitCode).toBe(NO_OUTCOME);
    expect(stderr.text).toContain('no-outcome');
  });

  test('stays the outcome that was said where something else ends the process afterwards', () => {
    const { io, life } = stage();
    io.out('db1 is NOT off');
    io.ends(1);
    life.exitCode = 0;
    life.happens('exit');
    expect(life.exitCode).toBe(1);
  });

  test('a program that asked for JSON has one document, whatever happens', () => {
    const early = stage(true);
    early.life.happens('exit');
    expect(JSON.parse(early.stdout.text)).toMatchObject({ code: 'no-outcome' });
    const late = stage(true);
    late.io.json({ half: true });
    late.life.happens('exit');
    expect(JSON.parse(late.stdout.text)).toEqual({ half: true });
    expect(late.stderr.text).toContain('no-outcome');
  });
});

describe('an answer is followed by the end', () => {
  test('not before the reader has taken it', async () => {
    const { io, life, ending, stdout } = stage(false, new Reader(false));
    io.out('an answer');
    io.ends(0);
    const over = ending.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(life.ended).toEqual([]);
    stdout.take();
    await over;
    expect(life.ended).toEqual(['exit']);
  });

  test('a reader that takes nothing holds up nobody who hurries', async () => {
    const { io, life, ending } = stage(false, new Reader(false));
    io.patience = 10_000;
    io.out('an answer');
    io.ends(0);
    await ending.end();
    expect(life.ended).toEqual(['exit']);
  });

  test('a thread that does not come back is not waited for without end', async () => {
    const { io, life, ending } = stage();
    io.out('db1 was not shot');
    io.ends(4);
    life.occupied = ['FSReqPromise', 'Timeout'];
    await ending.end();
    expect(life.ended).toEqual(['at once']);
  });

  test('past such a thread, with the code of the outcome, where there is a way', async () => {
    const { io, life, ending } = stage();
    io.out('db1 was not shot');
    io.ends(4);
    life.occupied = ['FSReqPromise'];
    life.hard = true;
    await ending.end();
    expect(life.ended[0]).toBe('hard with 4');
  });

  test('a timer or a socket that is left over is no thread', async () => {
    const { io, life, ending } = stage();
    io.out('db1 is OFF');
    io.ends(0);
    life.occupied = ['Timeout', 'TCPSocketWrap', 'UDPWrap', 'PipeWrap'];
    await ending.end();
    expect(life.ended).toEqual(['exit']);
  });
});

describe('found in an endless loop', () => {
  test('before an answer: a problem, as JSON where a program asked, and a failure', () => {
    const { life, stdout } = stage(true);
    life.loops();
    expect(JSON.parse(stdout.text)).toMatchObject({ code: 'driver-endless' });
    expect(life.ended).toEqual([`in the loop with ${NO_OUTCOME}`]);
  });

  test('after the answer: the answer stands', () => {
    const { io, life, stdout, stderr } = stage(true);
    io.json({ outcome: 'unconfirmed' });
    io.ends(5);
    life.loops();
    expect(JSON.parse(stdout.text)).toEqual({ outcome: 'unconfirmed' });
    expect(stderr.text).toContain('The answer stands.');
    expect(life.ended).toEqual(['in the loop with 5']);
  });

  test('with a thread that is not back, and nobody to end it: that is left to SIGKILL', () => {
    const { life } = stage();
    life.occupied = ['FSReqPromise'];
    life.loops(false);
    expect(life.ended).toEqual([]);
  });
});

test('progress that nobody takes is dropped beyond a bound, results are not', () => {
  const [stdout, stderr] = [new Reader(false), new Reader(false)];
  const io = realIo({ stdout, stderr, env: {} });
  const line = 'x'.repeat(1000);
  for (let i = 0; i < 2000; i += 1) {
    io.err(line);
    io.out(line);
  }
  expect(stderr.text.length).toBeLessThan(300_000);
  expect(stdout.text.length).toBeGreaterThan(2_000_000);
});

test.each([
  ['opened by us', 20, [false]],
  ['shared with whoever started us', 2, []],
])('a terminal %s: whether writes to it wait', (_what, fd, told) => {
  const waits: boolean[] = [];
  const stderr = Object.assign(new Reader(), { isTTY: true, _handle: { fd, setBlocking: (on: boolean) => waits.push(on) } });
  realIo({ stdout: new Reader(), stderr, env: {} });
  expect(waits).toEqual(told);
});

describe('what nobody caught', () => {
  test('is told once each, within bounds, and ends nothing', () => {
    const { life, stderr } = stage();
    for (let i = 0; i < 3; i += 1) life.happens('uncaughtException', new Error('boom\u001b[2J'));
    life.happens('unhandledRejection', 'no error at all');
    expect(stderr.text.match(/^stray-error/gm)).toHaveLength(2);
    expect(stderr.text).toContain('Error: boom\\e[2J');
    for (let i = 0; i < 100; i += 1) life.happens('uncaughtException', new Error(`boom ${i}`));
    expect(stderr.text.match(/^stray-error/gm)).toHaveLength(10);
    expect(life.ended).toEqual([]);
  });

  test('a broken promise ends the process at once', async () => {
    const { life, stderr } = stage();
    life.happens('uncaughtException', new BrokenPromise('S4', 'two requests at once'));
    await expect.poll(() => life.ended).toEqual(['exit']);
    expect(life.exitCode).toBe(NO_OUTCOME);
    expect(stderr.text).toMatch(/^bailiff stopped: BrokenPromise: S4: two requests at once/);
  });
});
