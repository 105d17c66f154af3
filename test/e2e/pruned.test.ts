/** A past whose beginning is pruned: history and story tell what a snapshot knows, and say what they do not know. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonOf, restoredFrom } from '../../src/coordinator/restore.ts';
import { CORE_VERSION, EMPTY, type Event, type EventOf, type State, step } from '../../src/core/index.ts';
import type { Json, Store } from '../../src/coordinator/ports.ts';
import { openJournal, readJournal } from '../../src/store/index.ts';
import { TestRack, TWO_NODES } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
  await rack.configure({
    policy: { tieBreaker: 'reference-ips', storm: { targets: 9, within: '10m' } },
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '3s', listenAgain: '0s' },
  });
});
afterAll(async () => await rack.down());

type Unstamped<K extends Event['kind']> = Omit<EventOf<K>, 'at'>;

/** A coordinator of the past: it decides, and the journal keeps what happened. */
class Past {
  readonly #store: Store;
  state: State = EMPTY;
  now = Date.UTC(2030, 0, 1);

  constructor(store: Store) {
    this.#store = store;
  }

  async happens<K extends Event['kind']>(event: Unstamped<K>): Promise<readonly string[]> {
    this.now += 10;
    const stamped = { ...event, at: this.now } as unknown as Event;
    const { state, effects } = step(this.state, stamped);
    expect(await this.#store.append(this.now, jsonOf(stamped))).toEqual(expect.any(Number));
    this.state = state;
    return effects.map(({ kind }) => kind);
  }

  async asks(id: string, target: string, operation: string): Promise<void> {
    const command = { id, action: 'off' as const, target, by: 'anna', origin: 'person' as const, reason: 'tested', override: [] };
    await this.happens<'command'>({ kind: 'command', command, operation });
  }

  async hears(operation: string): Promise<readonly string[]> {
    const heard = { probe: 'reference-ip' as const, by: 'self', address: '127.0.0.1', answer: 'heard' as const, tookMs: 1 };
    const assessment = { startedAt: this.now, endedAt: this.now, observations: [heard] };
    return await this.happens<'assessed'>({ kind: 'assessed', operation, round: 1, assessment });
  }

  async fences(id: string, node: string, operation: string): Promise<void> {
    const outlet = { device: `${node}-bmc`, plug: '' };
    await this.asks(id, node, operation);
    expect(await this.hears(operation)).toContain('order');
    await this.happens<'ordered'>({ kind: 'ordered', operation, number: 1, outlet, order: { result: 'accepted' } });
    for (let reading = 0; reading < 2; reading += 1) {
      this.now += 50;
      const read = { power: 'off' as const, source: 'chassis', startedAt: this.now, endedAt: this.now + 1 };
      await this.happens<'read'>({ kind: 'read', operation, number: 1, outlet, reading: read });
    }
    expect(this.state.fenced.get(node)).toBeDefined();
  }

  async snapshot(): Promise<void> {
    expect(await this.#store.snapshot(this.now, JSON.parse(JSON.stringify(this.state)) as Json)).toBeUndefined();
  }
}

test('what a snapshot knows is told, and nothing that never was', async () => {
  expect((await rack.json('fence', 'db1', '--reason', 'tested')).code).toBe(0);
  const stateDir = join(rack.folder, 'state');
  const view = await readJournal(stateDir);
  if ('code' in view) throw new Error(view.says);
  const [first] = view.entries;
  if (first === undefined) throw new Error('nothing was journalled');
  const { policy } = first.event as unknown as Unstamped<'restored'>;
  await rm(stateDir, { recursive: true });

  const store = await openJournal(stateDir, { keepSegments: 1 });
  if ('code' in store) throw new Error(store.says);
  const past = new Past(store);
  const starts = { kind: 'restored' as const, policy, core: CORE_VERSION };
  await past.happens<'restored'>(starts);
  await past.fences('c1', 'db1', 'op-ended');
  await past.snapshot();
  await past.asks('c2', 'db2', 'op-open');
  await past.snapshot();
  // With db1 fenced, db2 may not go: a telling that had forgotten db1 would tell an order here.
  expect(await past.hears('op-open')).not.toContain('order');
  await past.asks('c3', 'db2', 'op-after');
  await store.close();

  const history = await rack.json('history');
  expect(history).toMatchObject({
    code: 0,
    value: {
      keptFrom: expect.stringContaining('2030-01-01'),
      operations: [
        { operation: 'op-ended', target: 'db1', outcome: 'confirmed' },
        { operation: 'op-open', target: 'db2', outcome: 'withheld', code: 'quorum-floor', by: 'anna', reason: 'tested' },
        { operation: 'op-after', target: 'db2', outcome: 'open', phase: 'verify', by: 'anna' },
      ],
    },
  });
  const shown = (await rack.bailiff('history')).out;
  expect(shown).toContain('The journal is kept from 2030-01-01');
  // Who asked is gone with the events, and is not made up.
  expect(shown).toMatch(/ op-ended +db1 +off +confirmed .* not kept +not kept\n/);

  const open = await rack.json('story', 'op-open');
  expect(open).toMatchObject({ code: 0, value: { pruned: { stood: { target: 'db2', phase: 'verify' } }, ended: { outcome: 'withheld' } } });
  const told = (await rack.bailiff('story', 'op-open')).out;
  expect(told).toMatch(
    /Pruned: what happened before 2030[\s\S]*anna began it \(tested\)[\s\S]*it stood at op-open off db2: verify[\s\S]*withheld/,
  );
  expect(told).not.toContain('order 1');

  const ended = await rack.bailiff('story', 'op-ended');
  expect(ended.code).toBe(0);
  expect(ended.out).toMatch(
    /Pruned[\s\S]*off of db1 began[\s\S]*level 1 \(off\) confirmed: db1-bmc, order accepted, read off, off[\s\S]*confirmed/,
  );

  expect((await rack.bailiff('story', 'op-after')).out).toMatch(/^2030[\s\S]*anna orders off of db2[\s\S]*It is still open\.\n$/);
  expect((await rack.json('story', 'c1')).value).toMatchObject({
    command: 'c1',
    outcome: 'confirmed',
    operations: [{ operation: 'op-ended' }],
  });
  expect(await rack.json('story', 'op-never')).toMatchObject({ code: 2, value: { code: 'operation-pruned' } });
});

test('what ended by the rules of an earlier version is not answered anew', async () => {
  const stateDir = join(rack.folder, 'state');
  const store = await openJournal(stateDir);
  if ('code' in store) throw new Error(store.says);
  const { snapshot, entries } = await store.load();
  const past = new Past(store);
  const state = restoredFrom(snapshot, entries);
  if ('code' in state) throw new Error(state.says);
  past.state = state;
  const { policy } = past.state;
  if (policy === undefined) throw new Error('nothing was in force');
  await past.happens<'restored'>({ kind: 'restored', policy, core: CORE_VERSION - 1 });
  await past.asks('c4', 'db2', 'op-older');
  expect(await past.hears('op-older')).not.toContain('order');
  await store.close();
  expect((await rack.json('history')).value).toMatchObject({ untold: expect.arrayContaining(['op-older']) });
  expect((await rack.bailiff('history')).out).toMatch(/Not listed, since an earlier version answered by other rules: .*op-older/);
  expect((await rack.bailiff('story', 'op-older')).out).toMatch(
    /anna orders off of db2[\s\S]*It has ended\. An earlier version answered it/,
  );
  expect((await rack.json('story', 'op-older')).value).toMatchObject({ untold: true });
});
