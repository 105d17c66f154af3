/**
 * Connect, order, read twice over Redfish (TLS, pinned certificate) on our simulated service, in turn in one run with fence_redfish without its
 * power wait, and with curl giving the same order and reading. Aims: one connection per fence, none in an engine that stays; a whole process
 * at most fence_redfish's wall time, an engine that stays at most a quarter of it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Machine, realClock } from '../hardware-mocks/index.ts';
import { MockRedfish } from '../hardware-mocks/redfish/index.ts';
import { BAILIFF, median, program, promise, Race, Stopwatch, warmRun } from './measure.ts';
import { warmEngine } from './warm.ts';

const ROUNDS = Number(process.env.ROUNDS ?? '15');
const USER = { name: 'fencer', password: 'fenc-er-pass' };
const SYSTEM = '/redfish/v1/Systems/Blade-1';
const AUTHS = ['basic', 'session'] as const;
const ours = (auth: string): string => `bailiff fence (reads twice), ${auth}`;
const warm = (auth: string): string => `engine that stays (reads twice), ${auth}`;
const PEER = 'fence_redfish off --power-wait=0';

const configurationOf = (state: string, auth: string, port: number, pin: string): string => `cluster: orders
self: { id: witness-1 }
stateDir: ./${state}
nodes: { db1: { fence: [[{ device: bmc }]] }, db2: { fence: [] } }
devices:
  bmc:
    driver: redfish
    host: 127.0.0.1
    port: ${port}
    username: ${USER.name}
    password: { file: pw }
    auth: ${auth}
    system: Blade-1
    tls: { pins: ['${pin}'] }
verify: { referenceIps: [127.0.0.1], need: 1 }
policy: { tieBreaker: reference-ips }
`;

function peers(port: number, folder: string): readonly { readonly name: string; readonly words: readonly string[] }[] {
  const trust = join(folder, 'certificate.pem');
  const env = ['env', `REQUESTS_CA_BUNDLE=${trust}`, 'no_proxy=127.0.0.1'];
  const agent = [program('fence_redfish'), '--ip', '127.0.0.1', '--ipport', String(port), '--username', USER.name];
  const off = [...env, ...agent, '--password', USER.password, '--ssl-secure', '--systems-uri', SYSTEM, '-o', 'off', '--power-wait=0'];
  const at = `https://127.0.0.1:${port}${SYSTEM}`;
  const curl = [program('curl'), '-sf', '--noproxy', '127.0.0.1', '--cacert', trust, '-u', `${USER.name}:${USER.password}`];
  const post = ['-H', 'Content-Type: application/json', '-d', '{"ResetType":"ForceOff"}', `${at}/Actions/ComputerSystem.Reset`];
  return [
    { name: PEER, words: off },
    { name: 'curl: order and reading in one connection', words: [...curl, ...post, '--next', ...curl.slice(1), at] },
  ];
}

async function main(): Promise<void> {
  const watch = new Stopwatch();
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-bench-'));
  const clock = realClock();
  const machine = new Machine({ name: 'db1', clock });
  const mock = await MockRedfish.start({ systems: [{ id: 'Blade-1', machine }], users: [USER], clock });
  await writeFile(join(folder, 'certificate.pem'), mock.certificate?.certificate ?? '');
  await writeFile(join(folder, 'pw'), `${USER.password}\n`, { mode: 0o600 });
  const configure = async (state: string, auth: string): Promise<string> => {
    const file = join(folder, `${state}-${auth}.yaml`);
    await writeFile(file, configurationOf(`${state}-${auth}`, auth, mock.port, mock.certificate?.fingerprint ?? ''));
    return file;
  };
  const runners = [{ name: 'node, empty script', run: async () => await watch.run([process.execPath, '-e', '0']) }];
  const engines = [];
  for (const auth of AUTHS) {
    const file = await configure('oneshot', auth);
    const engine = await warmEngine(await configure('warm', auth));
    engines.push(engine);
    const words = [process.execPath, BAILIFF, 'fence', 'db1', '--reason', 'bench', '--config', file];
    runners.push({ name: ours(auth), run: async () => await watch.run(words) });
    runners.push({ name: warm(auth), run: async () => await warmRun(async () => await engine.fence('db1')) });
  }
  for (const { name, words } of peers(mock.port, folder)) runners.push({ name, run: async () => await watch.run(words) });
  const race = new Race();
  const counts = new Map<string, { readonly connections: number; readonly requests: number }[]>();
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { name, run } of runners) {
      if (!machine.lamp) machine.press('on');
      const before = { ...mock.count };
      const ran = await run();
      if (ran.code !== 0) throw new Error(`${name} ended with ${ran.code}`);
      if (name !== 'node, empty script' && machine.lamp) throw new Error(`${name} said off, and it was not`);
      if (round === 0) continue;
      race.add(name, ran);
      const { connections, requests } = mock.count;
      const since = { connections: connections - before.connections, requests: requests - before.requests };
      counts.set(name, [...(counts.get(name) ?? []), since]);
    }
  }
  for (const engine of engines) await engine.close();
  await mock.stop();
  await rm(folder, { recursive: true, force: true });
  watch.end();
  conclude(race, counts);
}

function conclude(race: Race, counts: ReadonlyMap<string, readonly { readonly connections: number; readonly requests: number }[]>): void {
  race.print(`our simulated Redfish service over TLS, ${ROUNDS} rounds, medians`, ours('basic'));
  const typical = (name: string, what: 'connections' | 'requests'): number => median((counts.get(name) ?? []).map((count) => count[what]));
  for (const name of counts.keys())
    if (name !== 'node, empty script')
      console.log(`${name}: ${typical(name, 'requests')} requests, ${typical(name, 'connections')} connections`);
  for (const auth of AUTHS) {
    const connections = typical(ours(auth), 'connections');
    promise(`${auth}: ${connections} connection for a whole process; the aim is 1`, connections === 1);
    const kept = typical(warm(auth), 'connections');
    promise(`${auth}: ${kept} new connections in an engine that stays; the aim is 0`, kept === 0);
    race.promiseWall(`${auth}: whole process`, ours(auth), PEER, 1);
    race.promiseWall(`${auth}: engine that stays`, warm(auth), PEER, 0.25);
  }
}

await main();
