/** Native code is loaded only where a child has shown that it can be; what the child showed is kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Run, runChild } from '../../src/probes/child.ts';
import type { EchoSockets } from '../../src/probes/icmp-socket.ts';
import { NativeSockets, type NativeSettings } from '../../src/probes/native-proof.ts';
import { HandClock, handRun, realClock, settled } from './ports.ts';

const SOCKETS: EchoSockets = { open: () => 'a stand-in', bytesOf: () => undefined };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-proof-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kept = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.json'));

/** A machine whose koffi is `script`, loaded by real children; `loaded` counts loads into this process. */
const machine = (script: string, more: Partial<NativeSettings> = {}) => {
  const path = join(folder, 'koffi.cjs');
  writeFileSync(path, script);
  let children = 0;
  let loaded = 0;
  const run: Run = (command, args) => {
    children += 1;
    return runChild(command, args);
  };
  const native = new NativeSockets({
    run,
    folder,
    after: (ms, what) => realClock.after(ms, what),
    find: () => ({ path, version: '3.3.4' }),
    load: () => {
      loaded += 1;
      return SOCKETS;
    },
    ...more,
  });
  return { native, counts: () => ({ children, loaded }) };
};

const GOOD = `
  const natives = { getpid: () => process.pid, inet_pton: () => 1 };
  module.exports = { load: () => ({ func: (text) => natives[/(\\w+)\\(/.exec(text)[1]] }), node: { poll: () => undefined } };`;

describe('native code', () => {
  it('is tried in a child first, and the outcome is kept for the next process', async () => {
    const first = machine(GOOD);
    expect(first.native.known).toBeUndefined();
    expect(await first.native.settled()).toBe(SOCKETS);
    expect(first.native.known).toBe(SOCKETS);
    expect(first.counts()).toEqual({ children: 1, loaded: 1 });
    const second = machine(GOOD);
    expect(second.native.known).toBe(SOCKETS);
    expect(second.counts()).toEqual({ children: 0, loaded: 1 });
    expect(kept()).toEqual(['icmp-socket.json']);
  });

  it.each([
    ['ends the process', 'process.abort();', /ended with a signal/],
    ['cannot be loaded', "throw new Error('wrong ELF class');", /ended with 1 \(.*wrong ELF class/],
    ['answers with nonsense', GOOD.replace('process.pid', '-1'), /ended with 3/],
  ])('that %s costs the feature and not this process, and is not tried again', async (_, script, says) => {
    const first = machine(script);
    expect(await first.native.settled()).toMatch(says);
    expect(first.counts()).toEqual({ children: 1, loaded: 0 });
    const second = machine(script);
    expect(second.native.known).toMatch(says);
    expect(second.counts()).toEqual({ children: 0, loaded: 0 });
  });

  it('is tried anew with another koffi, or where what was kept is damaged', async () => {
    await machine(GOOD).native.settled();
    const other = machine(GOOD, { find: () => ({ path: join(folder, 'koffi.cjs'), version: '3.3.5' }) });
    expect(other.native.known).toBeUndefined();
    expect(await other.native.settled()).toBe(SOCKETS);
    for (const damage of [
      '',
      '{',
      'null',
      '{"machine":1}',
      JSON.stringify({ ...JSON.parse(readFileSync(join(folder, 'icmp-socket.json'), 'utf8')), ok: 'yes' }),
    ]) {
      writeFileSync(join(folder, 'icmp-socket.json'), damage);
      const after = machine(GOOD);
      expect(after.native.known).toBeUndefined();
      expect(await after.native.settled()).toBe(SOCKETS);
    }
  });

  it('works without a folder, and in one that cannot be written', async () => {
    const nowhere = machine(GOOD, { folder: join(folder, 'missing') });
    expect(await nowhere.native.settled()).toBe(SOCKETS);
    expect(kept()).toEqual([]);
  });

  it('has no child where it is not installed', async () => {
    const { native, counts } = machine(GOOD, { find: () => undefined });
    expect(native.known).toMatch(/koffi is not installed/);
    expect(await native.settled()).toMatch(/koffi is not installed/);
    expect(counts()).toEqual({ children: 0, loaded: 0 });
  });

  it('that never ends is ended, and showed nothing that would be kept', async () => {
    const clock = new HandClock();
    const { run, pings } = handRun(clock);
    const { native } = machine(GOOD, { run, after: (ms, what) => clock.after(ms, what) });
    const asked = native.settled();
    await settled();
    await clock.advance(5_000);
    expect(await asked).toMatch(/^no ICMP socket/);
    expect(pings.map(({ over }) => over)).toEqual([true]);
    expect(kept()).toEqual([]);
  });

  it('that loads in the child and not here is a reason and no exception', async () => {
    const load = (): EchoSockets => {
      throw new Error('no more memory');
    };
    expect(await machine(GOOD, { load }).native.settled()).toBe('no ICMP socket: koffi cannot be loaded (no more memory)');
  });
});
