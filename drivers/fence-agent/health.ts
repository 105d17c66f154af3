/** What `check` finds out about a device: metadata against settings, then the device itself. Read only: nothing is switched. */
import type { Health, Problem } from '../kit/contract.ts';
import type { SharedDeadline } from '../kit/deadline.ts';
import { complaintOf } from './answer.ts';
import type { AgentClient } from './client.ts';
import type { Metadata } from './metadata.ts';
import { parameterFaults, parameterHelp } from './parameters.ts';
import { failed, wrongParameter } from './problems.ts';
import type { AgentUse } from './settings.ts';

/** `second`: the agent that has to agree where an off of the first is no proof. */
export async function checkHealth(first: AgentClient, second: AgentClient | undefined, deadline: SharedDeadline): Promise<Health> {
  const found: string[] = [];
  for (const client of [first, second]) {
    if (client === undefined) continue;
    const problem = await checkOne(client, deadline, found);
    if (problem !== undefined) return { ok: false, found, problem };
  }
  const { doubt } = first;
  if (doubt !== undefined)
    found.push(`its off is no proof (${doubt.says}): ${second === undefined ? 'it can never confirm' : 'a second agent has to agree'}`);
  return { ok: true, found };
}

/** The device is asked by `status` where there is one outlet, else by `monitor`. */
async function checkOne(client: AgentClient, deadline: SharedDeadline, found: string[]): Promise<Problem | undefined> {
  const { where, use } = client;
  const metadata = await client.metadata(deadline.left);
  if ('code' in metadata) return metadata;
  found.push(`${where.agent}: ${metadata.says === '' ? metadata.name : metadata.says}; actions ${metadata.actions.join(', ')}`);
  found.push(`${where.agent} takes: ${parameterHelp(metadata)}`);
  const faults = faultsOf(metadata, use);
  if (faults.length > 0) return wrongParameter(where, faults.join('; '), parameterHelp(metadata));
  if (!use.outlets) {
    const power = await client.power('', deadline.left);
    if (typeof power !== 'string') return power;
    found.push(`${where.agent} reads ${power}`);
    return undefined;
  }
  const called = await client.call('monitor', undefined, deadline.left);
  if ('code' in called) return called;
  const { ended, asked } = called;
  if (ended.code !== 0) return failed(where, 'monitor', complaintOf(ended, asked));
  found.push(`${where.agent} reaches its device`);
  return undefined;
}

function faultsOf(metadata: Metadata, use: AgentUse): readonly string[] {
  const { parameters, secrets, outlets, plugParameter } = use;
  const faults = parameterFaults(metadata, { parameters, secrets: Object.keys(secrets), ...(outlets ? { plugParameter } : {}) });
  const missing = ['off', 'status'].filter((action) => !metadata.actions.includes(action));
  return missing.length === 0 ? faults : [...faults, `it has no action ${missing.join(' and no action ')}`];
}
