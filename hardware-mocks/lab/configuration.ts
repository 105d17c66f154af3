/** A ready bailiff.yaml for a running lab, with its secrets in files of their own. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { type Configured, LabSecret } from './device.ts';

export interface LabConfigurationOptions {
  /** The rack's folder; made where it is not there. */
  readonly folder: string;
  /** More sections, or other contents of those that are written anyway: `{ arbiters: [...], policy: {...} }`. */
  readonly sections?: Readonly<Record<string, Configured>>;
}

/** How every configuration of a lab begins: by it one is known that may be written again. */
export const LAB_HEADING = '# A simulated rack on loopback: nothing here is worth protecting.\n';

export const labConfigurationIn = (folder: string): string => join(folder, 'bailiff.yaml');

/** Writes `bailiff.yaml` and `secrets/*` (mode 0600) and gives back the path of the former. */
export async function writeLabConfiguration(lab: Lab, options: LabConfigurationOptions): Promise<string> {
  const { yaml, secrets } = labConfiguration(lab, options.sections);
  await mkdir(join(options.folder, 'secrets'), { recursive: true, mode: 0o700 });
  for (const { file, value } of secrets) {
    const path = join(options.folder, 'secrets', file);
    await writeFile(path, `${value}\n`, { mode: 0o600 });
    await chmod(path, 0o600);
  }
  const path = labConfigurationIn(options.folder);
  await writeFile(path, yaml, { mode: 0o644 });
  return path;
}

/** The text of the configuration and the secrets that it refers to as `secrets/FILE`. */
export function labConfiguration(
  lab: Lab,
  sections: Readonly<Record<string, Configured>> = {},
): { readonly yaml: string; readonly secrets: readonly LabSecret[] } {
  const secrets: LabSecret[] = [];
  const top: Record<string, Configured> = {
    cluster: lab.rack.cluster,
    stateDir: './state',
    self: { id: 'witness-1' },
    nodes: Object.fromEntries(lab.rack.nodes.map(({ name }) => [name, { fence: levelsOf(lab, name) }])),
    devices: Object.fromEntries([...lab.devices].map(([name, { configuration }]) => [name, { ...configuration, ...powerOf(lab, name) }])),
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s' },
    policy: lab.rack.nodes.length === 2 ? { tieBreaker: 'reference-ips' } : {},
    listen: { socket: 'run/bailiff.sock' },
    ...sections,
  };
  const yaml = Object.entries(top).map(([name, value]) => section(name, value, secrets));
  return { yaml: `${LAB_HEADING}${yaml.join('\n')}\n`, secrets };
}

/** First what switches the whole node, then the outlets of its feeds, all together. */
function levelsOf(lab: Lab, node: string): Configured {
  const whole = [...lab.devices].filter(([, device]) => device.node === node).map(([device]) => [{ device }]);
  const feeds = lab.rack.nodes.find(({ name }) => name === node)?.feeds ?? [];
  const outlets = feeds.map((feed) => {
    const [device = '', outlet = ''] = feed.split('/');
    return { device, outlet: /^[1-9]\d{0,3}$/.test(outlet) ? Number(outlet) : outlet };
  });
  return outlets.length === 0 ? whole : [...whole, outlets];
}

/** A board's controller goes dark with the feeds of its node, where something can cut them. */
function powerOf(lab: Lab, device: string): { readonly [key: string]: Configured } {
  const node = lab.devices.get(device)?.node;
  if (node === undefined) return {};
  const description = lab.rack.nodes.find(({ name }) => name === node);
  const cut = (description?.feeds.length ?? 0) > 0 || description?.diesWithMachine === true;
  return cut ? { poweredBy: 'target' } : {};
}

/** Block style for the first two levels, flow style below, as people write it. */
function section(name: string, value: Configured, secrets: LabSecret[]): string {
  const nested =
    typeof value === 'object' && !Array.isArray(value) && !(value instanceof LabSecret) && (name === 'nodes' || name === 'devices');
  if (!nested) return `${name}: ${flow(value, secrets)}`;
  const lines = Object.entries(value).map(([key, each]) => `  ${scalar(key)}: ${flow(each, secrets)}`);
  return lines.length === 0 ? `${name}: {}` : `${name}:\n${lines.join('\n')}`;
}

function flow(value: Configured, secrets: LabSecret[]): string {
  if (value instanceof LabSecret) {
    secrets.push(value);
    return `{ file: ${scalar(`secrets/${value.file}`)} }`;
  }
  if (typeof value === 'string') return scalar(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const items = (value as readonly Configured[]).map((item) => flow(item, secrets));
    return items.length === 0 ? '[]' : `[${items.join(', ')}]`;
  }
  const pairs = Object.entries(value).map(([key, each]) => `${scalar(key)}: ${flow(each, secrets)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** Plain where YAML cannot take it for anything else, quoted as JSON (which is YAML) otherwise. */
function scalar(text: string): string {
  const plain = /^[A-Za-z./][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n|\.nan|\.inf)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
