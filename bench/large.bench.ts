/**
 * A cluster of 10,000 nodes, each with a management controller and an outlet of a PDU, as a program writes it: the configuration is loaded in a
 * process of its own, all secrets looked at, and linted. Promise: below 2 s of CPU time and below 300 MB, start of Node included. Beside it the same
 * process reads a cluster of two.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver as ipmi } from '../drivers/ipmi/driver.ts';
import { driver as snmpPdu } from '../drivers/snmp-pdu/driver.ts';
import { driversFrom, lintConfiguration, loadConfiguration } from '../src/config/index.ts';
import { Race, promise, Stopwatch } from './measure.ts';

const NODES = 10_000;
const PLUGS = 24;
const MOST_CPU_MS = 2000;
const MOST_MIB = 300 / 1.048576;
const ROUNDS = Number(process.env.ROUNDS ?? '5');

const each = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join('\n');

const configurationOf = (nodes: number): string => `cluster: orders
self: { id: witness-1 }
nodes:
${each(nodes, (at) => `  node-${at}: { links: [{ name: lan, kind: tcp, address: 10.9.${at >> 8}.${at & 255}:7101 }], fence: [[{ device: bmc-${at} }], [{ device: pdu-${Math.floor(at / PLUGS)}, outlet: ${(at % PLUGS) + 1} }]] }`)}
devices:
${each(nodes, (at) => `  bmc-${at}: { driver: ipmi, host: 10.10.${at >> 8}.${at & 255}, username: fencer, password: { file: pw } }`)}
${each(Math.ceil(nodes / PLUGS), (at) => `  pdu-${at}: { driver: snmp-pdu, profile: apc-rpdu2, host: 10.11.${at >> 8}.${at & 255}, version: 2c, community: { file: pw } }`)}
verify: { referenceIps: [10.0.0.254], need: 1 }
policy: { tieBreaker: reference-ips, storm: { targets: ${Math.max(1, Math.floor(nodes / 3))}, within: 10m } }
`;

async function load(file: string, nodes: number): Promise<void> {
  const loaded = await loadConfiguration(file, { drivers: driversFrom([ipmi, snmpPdu]) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems.slice(0, 3)));
  const errors = lintConfiguration(loaded.configuration, loaded.where, file).filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || loaded.configuration.nodes.size !== nodes) throw new Error(JSON.stringify(errors.slice(0, 3)));
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
  const watch = new Stopwatch();
  const race = new Race();
  const name = (nodes: number): string => `${nodes} nodes`;
  for (const nodes of [2, NODES]) await writeFile(join(folder, `${nodes}.yaml`), configurationOf(nodes));
  let worked = true;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const nodes of [2, NODES]) {
      const run = await watch.run([process.execPath, process.argv[1] ?? '', 'load', join(folder, `${nodes}.yaml`), String(nodes)]);
      worked &&= run.code === 0;
      race.add(name(nodes), run);
    }
  }
  watch.end();
  await rm(folder, { recursive: true, force: true });
  race.print(`a configuration loaded and linted, ${ROUNDS} rounds`, name(NODES));
  const cpu = race.of(name(NODES), 'cpuMs');
  const peak = race.of(name(NODES), 'peakMiB');
  promise('every load came to its end', worked);
  promise(`${NODES} nodes: ${cpu.toFixed(0)} ms of CPU time; the aim is ${MOST_CPU_MS}`, cpu <= MOST_CPU_MS);
  promise(`${NODES} nodes: ${peak.toFixed(0)} MiB at most; the aim is ${MOST_MIB.toFixed(0)}`, peak <= MOST_MIB);
}

const [, , part, file, nodes] = process.argv;
if (part === 'load') await load(file ?? '', Number(nodes));
else await main();
