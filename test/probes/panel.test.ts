import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Question, Deadline } from '../../src/coordinator/ports.ts';
import { NOBODY } from '../../src/probes/control.ts';
import { createPanel, type Link, type PanelSettings, type ReferenceIp } from '../../src/probes/index.ts';
import type { Assessment, Heard } from '../../src/vocabulary/index.ts';
import { HandClock, handConnect, handPanel, noSockets, settled } from './ports.ts';

const QUESTION: Question = { claim: 'dead', target: 'db1', survivors: ['db2'] };

const REFERENCES: readonly ReferenceIp[] = [
  { kind: 'icmp', address: '10.0.0.254' },
  { kind: 'tcp', address: '10.0.0.53', port: 53 },
];

const LINKS: readonly Link[] = [
  { node: 'db1', name: 'lan', kind: 'udp', address: '10.0.0.1:7101' },
  { node: 'db1', name: 'cross', kind: 'tcp', address: '10.1.0.1:7201' },
  { node: 'db1', name: 'serial', kind: 'serial', address: '/dev/ttyS1' },
  { node: 'db2', name: 'cross', kind: 'tcp', address: '10.1.0.2:7201' },
];

const begin = (within: Deadline, more: Partial<PanelSettings> = {}) => {
  const { clock, pings, attempts, panel } = handPanel({ referenceIps: REFERENCES, links: LINKS, ...more });
  let assessment: Assessment | undefined;
  let endedAt = 0;
  void panel.assess(QUESTION, within).then((got) => {
    assessment = got;
    endedAt = clock.now();
  });
  return { clock, pings, attempts, assessment: () => assessment, tookMs: () => endedAt - 1_000_000 };
};

const answers = (assessment: Assessment | undefined): readonly Heard[] => (assessment?.observations ?? []).map(({ answer }) => answer);

describe('the panel', () => {
  it('asks everything at once and brings back one assessment in the order of the configuration', async () => {
    const { clock, pings, attempts, assessment } = begin({ ms: 3_000 });
    await settled();
    expect(pings.map((ping) => ping.args.at(-1))).toEqual(['10.0.0.254']);
    expect(attempts.map(({ address, tcpPort }) => [address, tcpPort])).toEqual([
      ['10.1.0.1', 7201],
      ['192.0.2.1', 53],
      ['10.0.0.53', 53],
    ]);
    await clock.advance(20);
    attempts[0]?.fail('ECONNREFUSED');
    await clock.advance(20);
    pings[0]?.finish({ code: 0 });
    attempts[2]?.emit('connect');
    await settled();
    const sentinel = 'needs the sentinel on db1, which is not running here';
    const refused = 'the connection was refused, by that address or by a firewall in its name';
    expect(assessment()).toEqual({
      startedAt: 1_000_000,
      endedAt: 1_000_040,
      observations: [
        { probe: 'reference-ip', by: 'self', address: '10.0.0.254', answer: 'heard', via: 'ping', tookMs: 40 },
        { probe: 'reference-ip', by: 'self', address: '10.0.0.53', answer: 'heard', via: 'tcp connect', tookMs: 40 },
        { probe: 'link', by: 'self', of: 'db1', link: 'lan', answer: 'unable', says: sentinel, tookMs: 0 },
        {
          probe: 'link',
          by: 'self',
          of: 'db1',
          link: 'cross',
          answer: 'heard',
          grade: 'weak',
          via: 'tcp refused',
          says: refused,
          tookMs: 20,
        },
        { probe: 'link', by: 'self', of: 'db1', link: 'serial', answer: 'unable', says: sentinel, tookMs: 0 },
      ],
    });
    expect(clock.pending).toBe(0);
  });

  it('does not ask our own links', async () => {
    const { attempts, assessment, pings } = begin({ ms: 100 }, { self: { id: 'court-a', node: 'db1' }, referenceIps: [] });
    await settled();
    expect([attempts, pings]).toEqual([[], []]);
    expect(assessment()?.observations).toEqual([]);
  });

  it('tells a tcp link without a usable address', async () => {
    const links: Link[] = ['', '10.0.0.1', '10.0.0.1:0', '10.0.0.1:99999', '-x:80', '[::1', '::1:80'].map((address) => ({
      node: 'db1',
      name: `l${address}`,
      kind: 'tcp',
      address,
    }));
    const { assessment, attempts } = begin(
      { ms: 100 },
      { referenceIps: [], links: [...links, { node: 'db1', name: 'none', kind: 'tcp' }] },
    );
    await settled();
    expect(new Set(answers(assessment()))).toEqual(new Set(['unable']));
    expect(attempts).toEqual([]);
    const v6 = begin({ ms: 100 }, { referenceIps: [], links: [{ node: 'db1', name: 'v6', kind: 'tcp', address: '[::1]:80' }] });
    await settled();
    expect(v6.attempts.map(({ address, tcpPort }) => [address, tcpPort])).toEqual([['::1', 80]]);
  });

  it('is back before its deadline with silence as silence', async () => {
    const { clock, assessment, tookMs } = begin({ ms: 1_000 });
    await clock.advance(999);
    expect(answers(assessment())).toEqual(['silent', 'silent', 'unable', 'silent', 'unable']);
    expect(tookMs()).toBeLessThan(1_000);
    expect(clock.pending).toBe(0);
  });

  it('is called off at once, keeping what was heard', async () => {
    const abort = new AbortController();
    const { clock, attempts, pings, assessment, tookMs } = begin({ ms: 3_000, signal: abort.signal });
    await settled();
    attempts[2]?.emit('connect');
    await clock.advance(10);
    abort.abort();
    await settled();
    expect(answers(assessment())).toEqual(['unable', 'heard', 'unable', 'unable', 'unable']);
    expect(tookMs()).toBe(10);
    expect(attempts.every(({ destroyed }) => destroyed)).toBe(true);
    expect(pings.every(({ over }) => over)).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('asks nobody when it is called off beforehand', async () => {
    const { attempts, pings, assessment } = begin({ ms: 3_000, signal: AbortSignal.abort() });
    await settled();
    expect([attempts, pings]).toEqual([[], []]);
    expect(new Set(answers(assessment()))).toEqual(new Set(['unable']));
  });

  it('takes a probe that throws for unable', async () => {
    const connect = () => {
      throw new Error('no more sockets');
    };
    const { clock, assessment } = begin({ ms: 1_000 }, { connect, referenceIps: [] });
    await clock.advance(0);
    const cross = assessment()?.observations[1];
    expect(cross).toMatchObject({ answer: 'unable', says: 'the probe failed (no more sockets)' });
  });

  it('hears silence in time from every probe, also where the first ones take long to begin', async () => {
    const clock = new HandClock();
    const { connect } = handConnect();
    const slow = (address: string, tcpPort: number) => {
      clock.pass(40);
      return connect(address, tcpPort);
    };
    const referenceIps = [1, 2, 3].map((port): ReferenceIp => ({ kind: 'tcp', address: '127.0.0.1', port }));
    const panel = createPanel({ clock, connect: slow, native: noSockets, referenceIps, links: [], self: { id: 'w' } });
    let assessment: Assessment | undefined;
    void panel.assess(QUESTION, { ms: 1_000 }).then((got) => (assessment = got));
    await clock.advance(1_000);
    expect(answers(assessment)).toEqual(['silent', 'silent', 'silent']);
  });

  it('has never more probes under way than it may, and shares the time among the waves', async () => {
    const referenceIps = Array.from({ length: 10 }, (_, i): ReferenceIp => ({ kind: 'tcp', address: `10.0.0.${i}`, port: 1 }));
    const { clock, attempts, assessment, tookMs } = begin({ ms: 1_000 }, { referenceIps, links: [], atOnce: 4 });
    const asked = () => attempts.filter(({ address }) => address !== NOBODY[4]);
    let most = 0;
    for (let i = 0; i < 100; i += 1) {
      await clock.advance(10);
      most = Math.max(most, asked().filter(({ destroyed }) => !destroyed).length);
    }
    expect(most).toBe(4);
    expect(asked()).toHaveLength(10);
    expect(answers(assessment())).toEqual(Array.from({ length: 10 }, () => 'silent'));
    expect(tookMs()).toBeLessThan(1_000);
  });

  it('is back in time with one true observation per step, whatever the ports do and when', async () => {
    const fate = fc.record({ after: fc.integer({ min: 0, max: 1_500 }), how: fc.constantFrom('connect', 'ECONNREFUSED', 'ENETUNREACH') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 12 }),
        fc.option(fate, { nil: undefined }),
        async (fates, ms, atOnce, control) => {
          const clock = new HandClock();
          const { connect: make } = handConnect();
          const connect = (address: string, tcpPort: number) => {
            const attempt = make(address, tcpPort) as ReturnType<typeof make> & { emit(event: string): void; fail(code: string): void };
            const due = address === NOBODY[4] ? control : (fates[tcpPort - 1] ?? { after: 0, how: 'connect' });
            if (due === undefined) return attempt;
            const { after, how } = due;
            clock.after(after, () => (how === 'connect' ? attempt.emit('connect') : attempt.fail(how)));
            return attempt;
          };
          const referenceIps = fates.map((_, i): ReferenceIp => ({ kind: 'tcp', address: '10.0.0.1', port: i + 1 }));
          const panel = createPanel({ clock, connect, native: noSockets, referenceIps, links: [], self: { id: 'w' }, atOnce });
          let assessment: Assessment | undefined;
          void panel.assess(QUESTION, { ms }).then((got) => (assessment = got));
          await clock.advance(ms);
          expect(assessment?.observations).toHaveLength(fates.length);
          expect((assessment?.endedAt ?? Infinity) - 1_000_000).toBeLessThan(fates.length === 0 ? 1 : ms);
          for (const [i, observation] of (assessment?.observations ?? []).entries()) {
            const { after, how } = fates[i] as (typeof fates)[number];
            if (observation.answer === 'heard')
              expect([how, observation.tookMs >= after]).toEqual([expect.not.stringMatching('ENET'), true]);
            if (observation.grade === 'weak') expect([how, control?.after === 0]).toEqual(['ECONNREFUSED', false]);
            // A refusal is spoilt by any answer in the name of nobody (or where that cannot be asked), accepting by accepting alone.
            if (observation.answer === 'unable' && how !== 'ENETUNREACH')
              expect([how, control?.how]).toEqual(how === 'connect' ? ['connect', 'connect'] : ['ECONNREFUSED', expect.any(String)]);
            if (observation.answer === 'silent') expect(after).toBeGreaterThanOrEqual(observation.tookMs);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
