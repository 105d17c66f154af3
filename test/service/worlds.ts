/** Two worlds for one service: all in memory with time that a test owns, and the real ports on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver } from '../../drivers/ipmi/driver.ts';
import { VirtualClock } from '../../hardware-mocks/clock.ts';
import { Machine, MockBmc, realClock } from '../../hardware-mocks/index.ts';
import { driversFrom, loadConfiguration } from '../../src/config/index.ts';
import { newKeyPair, openVerdict, signVerdict } from '../../src/intake/verdict-jws.ts';
import { openOneShot } from '../../src/main/oneshot.ts';
import { Coordinator } from '../../src/service/coordinator.ts';
import { LocalService } from '../../src/service/local.ts';
import type { Service } from '../../src/service/service.ts';
import { MemoryDisk } from '../../src/store/index.ts';
import { ObedientRack, policy, settled } from '../coordinator/ports.ts';

export interface World {
  /** The service of the present life. */
  readonly service: Service;
  /** Milliseconds since 1970. */
  now(): number;
  /** What comes of it, with the time that it takes. */
  comes<T>(work: Promise<T>): Promise<T>;
  /** The power of db1 as it is, whatever anybody reads. */
  power(): 'on' | 'off';
  sign(verdict: object): Promise<string>;
  /** The process ends in order, and another one begins on the same journal. */
  again(): Promise<void>;
  close(): Promise<void>;
}

interface Arbiter {
  readonly folder: string;
  readonly publicKey: string;
  readonly sign: (verdict: object) => Promise<string>;
}

async function arbiter(): Promise<Arbiter> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-service-'));
  const pair = await newKeyPair();
  const publicKey = join(folder, 'arb-1.pub');
  await writeFile(publicKey, pair.publicKey);
  return {
    folder,
    publicKey,
    sign: async (verdict) => {
      const signed = await signVerdict(verdict, { path: 'arb-1.key', pem: pair.privateKey });
      if ('code' in signed) throw new Error(signed.says);
      return signed.jws;
    },
  };
}

const NODES = ['db1', 'db2', 'db3'];

/** Memory, devices that do as they are told, and virtual time: nothing waits for anything real but a signature. */
export async function simulated(): Promise<World> {
  const { folder, publicKey, sign } = await arbiter();
  const clock = new VirtualClock(Date.UTC(2030, 0, 1));
  const disk = new MemoryDisk();
  const rack = new ObedientRack();
  let drawn = 0;
  const nodes = Object.fromEntries(Object.entries(policy.nodes).filter(([name]) => NODES.includes(name)));
  const topology = {
    cluster: 'orders',
    nodes: NODES.map((name) => ({ name, levels: [[{ outlet: { device: `bmc-${name}`, plug: '' }, evidence: 'device' as const }]] })),
    unusable: new Map(),
  };
  const start = async () => {
    const started = await Coordinator.start(
      {
        clock,
        store: disk.open(),
        pool: rack,
        random: { id: () => `op${++drawn}`, fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
        probes: {
          assess: () => {
            const at = clock.now();
            const heard = { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: 'heard', tookMs: 1 } as const;
            return Promise.resolve({ startedAt: at, endedAt: at, observations: [heard] });
          },
        },
      },
      { ...policy, nodes, mode: 'approval' },
    );
    if (!(started instanceof Coordinator)) throw new Error(started.says);
    const intake = async (jws: string) => await openVerdict(jws, [{ id: 'arb-1', publicKey }]);
    return { started, service: new LocalService({ coordinator: started, intake, topology, clock }) };
  };
  let life = await start();
  const comes = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    work.finally(() => (over = true)).catch(() => undefined);
    for (let step = 0; step < 100_000 && !over; step += 1) {
      clock.advance(1);
      await settled();
    }
    return await work;
  };
  return {
    get service() {
      return life.service;
    },
    now: () => clock.now(),
    comes,
    power: () => rack.power.get('bmc-db1') ?? 'on',
    sign,
    again: async () => {
      await life.started.close();
      life = await start();
    },
    close: async () => {
      await life.started.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configurationFor = (ports: readonly number[]): string => `cluster: orders
stateDir: ./state
self: { id: witness-1 }
nodes:
${NODES.map((name) => `  ${name}: { fence: [[{ device: bmc-${name} }]] }`).join('\n')}
devices:
${NODES.map((name, at) => `  bmc-${name}: { driver: ipmi, host: 127.0.0.1, port: ${ports[at]}, username: fencer, password: { file: pw } }`).join('\n')}
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { mode: approval, storm: { targets: 9, within: 10m } }
arbiters: [ { id: arb-1, publicKey: { file: arb-1.pub }, host: witness-1 } ]
`;

/** A journal on disk, BMCs that are asked over UDP on loopback, and the clock of the machine. */
export async function real(): Promise<World> {
  const { folder, sign } = await arbiter();
  const clock = realClock();
  const machines = NODES.map((name) => new Machine({ clock, name }));
  const bmcs = await Promise.all(
    machines.map(async (machine) => await MockBmc.start({ machine, clock, users: [{ name: 'fencer', password: 'pw' }] })),
  );
  await writeFile(join(folder, 'pw'), 'pw\n', { mode: 0o600 });
  const file = join(folder, 'bailiff.yaml');
  await writeFile(file, configurationFor(bmcs.map(({ port }) => port)));
  const loaded = await loadConfiguration(file, { drivers: driversFrom([driver]) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const start = async () => {
    const opened = await openOneShot(loaded.configuration, {});
    if ('code' in opened) throw new Error(opened.says);
    return opened;
  };
  let life = await start();
  return {
    get service() {
      return life.service;
    },
    now: () => Date.now(),
    comes: async (work) => await work,
    power: () => (machines[0]?.lamp === true ? 'on' : 'off'),
    sign,
    again: async () => {
      await life.close();
      life = await start();
    },
    close: async () => {
      await life.close();
      await Promise.all(bmcs.map(async (bmc) => await bmc.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
