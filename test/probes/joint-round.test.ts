/** One round of reference IPs for all who ask at the same time, and nobody gets what began before he asked (S2). */
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../src/vocabulary/index.ts';
import { JointRounds } from '../../src/probes/joint-round.ts';
import { HandClock, handPanel, settled } from './ports.ts';

const WITHIN = { ms: 3_000 };

const rig = () => {
  const { clock, pings, attempts, panel } = handPanel({
    referenceIps: [{ kind: 'icmp', address: '10.0.0.254' }],
    links: [1, 2, 3].map((n) => ({ node: `db${n}`, name: 'cross', kind: 'tcp', address: `10.1.0.${n}:7201` })),
  });
  const came: (Assessment & { readonly target: string })[] = [];
  const ask = (target: string, signal?: AbortSignal, ms = WITHIN.ms): void => {
    const within = { ms, ...(signal === undefined ? {} : { signal }) };
    void panel.assess({ claim: 'dead', target, survivors: [] }, within).then((got) => came.push({ ...got, target }));
  };
  return { clock, pings, attempts, came, ask };
};

describe('who asks at the same time', () => {
  it('shares one question to each reference IP, and has the links of its own node', async () => {
    const { pings, attempts, came, ask } = rig();
    for (const node of ['db1', 'db2', 'db3']) ask(node);
    await settled();
    expect(pings).toHaveLength(1);
    expect(attempts.map(({ address }) => address)).toEqual(['10.1.0.1', '10.1.0.2', '10.1.0.3']);
    pings[0]?.finish({ code: 0 });
    for (const attempt of attempts) attempt.emit('connect');
    await settled();
    expect(came.map(({ target }) => target)).toEqual(['db1', 'db2', 'db3']);
    for (const { target, observations } of came)
      expect(observations).toMatchObject([
        { probe: 'reference-ip', answer: 'heard' },
        { probe: 'link', of: target, answer: 'heard' },
      ]);
  });

  it('and later than that gets an answer of a question that was asked later, however many come', async () => {
    const { clock, pings, attempts, came, ask } = rig();
    ask('db1');
    await settled();
    await clock.advance(1);
    for (const node of ['db2', 'db3']) ask(node);
    await settled();
    expect(pings).toHaveLength(1);
    pings[0]?.finish({ code: 0 });
    for (const attempt of attempts) attempt.emit('connect');
    await settled();
    expect(came.map(({ target }) => target)).toEqual(['db1']);
    await clock.advance(24);
    expect(pings.map(({ at }) => at)).toEqual([1_000_000, 1_000_025]);
    pings[1]?.finish({ code: 0 });
    await settled();
    expect(came.map(({ target, startedAt }) => [target, startedAt])).toEqual([
      ['db1', 1_000_000],
      ['db2', 1_000_001],
      ['db3', 1_000_001],
    ]);
    expect(clock.pending).toBe(0);
  });

  it('is back in his own time, also where he waited for the next round', async () => {
    const { clock, came, ask } = rig();
    ask('db1', undefined, 1_000);
    await clock.advance(1);
    ask('db2', undefined, 1_000);
    await clock.advance(1_000);
    expect(came.map(({ target }) => target)).toEqual(['db1', 'db2']);
    for (const { startedAt, endedAt } of came) expect(endedAt - startedAt).toBeLessThan(1_000);
  });

  it('does not lose it where another one is called off, and it ends with the last', async () => {
    const { pings, came, ask } = rig();
    const [first, second] = [new AbortController(), new AbortController()];
    ask('db1', first.signal);
    ask('db2', second.signal);
    await settled();
    first.abort();
    await settled();
    expect(came.map(({ target, observations }) => [target, observations[0]?.answer])).toEqual([['db1', 'unable']]);
    expect(pings.map(({ over }) => over)).toEqual([false]);
    second.abort();
    await settled();
    expect(pings.map(({ over }) => over)).toEqual([true]);
    expect(came).toHaveLength(2);
  });

  it('with another time has a round of his own', async () => {
    const { clock, pings, ask } = rig();
    ask('db1', undefined, 1_000);
    ask('db2', undefined, 2_000);
    await clock.advance(25);
    expect(pings.map((ping) => ping.args.at(-1))).toEqual(['10.0.0.254', '10.0.0.254']);
  });

  it('has no more time where the clock is set back before it begins', async () => {
    const clock = new HandClock();
    const given: number[] = [];
    const rounds = new JointRounds(({ ms }) => Promise.resolve([]).finally(() => given.push(ms)), clock);
    const joined = rounds.join({ ms: 1_000 });
    clock.pass(-60_000);
    expect(await joined).toEqual([]);
    expect(given).toEqual([1_000]);
  });
});
