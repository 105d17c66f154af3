/** Which end of an agent means what: exit code and words have to agree, and an exit code alone is no off. */
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { DOUBTS } from '../../drivers/fence-agent/doubts.ts';
import { driver } from '../../drivers/fence-agent/driver.ts';
import { AGENTS, Lamps } from './lamps.ts';
import { openWith, Rogue } from './rogue.ts';

const within = { ms: 15_000 };
const rogues: Rogue[] = [];
afterEach(async () => {
  await Promise.all(rogues.splice(0).map((each) => each.end()));
});

async function that(mode: string, more: Readonly<Record<string, unknown>> = {}): Promise<Rogue> {
  const rogue = await Rogue.that(mode, more);
  rogues.push(rogue);
  return rogue;
}

describe('a reading', () => {
  it.each([
    ['on', 'on', undefined],
    ['off', 'off', undefined],
    ['closes-stdin', 'off', undefined],
    ['silent-off', 'unknown', 'fence-agent-unclear'],
    ['usage', 'unknown', 'fence-agent-unclear'],
    ['both-words', 'unknown', 'fence-agent-unclear'],
    ['on-but-2', 'unknown', 'fence-agent-unclear'],
    ['signals-itself', 'unknown', 'fence-agent-unclear'],
    ['traceback', 'unknown', 'fence-agent-failed'],
    ['wordless', 'unknown', 'fence-agent-failed'],
    ['odd-code', 'unknown', 'fence-agent-failed'],
  ])('of an agent that answers "%s" is %s', async (mode, power, code) => {
    const reading = await (await that(mode)).device.read('', within);
    expect([reading.power, reading.why?.code]).toEqual([power, code]);
  });

  it('takes exit code 2 alone for off only where that is configured, and never against words', async () => {
    expect(await (await that('silent-off', { silentOff: true })).device.read('', within)).toMatchObject({ power: 'off' });
    expect(await (await that('on-but-2', { silentOff: true })).device.read('', within)).toMatchObject({ power: 'unknown' });
  });
});

describe('an order', () => {
  it.each([
    ['on', 'accepted', undefined, undefined],
    ['must-enter', 'rejected', 'fence-agent-failed', true],
    ['tells-password', 'rejected', 'fence-agent-failed', undefined],
    ['waited', 'unknown', 'fence-agent-failed', undefined],
    ['traceback', 'unknown', 'fence-agent-failed', undefined],
    ['wordless', 'unknown', 'fence-agent-failed', undefined],
    ['odd-code', 'unknown', 'fence-agent-unclear', undefined],
    ['off', 'unknown', 'fence-agent-unclear', undefined],
    ['signals-itself', 'unknown', 'fence-agent-unclear', undefined],
  ])('to an agent that answers "%s" is %s', async (mode, result, code, lasting) => {
    const order = await (await that(mode)).device.order('', 'off', within);
    const why = order.result === 'accepted' ? undefined : order.why;
    expect([order.result, why?.code, why?.lasting]).toEqual([result, code, lasting]);
  });

  it('is rejected, and nothing is run, where a value could be read as another parameter', async () => {
    for (const bad of ['x\naction=on', ' x', 'x ', '"x"', 'x\0']) {
      const one = await that('on', { secrets: { password: Secret.fixed(bad) } });
      expect(await one.device.order('', 'off', within)).toMatchObject({ result: 'rejected', why: { code: 'fence-agent-value-refused' } });
    }
  });

  it('is rejected where the secret cannot be had', async () => {
    const gone = new Secret('file /nowhere', () => {
      throw new Error('file /nowhere: it is missing');
    });
    const order = await (await that('on', { secrets: { password: gone } })).device.order('', 'off', within);
    expect(order).toMatchObject({ result: 'rejected', why: { code: 'fence-agent-secret-missing' } });
  });
});

describe('settings', () => {
  it.each([
    [{ parameters: { action: 'on' } }, 'given by the driver itself'],
    [{ parameters: { nodename: 'db1' } }, 'given by the driver itself'],
    [{ outlets: true, parameters: { port: '3' } }, 'given by the driver itself'],
    [{ outlets: true, plugParameter: 'slot', parameters: { slot: '3' } }, 'given by the driver itself'],
    [{ parameters: { 'power-wait': 1, power_wait: 2 } }, 'given twice'],
    [{ parameters: { ip: 'a\nb' } }, 'end of a line'],
    [{ parameters: { passwd: 'hunter2' } }, 'parameter passwd is a secret'],
    [{ parameters: { 'snmp-priv-passwd': 'hunter2' } }, 'is a secret'],
    [{ parameters: { community: 'private' } }, 'is a secret'],
    [{ secondReading: { agent: 'fence_x', parameters: { secret_key: 'hunter2' } } }, 'secondReading: parameter secret_key is a secret'],
    [{ secondReading: { agent: 'fence_emerson' } }, 'no proof either'],
    [{ secondReading: { agent: 'fence_rogue' } }, 'the same agent again'],
    [{ secondReading: { agent: 'fence_apc', outlets: true } }, 'no named outlets'],
  ])('%j make no sense', async (more, says) => {
    const { device } = openWith({ agent: join(AGENTS, 'fence_rogue'), ...more });
    expect(await device.read('', within)).toMatchObject({
      power: 'unknown',
      why: { code: 'fence-agent-settings', says: expect.stringContaining(says) },
    });
    expect(JSON.stringify(await device.check(within))).not.toMatch(/hunter2|private/);
    expect(await device.order('', 'off', within)).toMatchObject({ result: 'rejected' });
  });

  it('numbers and truth values reach the agent as text', async () => {
    const { device } = openWith({ agent: join(AGENTS, 'fence_rogue'), parameters: { mode: 7, notes: '/dev/null' } });
    expect(await device.order('', 'off', within)).toMatchObject({ why: { says: expect.stringContaining('action off, mode 7') } });
  });
});

describe('the file of an agent', () => {
  it('must be a regular file that not everybody may change, and be executable', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bailiff-agents-'));
    const at = (name: string): string => join(folder, name);
    try {
      for (const name of ['fence_good', 'fence_open', 'fence_plain']) await copyFile(join(AGENTS, 'fence_second'), at(name));
      await chmod(at('fence_open'), 0o777);
      await chmod(at('fence_plain'), 0o644);
      await mkdir(at('fence_folder'));
      await symlink(at('fence_good'), at('fence_link'));
      const read = (name: string) => openWith({ agent: at(name), parameters: { says: 'on' } }).device.read('', within);
      expect(await read('fence_good')).toMatchObject({ power: 'on' });
      expect(await read('fence_link')).toMatchObject({ power: 'on' });
      for (const name of ['fence_open', 'fence_plain', 'fence_folder', 'fence_none']) {
        expect(await read(name)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-not-runnable', lasting: true } });
      }
      await chmod(folder, 0o777);
      expect(await read('fence_good')).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-not-runnable' } });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('must be called fence_*', () => {
    for (const agent of ['/bin/sh', 'rm', './fence_apc', 'fence_apc;id', '/usr/sbin/../bin/env', 'fence_a b']) {
      expect(() => openWith({ agent })).toThrow(/expected form/);
    }
  });
});

describe('agents whose off is no proof', () => {
  const doubted = { agent: '/usr/sbin/fence_apc_snmp', parameters: { ip: '127.0.0.1' }, outlets: true };

  it('have the evidence target, so that no level counts on them; with a second reading they have that of a device', () => {
    expect(driver.kindOf?.(doubted)).toEqual({ evidence: 'target', plugs: 'required' });
    expect(driver.kindOf?.({ ...doubted, secondReading: { agent: 'fence_apc', outlets: true } })).toEqual({
      evidence: 'device',
      plugs: 'required',
    });
    expect(driver.kindOf?.({ agent: 'fence_ipmilan' })).toEqual({ evidence: 'device', plugs: 'none' });
    for (const name of ['missing_as_off', 'missing-as-off', 'network_fencing'])
      for (const value of ['1', 'yes', 'YES', 'on', 'true', 'True'])
        expect(driver.kindOf?.({ agent: 'fence_vmware_soap', parameters: { [name]: value } }).evidence).toBe('target');
    expect(driver.kindOf?.({ agent: 'fence_vmware_soap', parameters: { missing_as_off: '0' } }).evidence).toBe('device');
    for (const agent of ['fence_lpar', 'fence_ibmz', 'fence_cisco_ucs', 'fence_vmware', 'fence_vbox'])
      expect(driver.kindOf?.({ agent }).evidence).toBe('target');
    // Not a secret, though it sounds like one: a path.
    expect(
      driver.settingsProblem?.({ agent: 'fence_apc', parameters: { password_script: '/etc/pw', identity_file: '/k' } }),
    ).toBeUndefined();
    expect(driver.kindOf?.({ agent: 'fence_azure_arm', parameters: { 'network-fencing': 'true' } }).evidence).toBe('target');
  });

  it.each([
    ['off', 'off', 'off', undefined],
    ['off', 'on', 'unknown', 'fence-agent-contradicted'],
    ['off', 'nothing', 'unknown', 'fence-agent-failed'],
    ['on', 'off', 'on', undefined],
  ])('first %s, second %s: %s', async (first, second, power, code) => {
    const one = await that(first, {
      parameters: { mode: first, notes: '/dev/null', missing_as_off: 1 },
      secondReading: { agent: join(AGENTS, 'fence_second'), parameters: { says: second } },
    });
    const reading = await one.device.read('', within);
    expect([reading.power, reading.why?.code]).toEqual([power, code]);
  });

  it('alone they never read off', async () => {
    const one = await that('off', { parameters: { mode: 'off', notes: '/dev/null', missing_as_off: true } });
    expect(await one.device.read('', within)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-off-in-doubt', lasting: true } });
  });

  it('are known under another name, too, when that is a link to them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bailiff-agents-'));
    try {
      await copyFile(join(AGENTS, 'fence_second'), join(folder, 'fence_emerson'));
      await symlink('fence_emerson', join(folder, 'fence_strip'));
      const { device } = openWith({ agent: join(folder, 'fence_strip'), parameters: { says: 'off' } });
      expect(await device.read('', within)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-off-in-doubt' } });
      const second = { agent: join(folder, 'fence_strip'), parameters: { says: 'off' } };
      const parameters = { mode: 'off', notes: '/dev/null', missing_as_off: true };
      const both = await that('off', { parameters, secondReading: second });
      expect(await both.device.read('', within)).toMatchObject({ power: 'unknown', why: { code: 'fence-agent-off-in-doubt' } });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('each says why, and where that was seen; none twice', () => {
    const names = DOUBTS.flatMap(({ agents }) => agents);
    expect(new Set(names).size).toBe(names.length);
    for (const { agents, says, source } of DOUBTS)
      expect([agents.length > 0, says.length > 10, /4\.12\.1/.test(source)]).toEqual([true, true, true]);
  });
});

describe('check and list', () => {
  it('hold the parameters against the metadata', async () => {
    const lamps = await Lamps.lit();
    const check = (more: Readonly<Record<string, unknown>>) => openWith({ ...lamps.settings, ...more }).device.check(within);
    try {
      const good = await check({});
      expect(good).toMatchObject({ ok: true });
      expect(good.found.join('\n')).toContain('Fence agent for lamps & files; actions on, off, status, list-status, monitor, metadata');
      expect(good.found.join('\n')).toContain('takes: device!, password, power_wait (second), color (red|green)');
      const wrong: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
        [{ parameters: { device: lamps.folder, colour: 'red' } }, 'it has no parameter colour'],
        [{ parameters: { device: lamps.folder, color: 'blue' } }, 'must be one of red, green'],
        [{ parameters: { device: lamps.folder, 'power-wait': 'soon' } }, 'must be a whole number'],
        [{ parameters: {} }, 'it needs the parameter device (Folder of the lamps)'],
        [{ outlets: false }, 'set outlets: true'],
      ];
      for (const [more, says] of wrong) {
        expect(await check(more)).toMatchObject({
          ok: false,
          problem: { code: 'fence-agent-parameter', says: expect.stringContaining(says) },
        });
      }
      await lamps.mode('away');
      expect(await check({})).toMatchObject({ ok: false, problem: { code: 'fence-agent-failed' } });
    } finally {
      await lamps.away();
    }
  });

  it('list outlets with names and states', async () => {
    const lamps = await Lamps.lit();
    try {
      await lamps.turn('2', 'off');
      expect(await openWith(lamps.settings).device.list?.(within)).toEqual([
        { plug: '1', name: 'lamp 1', reading: { power: 'on', source: 'fence_lamp list-status' } },
        { plug: '2', name: 'lamp 2', reading: { power: 'off', source: 'fence_lamp list-status' } },
      ]);
    } finally {
      await lamps.away();
    }
  });
});
