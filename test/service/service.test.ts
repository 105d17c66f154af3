/** The service through nothing but its interface; the same on memory with virtual time, and on the real ports. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventView, Principal } from '../../src/service/service.ts';
import { real, simulated, type World } from './worlds.ts';

const ANNA: Principal = { name: 'anna', role: 'person', known: 'login' };
const HOOK: Principal = { name: 'drbd', role: 'program', known: 'stated' };
const GUEST: Principal = { name: 'guest', role: 'viewer', known: 'stated' };

const off = (id: string) => ({ id, action: 'off', target: 'db1', reason: 'disk hangs' }) as const;

describe.each([
  ['memory, simulated devices, virtual time', simulated],
  ['a journal on disk, BMCs over UDP', real],
])('the service on %s', (_name, begin) => {
  let world: World;

  beforeEach(async () => {
    world = await begin();
  });

  afterEach(async () => await world.close());

  const signed = async (id: string, more: object = {}): Promise<string> =>
    await world.sign({
      id,
      cluster: 'orders',
      epoch: 1,
      claim: 'misbehaving',
      targets: ['db1'],
      survivors: ['db2', 'db3'],
      issuer: 'arb-1',
      issuedAt: new Date(world.now()).toISOString(),
      expiresAt: new Date(world.now() + 3_600_000).toISOString(),
      reason: 'quorum lost',
      ...more,
    });

  const told = async (after: number, until: number): Promise<readonly EventView[]> => {
    const events: EventView[] = [];
    for await (const event of world.service.events(after)) {
      events.push(event);
      if (event.position >= until) break;
    }
    return events;
  };

  it('cuts a node, proves it, shows it, and brings it back', async () => {
    const { service } = world;
    expect(await world.comes(service.command(ANNA, off('c1')))).toMatchObject({
      outcome: 'confirmed',
      operations: [{ target: 'db1', action: 'off', outcome: 'confirmed', levels: [{ level: 1, result: 'confirmed' }] }],
    });
    expect(world.power()).toBe('off');
    const [db1, db2] = (await world.comes(service.status(['db1', 'db2']))).nodes;
    expect(db1).toMatchObject({ name: 'db1', mark: { how: 'confirmed' }, contradicted: false, outlets: [{ reading: { power: 'off' } }] });
    expect(db2).toMatchObject({ name: 'db2', contradicted: false, outlets: [{ reading: { power: 'on' } }] });
    expect(service.operations()).toMatchObject({ open: [], ended: [{ target: 'db1', outcome: 'confirmed' }] });
    expect(await world.comes(service.command(ANNA, { ...off('c2'), action: 'on' }))).toMatchObject({ outcome: 'confirmed' });
    expect(world.power()).toBe('on');
  });

  it('takes a verdict only as its arbiter signed it, and carries it out when a person has approved it', async () => {
    const { service } = world;
    const jws = await signed('v1');
    const before = service.readiness().position;
    const forged = `${jws.slice(0, -4)}${jws.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    expect(await world.comes(service.submit(forged))).toMatchObject({ outcome: 'refused', problem: { code: 'bad-signature' } });
    expect(service.readiness().position).toBe(before);
    const held = await world.comes(service.submit(jws));
    if (!('pending' in held)) throw new Error(`it was answered ${held.outcome}`);
    expect(held).toMatchObject({ outcome: 'withheld', problem: { code: 'awaiting-approval' }, pending: [{ waitsFor: 'approval' }] });
    const operation = held.pending[0]?.shown.operation ?? '';
    const decision = { id: 'a1', operation, reason: 'seen it' };
    expect(await world.comes(service.approve(HOOK, decision))).toMatchObject({ outcome: 'refused', problem: { code: 'not-allowed' } });
    expect(world.power()).toBe('on');
    expect(await world.comes(service.approve(ANNA, decision))).toMatchObject({ outcome: 'confirmed' });
    expect(await world.comes(service.submit(jws))).toMatchObject({ outcome: 'confirmed', operations: [{ operation }] });
    expect(world.power()).toBe('off');
  });

  it('journals who asked from the principal alone, and lets nobody do what they may not', async () => {
    const { service } = world;
    expect(await world.comes(service.command(GUEST, off('c1')))).toMatchObject({ outcome: 'refused', problem: { code: 'not-allowed' } });
    expect(await service.setEpoch(HOOK, { epoch: 7, reason: 'why' })).toMatchObject({ code: 'not-allowed' });
    expect(await world.comes(service.attest(HOOK, { id: 'c2', target: 'db1', reason: 'why' }))).toMatchObject({
      problem: { code: 'not-allowed' },
    });
    // What somebody wrote, passed on as it is: types do not hold it back.
    const written = { ...off('c3'), action: 'attest' } as unknown as Parameters<typeof service.command>[1];
    expect(await world.comes(service.command(HOOK, written))).toMatchObject({ outcome: 'refused', problem: { code: 'wrong-request' } });
    for (const epoch of [Number.NaN, -1, 1.5, 1e308])
      expect(await service.setEpoch(ANNA, { epoch, reason: 'why' })).toMatchObject({ code: 'wrong-request' });
    expect(await service.setEpoch(ANNA, { epoch: 7, reason: '' })).toMatchObject({ code: 'wrong-request' });
    const { position } = service.readiness();
    // The policy wants a person for what a program asks.
    expect(await world.comes(service.command(HOOK, off('c3')))).toMatchObject({ problem: { code: 'awaiting-approval' } });
    const denied = service.operations().open[0]?.shown.operation ?? '';
    expect(await world.comes(service.deny(ANNA, { id: 'd1', operation: denied, reason: 'not now' }))).toMatchObject({
      outcome: 'withheld',
      problem: { code: 'denied' },
    });
    const since = await told(position, service.readiness().position);
    expect(since.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['command', 'denied']));
    expect(since.find(({ kind }) => kind === 'command')?.says).toContain('drbd');
    expect(since.find(({ kind }) => kind === 'denied')?.says).toContain('anna');
    expect(world.power()).toBe('on');
  });

  it('tells each event once, to those who were there and to those who come later', async () => {
    const { service } = world;
    const left = new AbortController();
    const live: EventView[] = [];
    const listening = (async () => {
      for await (const event of service.events(0, left.signal)) live.push(event);
    })();
    await world.comes(service.command(ANNA, off('c1')));
    const { position } = service.readiness();
    const late = await told(0, position);
    expect(late.map((event) => event.position)).toEqual(Array.from({ length: position }, (_, at) => at + 1));
    while (live.length < position) await new Promise((resolve) => setImmediate(resolve));
    left.abort();
    await listening;
    expect(live.slice(0, position)).toEqual(late);
  });

  it('gives the same answer in its next life, and follows its journal there', async () => {
    const first = await world.comes(world.service.command(ANNA, off('c1')));
    const { position } = world.service.readiness();
    await world.again();
    expect(await world.comes(world.service.command(ANNA, off('c1')))).toEqual(first);
    expect((await told(position, position + 1)).map(({ kind }) => kind)).toEqual(['restored']);
    expect(world.service.readiness()).toMatchObject({ ready: true, problems: [] });
    expect((await world.comes(world.service.status(['db1']))).nodes[0]).toMatchObject({ mark: { how: 'confirmed' } });
  });

  it('plans without touching anything', async () => {
    const { service } = world;
    const { position } = service.readiness();
    expect(await service.plan({ node: 'db1', reboot: true })).toMatchObject({ plans: [{ node: 'db1' }] });
    expect(await world.comes(service.plan({ jws: await signed('v1') }))).toMatchObject({
      verdict: { id: 'v1', epoch: 1 },
      plans: [{ node: 'db1' }],
    });
    expect(await world.comes(service.plan({ jws: await signed('v2', { cluster: 'other' }) }))).toMatchObject({
      answer: { outcome: 'refused', problem: { code: 'other-cluster' } },
    });
    expect(service.readiness().position).toBe(position);
    expect(world.power()).toBe('on');
  });

  it('looks at devices beside a fencing, and keeps nobody waiting', async () => {
    const { service } = world;
    const fenced = service.command(ANNA, off('c1'));
    const seen = await world.comes(
      Promise.all([
        service.devices.health('bmc-db1', 5000),
        service.devices.list('bmc-db1', 5000),
        service.devices.status({ device: 'bmc-db2', plug: '' }, 5000),
        service.devices.health('bmc-db2', 5000),
      ]),
    );
    expect(seen).toMatchObject([{ ok: true }, { code: 'outlets-not-listed' }, { power: 'on' }, { ok: true }]);
    expect(await world.comes(fenced)).toMatchObject({ outcome: 'confirmed' });
  });

  it('lets a person set the epoch, and then older verdicts are stale', async () => {
    const { service } = world;
    expect(await world.comes(service.setEpoch(ANNA, { epoch: 5, reason: 'the arbiter was set up anew' }))).toEqual({ before: 0 });
    expect(await world.comes(service.submit(await signed('v1')))).toMatchObject({ outcome: 'refused', problem: { code: 'stale-epoch' } });
  });
});
