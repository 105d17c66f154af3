/** Every fence agent that is installed describes itself in a way that we read. */
import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { AgentClient } from '../../drivers/fence-agent/client.ts';
import { DOUBTS } from '../../drivers/fence-agent/doubts.ts';
import { kindOf, resolve } from '../../drivers/fence-agent/settings.ts';
import { describeWithStrangers } from './strangers.ts';

const FOLDER = '/usr/sbin';
/** No fence agents, but tools that are named like one; they describe nothing. */
const NO_AGENTS = ['fence_ack_manual'];
/** It can only reset, which has no moment without power that could be proved: `bailiff check` refuses it. */
const RESETS_ONLY = ['fence_rcd_serial'];

describeWithStrangers(['fence_ipmilan', 'fence_apc_snmp'], 'the metadata of installed fence agents', () => {
  // One Python after the other, some fifty: how long that takes depends on the machine; each of them has its own limit.
  it('is read, of each', { timeout: 600_000 }, async () => {
    const names = (await readdir(FOLDER)).filter((name) => /^fence_[a-z0-9_]+$/.test(name) && !NO_AGENTS.includes(name));
    const unread: string[] = [];
    const fabric: string[] = [];
    for (const agent of names) {
      const use = resolve({ agent });
      if (typeof use === 'string') throw new Error(use);
      const metadata = await new AgentClient('device', use, watchedTools(realClock)).metadata({ ms: 30_000 });
      if ('code' in metadata) unread.push(`${agent}: ${metadata.says}`);
      else if (metadata.parameters.length === 0 || metadata.actions.includes('off') === RESETS_ONLY.includes(agent))
        unread.push(`${agent}: no parameters or no off`);
      else if (!metadata.actions.includes('reboot') && metadata.actions.includes('status')) fabric.push(agent);
    }
    expect(names.length).toBeGreaterThan(20);
    expect(unread).toEqual([]);
    // Agents for fabric fencing offer no reboot: each must stand among those whose off is no proof of power.
    expect(fabric.filter((agent) => kindOf({ agent }).evidence === 'device')).toEqual([]);
  });

  it('is there for each agent that we doubt, as far as it is installed', async () => {
    const installed = new Set(await readdir(FOLDER));
    const known = DOUBTS.flatMap(({ agents }) => agents).filter((agent) => installed.has(agent));
    expect(known).toContain('fence_apc_snmp');
    expect(known.every((agent) => kindOf({ agent }).evidence === 'target')).toBe(true);
  });
});
