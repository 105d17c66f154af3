import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  askLab,
  controlLab,
  Faulty,
  type Lab,
  type LabControl,
  type LabKind,
  SMALL_RACK,
  startLab,
  writeLabConfiguration,
} from '../../hardware-mocks/index.ts';
import { answerLine } from '../../hardware-mocks/lab/control.ts';

let lab: Lab | undefined;
let control: LabControl | undefined;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-lab-'));
});

afterEach(async () => {
  await control?.close();
  await lab?.stop();
  control = undefined;
  lab = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A stand-in for a kind that the tree does not have: it listens nowhere. */
const strip: LabKind = (world, device) =>
  Promise.resolve({
    endpoint: { address: world.address, port: 16_100, protocol: 'none' },
    faults: new Faulty(world.clock),
    configuration: { driver: 'snmp-pdu', outlets: device.outlets.length },
    count: () => world.outlets.size,
    stop: () => Promise.resolve(),
  });

async function start(description: unknown, kinds?: Record<string, LabKind>): Promise<Lab> {
  const started = await startLab(description, kinds === undefined ? {} : { kinds });
  if ('problem' in started) throw new Error(started.problem.says);
  lab = started.value;
  return lab;
}

const refusal = async (description: unknown): Promise<string> => {
  const started = await startLab(description);
  if ('problem' in started) return started.problem.says;
  await started.value.stop();
  throw new Error('it started');
};

describe('a description of a rack', () => {
  it.each([
    [{ nodes: [{ name: 'a' }, { name: 'a' }] }, /a is there twice/],
    [{ nodes: [{ name: 'a b' }] }, /is not a name/],
    [{ nodes: [{ name: 'a', feeds: ['pdu/9'] }] }, /fed by pdu\/9, and there is no such outlet/],
    [{ nodes: [{ name: 'a', feeds: ['pdu'] }] }, /must be DEVICE\/OUTLET/],
    [{ nodes: [{ name: 'a', colour: 'red' }] }, /colour is not known here/],
    [{ devices: [{ name: 'x', kind: 'toaster' }] }, /toaster is not known; known are .*bmc/],
    [{ devices: [{ name: 'x', kind: 'constructor' }] }, /constructor is not known/],
    [{ devices: [{ name: 'x', kind: 'bmc' }] }, /x\.node is missing/],
    [{ devices: [{ name: 'x', kind: 'bmc', node: 'nobody' }] }, /nobody is no node/],
    [{ nodes: [{ name: 'a' }], devices: [{ name: 'x', kind: 'bmc', node: 'a', cipherSuites: [0] }] }, /insecureSuites/],
    [{ nodes: [{ name: 'a' }], devices: [{ name: 'x', kind: 'bmc', node: 'a', speed: 3 }] }, /x\.speed is not known/],
    [{ nodes: [{ name: 'a' }], devices: [{ name: 'x', kind: 'bmc', node: 'a', faults: { faults: [{ kind: 'x' }] } }] }, /unknown kind x/],
    [[], /must be a map/],
    [{ racks: [] }, /racks is not known/],
  ])('%j is refused in words', async (description, says) => {
    expect(await refusal(description)).toMatch(says);
  });

  it('on a port that is taken says so and leaves nothing running', async () => {
    const { endpoints } = await start(SMALL_RACK);
    const again = { ...SMALL_RACK, devices: SMALL_RACK.devices.map((device) => ({ ...device, port: endpoints[1]?.port })) };
    expect(await refusal(again)).toMatch(/EADDRINUSE/);
  });
});

describe('a lab', () => {
  it('runs every device on a port of its own and knows what is true', async () => {
    const { endpoints, truth, machines } = await start(SMALL_RACK);
    expect(endpoints.map(({ device, kind }) => [device, kind])).toEqual([
      ['db1-bmc', 'bmc'],
      ['db2-bmc', 'bmc'],
    ]);
    expect(new Set(endpoints.map(({ port }) => port)).size).toBe(2);
    expect(truth.nodes.map(({ node, lamp }) => [node, lamp])).toEqual([
      ['db1', true],
      ['db2', true],
    ]);
    machines.get('db1')?.order('off');
    expect([lab?.lamp('db1'), lab?.lamp('db2'), lab?.lamp('db3')]).toEqual([false, true, undefined]);
  });

  it('wires nodes to outlets of kinds that are given to it', async () => {
    const rack = {
      nodes: [{ name: 'db1', feeds: ['pdu-a/1', 'pdu-a/2'] }],
      devices: [
        { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
        { name: 'pdu-a', kind: 'strip', outlets: 8 },
      ],
    };
    const built = await start(rack, { strip });
    expect(built.power('pdu-a/1', 'off')).toBeUndefined();
    expect(built.lamp('db1')).toBe(true);
    expect(built.power('pdu-a/2', 'off')).toBeUndefined();
    expect([built.lamp('db1'), built.relay('pdu-a/2')?.closed]).toEqual([false, false]);
    expect(built.power('pdu-a/9', 'off')).toMatchObject({ code: 'not-in-rack' });
    const yaml = await readFile(await writeLabConfiguration(built, { folder }), 'utf8');
    expect(parse(yaml)).toMatchObject({
      nodes: {
        db1: {
          fence: [
            [{ device: 'db1-bmc' }],
            [
              { device: 'pdu-a', outlet: 1 },
              { device: 'pdu-a', outlet: 2 },
            ],
          ],
        },
      },
      devices: { 'db1-bmc': { poweredBy: 'target' }, 'pdu-a': { driver: 'snmp-pdu', outlets: 8 } },
    });
  });

  it('writes a configuration whose secrets are files of their own', async () => {
    const built = await start(SMALL_RACK);
    const path = await writeLabConfiguration(built, { folder, sections: { stateDir: './elsewhere', arbiters: [] } });
    const yaml = await readFile(path, 'utf8');
    expect(parse(yaml)).toEqual({
      cluster: 'orders',
      stateDir: './elsewhere',
      self: { id: 'witness-1' },
      nodes: { db1: { fence: [[{ device: 'db1-bmc' }]] }, db2: { fence: [[{ device: 'db2-bmc' }]] } },
      devices: Object.fromEntries(
        built.endpoints.map(({ device, port }) => [
          device,
          { driver: 'ipmi', host: '127.0.0.1', port, username: 'fencer', password: { file: `secrets/${device}` } },
        ]),
      ),
      verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s' },
      policy: { tieBreaker: 'reference-ips' },
      listen: { socket: 'run/bailiff.sock' },
      arbiters: [],
    });
    expect(yaml).not.toContain('lab-password');
    const secret = join(folder, 'secrets', 'db1-bmc');
    expect([await readFile(secret, 'utf8'), (await stat(secret)).mode & 0o777]).toEqual(['lab-password\n', 0o600]);
  });
});

describe("the lab's socket", () => {
  const up = async (): Promise<string> => {
    control = await controlLab(await start(SMALL_RACK), join(folder, 'lab.sock'));
    return control.path;
  };

  it('shows the truth, switches, makes faulty and heals', async () => {
    const path = await up();
    expect(await askLab(path, { do: 'power', what: 'db1', wanted: 'off' })).toEqual({ ok: true });
    expect(await askLab(path, { do: 'fault', device: 'db2-bmc', words: ['seed=3', 'lie', 'says=off'] })).toEqual({ ok: true });
    const reply = await askLab(path, { do: 'truth' });
    expect(reply).toMatchObject({
      ok: true,
      truth: {
        nodes: [
          { node: 'db1', lamp: false },
          { node: 'db2', lamp: true },
        ],
        devices: [{ device: 'db1-bmc' }, { device: 'db2-bmc', faults: { seed: 3, faults: [{ kind: 'lie', says: 'off' }] } }],
      },
    });
    expect(await askLab(path, { do: 'fault', device: 'db2-bmc' })).toEqual({ ok: true });
    expect(lab?.devices.get('db2-bmc')?.faults.plan.faults).toEqual([]);
  });

  it("is its owner's alone, and passes the wish to go down on", async () => {
    const path = await up();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await askLab(path, { do: 'down' })).toEqual({ ok: true });
    await control?.downAsked;
  });

  it('says what it did not understand', async () => {
    const built = await start(SMALL_RACK);
    const says = (line: string): string => {
      const reply = answerLine(built, line, () => {});
      return reply.ok ? 'ok' : reply.problem.says;
    };
    expect(says('{')).toMatch(/not JSON/);
    expect(says('7')).toMatch(/must be a map/);
    expect(says('{}')).toMatch(/do is missing/);
    expect(says('{"do":"dance"}')).toMatch(/must be one of/);
    expect(says('{"do":"power","what":"db1"}')).toMatch(/wanted is missing/);
    expect(says('{"do":"power","what":"db9","wanted":"on"}')).toMatch(/no db9/);
    expect(says('{"do":"fault","device":"db1-bmc","plan":{"faults":[{"kind":"?"}]}}')).toMatch(/unknown kind/);
    expect(says('{"do":"truth","more":1}')).toMatch(/more is not known/);
    expect(says('x'.repeat(70_000))).toMatch(/at most/);
  });

  it('does not keep what a client sends without end', async () => {
    const path = await up();
    const client = connect(path);
    client.on('error', () => {});
    let text = '';
    client.on('data', (chunk) => {
      text += chunk.toString();
    });
    client.write('x'.repeat(200_000));
    await new Promise((resolve) => client.on('close', resolve));
    expect(text).toMatch(/at most 65536/);
    expect(await askLab(path, { do: 'truth' })).toMatchObject({ ok: true });
  });

  it('tells who asks in vain', async () => {
    expect(await askLab(join(folder, 'nobody.sock'), { do: 'truth' })).toMatchObject({ ok: false, problem: { code: 'lab-unreachable' } });
  });
});
