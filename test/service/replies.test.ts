/** Who asked is found by what an event is about; what is open beside it is not looked at. */
import { describe, expect, it } from 'vitest';
import { digestOfCommand, type Event, type State, type Step } from '../../src/core/index.ts';
import { Concerns } from '../../src/service/concerns.ts';
import { type Carried, Replies } from '../../src/service/replies.ts';
import { Bench, command, settled } from '../coordinator/ports.ts';

const approval = (bench: Bench): void => {
  bench.policy = { ...bench.policy, mode: 'approval' };
};

const program = (id: string, target: string) => ({ ...command(id, target), origin: 'program' as const });

/** A state that tells when all of its operations are walked over. */
function watched(state: State, walked: () => void): State {
  const operations = new Proxy(state.operations, {
    get: (all, name) => {
      if (['keys', 'values', 'entries', 'parts', Symbol.iterator].includes(name)) walked();
      const member: unknown = Reflect.get(all, name, all);
      return typeof member === 'function' ? (member as () => unknown).bind(all) : member;
    },
  });
  return { ...state, operations };
}

interface Seen {
  readonly event: Event;
  readonly after: Step;
}

/** Five operations that wait for a person, and every event up to there. */
async function five(): Promise<readonly Seen[]> {
  const bench = new Bench();
  approval(bench);
  const seen: Seen[] = [];
  const loop = await bench.start({ watch: (event, after) => seen.push({ event, after }) });
  for (const index of [1, 2, 3, 4, 5]) loop.command(program(`c${index}`, `db${index}`));
  await bench.pass(200);
  await loop.close();
  return seen;
}

describe('what an event concerns', () => {
  it('is its own operation, and no other one is walked over', async () => {
    const seen = await five();
    const concerns = new Concerns();
    let walks = 0;
    for (const { event, after } of seen) {
      const state = watched(after.state, () => (walks += 1));
      const about = concerns.of(event, { ...after, state });
      if (event.kind === 'assessed') expect(about).toEqual([event.operation]);
      if (event.kind === 'command') expect(about).toEqual([event.operation]);
    }
    expect(walks).toBe(seen.filter(({ event }) => event.kind === 'restored').length);
  });

  it('is the open operation on its target where a command joins it, and all of them after a start', async () => {
    const seen = await five();
    const concerns = new Concerns();
    for (const { event, after } of seen) concerns.of(event, after);
    const last = seen.at(-1);
    if (last === undefined) throw new Error('nothing happened');
    const open = last.after.state.operations.values();
    expect(open).toHaveLength(5);
    const joining: Event = { kind: 'command', at: 1, command: program('c9', 'db3'), operation: 'not opened' };
    expect(concerns.of(joining, { state: last.after.state, effects: [] })).toEqual([open.find(({ target }) => target === 'db3')?.id]);
    const again: Event = { kind: 'resumed', at: 1, operations: [] };
    expect(concerns.of(again, { state: last.after.state, effects: [] })).toHaveLength(5);
    const foreign: Event = { kind: 'approved', at: 1, id: 'a1', operation: 'constructor', by: 'anna', reason: 'why' };
    expect(concerns.of(foreign, { state: last.after.state, effects: [] })).toEqual([]);
  });
});

describe('who waits', () => {
  it('is told once that a person is awaited, by id and content, and is forgotten then', async () => {
    const seen = await five();
    const { state } = seen.at(-1)?.after ?? { state: undefined };
    if (state === undefined) throw new Error('nothing happened');
    const replies = new Replies();
    const told: string[] = [];
    const listen = (name: string, { carried }: { readonly carried: Promise<Carried> }): void => {
      void carried.then(
        (came) => told.push(`${name} ${'answer' in came ? came.answer.outcome : came.problem.code}`),
        (error: unknown) => told.push(`${name} ${String(error)}`),
      );
    };
    const content = digestOfCommand(program('c2', 'db2'));
    listen('own', replies.expect({ kind: 'command', id: 'c2', content }));
    listen('altered', replies.expect({ kind: 'command', id: 'c2', content: 'something else' }));
    listen('other', replies.expect({ kind: 'command', id: 'c3', content: digestOfCommand(program('c3', 'db3')) }));
    const own = state.operations.values().find(({ target }) => target === 'db2');
    replies.look(state, [own?.id ?? '']);
    await settled();
    expect(told).toEqual(['own awaiting-approval']);
    expect(replies.size).toBe(2);
    replies.answer({ kind: 'command', id: 'c2', content: 'something else' }, { outcome: 'refused', operations: [] });
    await settled();
    expect(told).toEqual(['own awaiting-approval', 'altered refused']);
    replies.fail(new Error('broken'));
    listen('late', replies.expect({ kind: 'verdict', id: 'v1' }));
    await settled();
    expect(told.slice(2)).toEqual(['other Error: broken', 'late Error: broken']);
    expect(replies.size).toBe(0);
  });
});
