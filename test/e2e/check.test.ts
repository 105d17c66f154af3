/** `bailiff check` on a rack that is not fit: each reason is found before anybody is fenced, and nothing is switched. */
import { generateKeyPairSync } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeOwnership } from '../../src/store/owner.ts';
import { TestRack, TWO_NODES } from './rack.ts';

let rack: TestRack;
let yaml = '';
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES, { verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s' } });
  yaml = await readFile(join(rack.folder, 'bailiff.yaml'), 'utf8');
});
afterAll(async () => await rack.down());

interface Seen {
  readonly code: number | null;
  readonly fit: boolean | null;
  readonly devices: readonly { readonly device: string; readonly problems: readonly { readonly code: string; readonly says: string }[] }[];
  readonly nodes: readonly { readonly node: string; readonly problem?: { readonly code: string } }[];
  readonly keys: readonly { readonly problem?: { readonly code: string; readonly says: string } }[];
  readonly state?: { readonly ok: boolean; readonly problem?: { readonly code: string } };
  readonly probes?: { readonly ways: readonly { readonly says: string }[]; readonly findings: readonly { readonly code: string }[] };
}

const changed = async (change: (text: string) => string): Promise<string> => {
  const text = change(yaml);
  expect(text === yaml).toBe(false);
  return await rack.file('changed.yaml', text);
};
const check = async (file: string, ...words: readonly string[]): Promise<Seen> => {
  const { code, value } = await rack.json('check', '--config', file, ...words);
  return { code, ...(value as unknown as Omit<Seen, 'code'>) };
};
const portOf = (device: string): string => new RegExp(`${device}:.* port: (\\d+)`).exec(yaml)?.[1] ?? '';
/** The entry of db2's controller, led elsewhere. */
const db2At = (place: string, port: string) => (text: string) =>
  text.replace(/^( {2}db2-bmc: .*?)host: "127\.0\.0\.1", port: \d+(.*)$/m, (_line, before: string, after: string) =>
    `${before}host: ${place}, port: ${port}${after}`.replace('secrets/db2-bmc', 'secrets/db1-bmc'),
  );

test('a rack as it should be: fit, exit 0, and every part was looked at', async () => {
  const seen = await check('bailiff.yaml');
  expect(seen).toMatchObject({ code: 0, fit: true, devices: [{ problems: [] }, { problems: [] }] });
  expect(seen.nodes).toMatchObject([
    { node: 'db1', levels: [{ level: 1, outlets: ['db1-bmc'], fit: true, ends: 'confirmed' }] },
    { node: 'db2', levels: [{ fit: true }] },
  ]);
  expect(seen.probes?.ways).toHaveLength(2);
  const { out } = await rack.bailiff('check');
  expect(out).toMatch(/^db1 {3}1 {6}db1-bmc {2}fit {2}confirmed$/m);
  expect(out).toMatch(/\nFit for fencing\.\n$/);
});

test('where nobody was asked nothing is called fit', async () => {
  expect(await check('bailiff.yaml', '--offline')).toMatchObject({ code: 0, fit: null, devices: [], nodes: [] });
});

test('a device that cannot be used is told by plan, and its level cannot end confirmed', async () => {
  await rack.file('stranger.mjs', "throw new Error('no licence');");
  const file = await changed((text) =>
    text
      .replace('[[{ device: db1-bmc }]]', '[[{ device: odd }, { device: db1-bmc }], [{ device: db1-bmc }]]')
      .replace('devices:\n', 'devices:\n  odd: { driver: ./stranger.mjs }\n'),
  );
  const { code, out } = await rack.bailiff('check', '--config', file);
  expect([code, out]).toEqual([1, expect.stringMatching(/^db1 +1 +odd \+ db1-bmc +not fit +unconfirmed: odd cannot be used$/m)]);
  const plan = await rack.bailiff('plan', 'db1', '--config', file);
  expect(plan.out).toMatch(
    /level 1: .*; odd cannot be used, so that this level cannot confirm: the driver could not be imported: .*no licence/,
  );
  expect((await rack.json('plan', 'db1', '--config', file)).value.steps).toContainEqual(
    expect.objectContaining({ cannotConfirm: [expect.objectContaining({ device: 'odd', code: 'driver-not-loadable' })] }),
  );
});

describe('two nodes on one BMC', () => {
  test('under one address: fence itself refuses, whatever the user and the letters', async () => {
    const file = await changed(db2At('"127.0.0.1"', portOf('db1-bmc')));
    const other = await changed((text) =>
      db2At('"127.0.0.1"', portOf('db1-bmc'))(text).replaceAll('"127.0.0.1", port', '"::ffff:127.0.0.1", port'),
    );
    for (const config of [file, other]) {
      const { code, value } = await rack.json('fence', 'db2', '--reason', 'tested', '--config', config);
      expect([code, value.code, value.says]).toEqual([2, 'configuration', expect.stringContaining('db2-bmc belongs to db1 already')]);
    }
  });

  test('under a name that leads to one address: not fit, and neither of the two is', async () => {
    const seen = await check(await changed(db2At('localhost', portOf('db1-bmc'))));
    expect(seen).toMatchObject({ code: 1, fit: false });
    for (const { problems } of seen.devices) expect(problems.map(({ code }) => code)).toEqual(['outlet-shared']);
    expect(seen.nodes.map(({ problem }) => problem?.code)).toEqual(['no-level-fit', 'no-level-fit']);
  });

  describe('behind another port', () => {
    let front: Socket;
    const backs = new Set<Socket>();
    beforeAll(async () => {
      front = createSocket('udp4').bind(0, '127.0.0.1');
      await once(front, 'listening');
      const ways = new Map<number, Socket>();
      front.on('message', (bytes, { port }) => {
        const way = ways.get(port) ?? createSocket('udp4', (answer) => front.send(answer, port, '127.0.0.1'));
        ways.set(port, way);
        backs.add(way);
        way.send(bytes, Number(portOf('db1-bmc')), '127.0.0.1');
      });
    });
    afterAll(() => {
      for (const back of backs) back.close();
      front.close();
    });

    test('they tell one GUID: not fit, with the words that say what would happen', async () => {
      const file = await changed(db2At('"127.0.0.1"', String(front.address().port)));
      const seen = await check(file);
      expect([seen.code, seen.fit]).toEqual([1, false]);
      for (const { problems } of seen.devices)
        expect(problems).toEqual([
          expect.objectContaining({
            code: 'outlet-shared',
            says: expect.stringMatching(/are one: both tell the GUID [0-9a-f]{32}; cutting db1 would cut db2/),
          }),
        ]);
      const { code, out } = await rack.bailiff('check', '--config', file);
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(/Not fit for fencing: db1-bmc, db2-bmc, every level of db1, every level of db2\.\n$/),
      ]);
    });
  });
});

test('a reference IP that does not answer, where it must: every fencing would be withheld', async () => {
  const seen = await check(await changed((text) => text.replace('referenceIps: ["127.0.0.1"]', 'referenceIps: ["fe80::1%none0"]')));
  expect([seen.code, seen.fit]).toEqual([1, false]);
  expect(seen.probes?.findings.map(({ code }) => code)).toContain('too-few-references');
});

test('a name that leads nowhere is named', async () => {
  const file = await changed(db2At('no..such', portOf('db2-bmc')));
  const seen = await check(file);
  expect(seen.code).toBe(1);
  expect(seen.devices[1]?.problems).toEqual([
    expect.objectContaining({ code: 'name-not-resolved', says: expect.stringContaining('no..such') }),
  ]);
});

test('a key with which nothing can be verified is named, also where nobody is asked', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
  await rack.file('rsa.pub', rsa.toString());
  const file = await rack.file('changed.yaml', `${yaml}arbiters: [ { id: arb-1, publicKey: { file: rsa.pub } } ]\n`);
  for (const words of [[], ['--offline']]) {
    const seen = await check(file, ...words);
    expect([seen.code, seen.keys[0]?.problem?.code]).toEqual([1, 'key-unreadable']);
    expect(seen.keys[0]?.problem?.says).toMatch(/rsa\.pub cannot be used: it is an RSA key/);
  }
});

test('programs that a fencing needs, and are not there', async () => {
  const { code, out } = await rack.start(['check', '--json'], { PATH: rack.folder }).ended;
  const seen = JSON.parse(out) as Seen;
  expect([code, seen.state?.problem?.code]).toEqual([1, 'state-owner-unknown']);
  expect(seen.probes?.ways.map(({ says }) => says).join()).toContain('ping is not installed');
});

test('a state folder that another process holds: not fit where it holds it for longer than a fencing takes', async () => {
  for (const [ms, code] of [
    [0, 0],
    [3_600_000, 1],
  ] as const) {
    const ownership = await takeOwnership(join(rack.folder, 'state'), Date.now() - ms);
    if ('code' in ownership) throw new Error(ownership.says);
    try {
      const seen = await rack.bailiff('check');
      expect(seen.code).toBe(code);
      expect(seen.out).toMatch(
        new RegExp(`state-in-use: the state folder .* is in use by process ${process.pid} \\(it has held it since 20`),
      );
      expect(seen.out).toMatch(code === 0 ? /\nFit for fencing\.\n$/ : /\nNot fit for fencing: the state folder\.\n$/);
    } finally {
      await ownership.release();
    }
  }
});

test('a lease that must be held and that nobody grants: nothing would ever be ordered', async () => {
  const file = await changed((text) => text.replace('policy: {', 'policy: { lease: required,'));
  const { code, out } = await rack.bailiff('check', '--config', file);
  expect([code, out]).toEqual([1, expect.stringMatching(/Not fit for fencing: the lease\.\n$/)]);
});

test('a node that only a person can cut', async () => {
  const file = await changed((text) =>
    text
      .replace('[[{ device: db2-bmc }]]', '[[{ device: anna }]]')
      .replace('devices:\n', 'devices:\n  anna: { driver: manual, who: Anna }\n'),
  );
  const { code, out } = await rack.bailiff('check', '--config', file);
  expect(code).toBe(0);
  expect(out).toMatch(/^db2 {3}1 {6}anna {5}fit {2}attested by a person$/m);
  expect(out).toContain('only-a-person: As things stand now only a person can end the fencing of db2');
});

test('nothing of all this was an order', () => {
  for (const device of ['db1-bmc', 'db2-bmc'])
    expect(rack.lab.devices.get(device)?.count()).toMatchObject({ orders: { on: 0, off: 0, soft: 0, reset: 0, cycle: 0 } });
  expect([rack.lab.lamp('db1'), rack.lab.lamp('db2')]).toEqual([true, true]);
});

describe('two controllers that were swapped', () => {
  let other: TestRack;
  beforeAll(async () => {
    other = await TestRack.up({
      ...TWO_NODES,
      devices: ['db1', 'db2'].map((node) => ({ name: `${node}-rf`, kind: 'redfish', node })),
    });
  });
  afterAll(async () => await other.down());

  test('tell the name of the other node: not fit, before the wrong one is cut', async () => {
    expect((await other.json('check')).code).toBe(0);
    const text = await readFile(join(other.folder, 'bailiff.yaml'), 'utf8');
    const swapped = text.replace('[[{ device: db1-rf }]]', '[[{ device: X }]]').replace('[[{ device: db2-rf }]]', '[[{ device: db1-rf }]]');
    const file = await other.file('swapped.yaml', swapped.replace('{ device: X }', '{ device: db2-rf }'));
    const { code, value } = await other.json('check', '--config', file);
    const devices = value.devices as Seen['devices'];
    expect([code, devices.map(({ problems }) => problems.map((one) => one.code))]).toEqual([
      1,
      [['tells-another-node'], ['tells-another-node']],
    ]);
    expect(devices[0]?.problems[0]?.says).toContain('db1-rf says that its machine is called db1, which is db1 and not db2');
  });
});
