/** Drivers of somebody else in an endless loop: wherever it is, the process ends with a true code and gives the state folder back. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../hardware-mocks/index.ts';
import { TestRack, TWO_NODES } from './rack.ts';
import { FENCE, stranger } from './stranger.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
});
afterAll(async () => await rack.down());
beforeEach(async () => {
  // What an earlier loop left open is nobody's business here.
  await rm(join(rack.folder, 'state'), { recursive: true, force: true });
  for (const device of rack.lab.devices.keys()) rack.lab.fault(device, NO_FAULTS);
  for (const node of rack.lab.machines.keys()) rack.lab.power(node, 'on');
});

const LOOP = 'for (;;) continue';

test('a second signal ends a process whose driver is in an endless loop', async () => {
  await stranger(rack, { order: `process.stderr.write("round and round\\n"); ${LOOP}` });
  const started = rack.start(FENCE);
  await started.says('round and round');
  started.kill('SIGTERM');
  started.kill('SIGINT');
  const { code, err } = await started.ended;
  expect(code).toBeNull();
  expect(err).toContain('ended at once by a second signal');
  expect(rack.lab.lamp('db1')).toBe(true);
});

describe('the time of the command ends a process whose driver is in an endless loop, and the code is that of no outcome', () => {
  test.each([
    ['in the open', LOOP],
    ['that catches all', 'for (;;) { try { while (true) continue; } catch {} finally { continue; } }'],
    ['of promises', 'for (;;) await null'],
    ['that waits', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
  ])('%s', async (_what, read) => {
    await stranger(rack, { read });
    const { code, err } = await rack.bailiff(...FENCE, '--timeout', '2s');
    expect(code, err).toBe(70);
    expect(err).toMatch(/driver-endless: .*\n.* NOT proven off. What was ordered is in the journal: bailiff resume/);
    expect(err).not.toContain('debugger');
  });

  test('a program that asked for JSON has one document', async () => {
    await stranger(rack, { read: LOOP });
    const { code, value } = await rack.json(...FENCE, '--timeout', '2s');
    expect([code, value.code]).toEqual([70, 'driver-endless']);
  });

  test('where the main thread cannot be reached, SIGKILL does', async () => {
    await stranger(rack, {
      read: "const { spawnSync } = await import('node:child_process'); spawnSync(process.execPath, ['-e', 'setTimeout(() => 0, 9e3)'])",
    });
    const { code, err } = await rack.bailiff(...FENCE, '--timeout', '2s');
    expect(code).toBeNull();
    expect(err).toContain('driver-endless: ');
  });
});

describe('a loop after the answer', () => {
  test.each([
    ['in close', { close: LOOP }],
    ['in close, a moment later', { close: `await new Promise((done) => setTimeout(done, 50)); ${LOOP}` }],
    ['in a timer that was left', { close: `setTimeout(() => { ${LOOP} }, 20); await new Promise((done) => setTimeout(done, 40))` }],
    ['when the process ends', { load: `process.on('exit', () => { ${LOOP} });` }],
  ])('%s: the answer stands, and the state folder is free again', async (_what, misdeeds) => {
    await stranger(rack, misdeeds);
    const { code, err } = await rack.bailiff(...FENCE);
    expect(code, err).toBe(0);
    expect(err).toContain('The answer stands.');
    expect(rack.lab.lamp('db1')).toBe(false);
    expect((await rack.bailiff('resume')).code).toBe(0);
  });
});

describe('commands without an engine', () => {
  test.each([
    ['status', { read: LOOP }, ['status']],
    ['plan: a module', { load: LOOP }, ['plan', 'db1']],
    ['discover', { module: `async discover() { ${LOOP} }` }, ['discover', '127.0.0.1', '--driver', './stranger.mjs']],
  ])('%s', async (_what, misdeeds, words) => {
    await stranger(rack, misdeeds);
    const { code, err } = await rack.bailiff(...words);
    expect(code, err).toBe(70);
    expect(err).toContain('driver-endless');
  });

  test.each([
    ['loading', { load: LOOP }],
    ['settingsProblem', { module: `settingsProblem() { ${LOOP} }` }],
    ['place', { module: `place() { ${LOOP} }` }],
  ])('a fence counts the time of %s', async (_what, misdeeds) => {
    await stranger(rack, misdeeds);
    const { code, err } = await rack.bailiff(...FENCE, '--timeout', '2s');
    expect(code, err).toBe(70);
    expect(err).toContain('driver-endless');
  });

  test('Ctrl-C has its way while a module loads for ever', async () => {
    await stranger(rack, { load: `process.stderr.write("round and round\\n"); ${LOOP}` });
    const started = rack.start(['status']);
    await started.says('round and round');
    started.kill('SIGINT');
    expect((await started.ended).code).toBeNull();
  });
});

describe('without a guard', () => {
  test.each([
    ['that cannot be made', "throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' })"],
    ['that fails at once', "super('throw new Error()', { eval: true })"],
    ['that is never there', "super('setInterval(() => 0, 1e3)', { eval: true })"],
  ])('%s: it is told once, and the node is fenced', async (_what, made) => {
    await stranger(rack, {});
    const threads = await rack.file(
      'no-threads.cjs',
      `const threads = require('node:worker_threads');
threads.Worker = class extends threads.Worker { constructor() { ${made} } };
require('node:module').syncBuiltinESMExports();`,
    );
    const { code, err } = await rack.start([...FENCE], { NODE_OPTIONS: `--require ./${threads}` }).ended;
    expect(code, err).toBe(0);
    expect(err.match(/^guard-not-started: /gm)).toHaveLength(1);
    expect(rack.lab.lamp('db1')).toBe(false);
  });
});
