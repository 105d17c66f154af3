/** Weak answers and their control: what counts, and what an answer in the name of nobody disqualifies. */
import { describe, expect, it } from 'vitest';
import { NOBODY } from '../../src/probes/control.ts';
import { createPanel, type PanelSettings, type ReferenceIp } from '../../src/probes/index.ts';
import type { EchoSockets } from '../../src/probes/icmp-socket.ts';
import type { Observation } from '../../src/vocabulary/index.ts';
import { HandClock, handConnect, handRun, routed, settled, noSockets, WITHOUT_SOCKETS } from './ports.ts';

const ROUND_MS = 1_000;
const WITHOUT_PING = 'ping could not be run: it is not installed (install the Debian package iputils-ping)';

type Fate = string | undefined;

interface World {
  readonly references: readonly ReferenceIp[];
  /** `connect`, an error code, or undefined for silence; by protocol, address and port. */
  readonly answers: (protocol: 'tcp' | 'udp', address: string, port: number, nth: number) => Fate;
  readonly more?: Partial<PanelSettings>;
}

/** One round without ping, in a world that answers at once or never. */
const round = async ({ references, answers, more = {} }: World) => {
  const clock = new HandClock();
  const { run, pings } = handRun(clock);
  const asked: { protocol: string; address: string; port: number; destroyed: () => boolean }[] = [];
  const door = (protocol: 'tcp' | 'udp') => {
    const { connect } = handConnect();
    return (address: string, port: number) => {
      const attempt = connect(address, port) as ReturnType<typeof connect> & { emit(event: string): void; fail(code: string): void };
      const nth = asked.filter((one) => one.protocol === protocol && one.address === address && one.port === port).length;
      asked.push({ protocol, address, port, destroyed: () => 'destroyed' in attempt && attempt.destroyed === true });
      const fate = answers(protocol, address, port, nth);
      if (fate !== undefined) clock.after(1, () => (fate === 'connect' ? attempt.emit('connect') : attempt.fail(fate)));
      return attempt;
    };
  };
  const panel = createPanel({
    clock,
    run: (command, args) => {
      const child = run(command, args);
      pings.at(-1)?.finish({ failed: 'ENOENT' });
      return child;
    },
    connect: door('tcp'),
    udp: door('udp'),
    route: routed,
    native: noSockets,
    referenceIps: references,
    links: [],
    self: { id: 'w' },
    ...more,
  });
  let observations: readonly Observation[] | undefined;
  void panel.assess({ claim: 'dead', target: 'db1', survivors: [] }, { ms: ROUND_MS }).then((got) => (observations = got.observations));
  await clock.advance(ROUND_MS);
  await settled();
  expect(clock.pending).toBe(0);
  expect(asked.every(({ destroyed }) => destroyed())).toBe(true);
  return { observations: observations ?? [], asked };
};

const ROUTER: ReferenceIp = { kind: 'icmp', address: '10.0.0.254' };
const SERVICE: ReferenceIp = { kind: 'tcp', address: '10.0.0.53', port: 53 };
const nobody = (address: string): boolean => address === NOBODY[4] || address === NOBODY[6];

describe('a reference IP without any way to an ICMP echo', () => {
  it.each(['connect', 'ECONNREFUSED', 'ECONNRESET'])('is heard weakly by %s on any port, while nobody answers for nobody', async (fate) => {
    const { observations } = await round({
      references: [ROUTER],
      answers: (_, address, port) => (!nobody(address) && port === 22 ? fate : undefined),
    });
    expect(observations).toMatchObject([{ answer: 'heard', grade: 'weak', says: expect.stringContaining(WITHOUT_PING) }]);
  });

  it('is heard weakly by a refused datagram', async () => {
    const { observations } = await round({
      references: [ROUTER],
      answers: (protocol, address) => (!nobody(address) && protocol === 'udp' ? 'ECONNREFUSED' : undefined),
    });
    expect(observations).toMatchObject([{ answer: 'heard', grade: 'weak', via: 'udp refused' }]);
  });

  it('is not heard where our own firewall refuses everybody', async () => {
    const { observations, asked } = await round({ references: [ROUTER], answers: () => 'ECONNREFUSED' });
    expect(observations).toMatchObject([{ answer: 'unable', says: expect.stringContaining('192.0.2.1 too, where nobody is') }]);
    expect(observations[0]?.says).toContain(WITHOUT_PING);
    expect(asked.some(({ address }) => address === NOBODY[4])).toBe(true);
  });

  it.each(['connect', 'ECONNREFUSED', 'ECONNRESET'])(
    'is not heard where one control alone is answered (%s), on whichever port',
    async (fate) => {
      const { observations } = await round({
        references: [ROUTER],
        answers: (protocol, address, port) => {
          if (protocol === 'udp') return undefined;
          return nobody(address) ? (port === 80 ? fate : undefined) : 'ECONNREFUSED';
        },
      });
      expect(observations[0]?.answer).not.toBe('heard');
    },
  );

  it('is not heard where refusals are rate limited and only the last control is refused', async () => {
    const { observations } = await round({
      references: [ROUTER],
      answers: (_, address, __, nth) => (nobody(address) && nth < 2 ? undefined : 'ECONNREFUSED'),
    });
    expect(observations[0]?.answer).toBe('unable');
  });

  it.each(['ENETUNREACH', 'EACCES', 'EPERM', 'EINVAL', 'EADDRNOTAVAIL'])('is not heard where no control can be sent (%s)', async (code) => {
    const { observations } = await round({
      references: [ROUTER],
      answers: (_, address) => (nobody(address) ? code : 'ECONNREFUSED'),
    });
    expect(observations).toMatchObject([{ answer: 'unable', says: expect.stringContaining(`(${code})`) }]);
  });

  it('is not heard where our own routing table sends no control out', async () => {
    const { observations } = await round({
      references: [ROUTER],
      answers: (_, address) => (nobody(address) ? 'EHOSTUNREACH' : 'ECONNREFUSED'),
      more: { route: (address) => Promise.resolve(nobody(address) ? 'EHOSTUNREACH' : undefined) },
    });
    expect(observations[0]?.answer).toBe('unable');
  });

  it('is heard weakly where a router says that nobody is at the control address', async () => {
    const { observations } = await round({
      references: [ROUTER],
      answers: (_, address) => (nobody(address) ? 'EHOSTUNREACH' : 'ECONNREFUSED'),
    });
    expect(observations[0]).toMatchObject({ answer: 'heard', grade: 'weak' });
  });

  it('is silent where nobody answers at all, and says that ping is missing', async () => {
    const { observations } = await round({ references: [ROUTER], answers: () => undefined });
    expect(observations).toMatchObject([{ answer: 'silent', says: `${WITHOUT_SOCKETS}; ${WITHOUT_PING}; no answer on any port` }]);
  });

  it('has a control of its own for IPv6', async () => {
    const { observations, asked } = await round({
      references: [{ kind: 'icmp', address: '2001:db8:1::1' }, ROUTER],
      answers: (_, address) => (address === NOBODY[4] ? undefined : 'ECONNREFUSED'),
    });
    expect(observations).toMatchObject([{ answer: 'unable' }, { answer: 'heard', grade: 'weak' }]);
    expect(asked.some(({ address }) => address === NOBODY[6])).toBe(true);
  });

  it('shares one control among all that are asked', async () => {
    const references = Array.from({ length: 5 }, (_, i): ReferenceIp => ({ kind: 'icmp', address: `10.0.0.${i + 1}` }));
    const { asked } = await round({ references, answers: () => undefined });
    expect(asked.filter(({ address, port }) => address === NOBODY[4] && port === 443)).toHaveLength(3);
  });
});

describe('a configured service', () => {
  it('is heard fully where it accepts, whatever refuses for others', async () => {
    const { observations } = await round({
      references: [SERVICE],
      answers: (_, address) => (nobody(address) ? 'ECONNREFUSED' : 'connect'),
    });
    expect(observations).toMatchObject([{ answer: 'heard', via: 'tcp connect' }]);
    expect(observations[0]?.grade).toBeUndefined();
  });

  it('is not heard where a proxy accepts for everybody', async () => {
    const { observations } = await round({ references: [SERVICE], answers: () => 'connect' });
    expect(observations).toMatchObject([
      { answer: 'unable', via: 'tcp connect', says: expect.stringContaining('a proxy accepts for everybody') },
    ]);
  });

  it('is heard weakly where it refuses and the control is silent', async () => {
    const { observations } = await round({
      references: [SERVICE],
      answers: (_, address) => (nobody(address) ? undefined : 'ECONNREFUSED'),
    });
    expect(observations).toMatchObject([{ answer: 'heard', grade: 'weak', via: 'tcp refused' }]);
  });

  it('is not heard where its refusal is what everybody gets', async () => {
    const { observations } = await round({ references: [SERVICE], answers: () => 'ECONNREFUSED' });
    expect(observations).toMatchObject([{ answer: 'unable', via: 'tcp refused' }]);
  });

  it('is not heard where our own routing table sends nobody there, which has the error of a dead neighbour', async () => {
    const unreachable = { references: [SERVICE], answers: (): Fate => 'EHOSTUNREACH' };
    expect((await round(unreachable)).observations).toMatchObject([{ answer: 'silent' }]);
    const { observations } = await round({ ...unreachable, more: { route: () => Promise.resolve('EHOSTUNREACH') } });
    expect(observations).toMatchObject([{ answer: 'unable', says: 'our own routing table sends nobody there (EHOSTUNREACH)' }]);
  });
});

describe('the order of the ways', () => {
  const begin = (native: Partial<PanelSettings>['native']) => {
    const clock = new HandClock();
    const { run, pings } = handRun(clock);
    const { connect, attempts } = handConnect();
    const ports = { clock, run, connect, udp: connect, route: routed, ...(native === undefined ? {} : { native }) };
    const panel = createPanel({ ...ports, referenceIps: [ROUTER], links: [], self: { id: 'w' } });
    let observations: readonly Observation[] | undefined;
    void panel.assess({ claim: 'dead', target: 'db1', survivors: [] }, { ms: ROUND_MS }).then((got) => (observations = got.observations));
    return { clock, pings, attempts, seen: () => observations?.[0] };
  };
  const sent: string[] = [];
  const sockets: EchoSockets = {
    bytesOf: (address) => Buffer.from(address),
    open: (_, received) => ({
      kind: 'datagram',
      send: (message, address) => {
        sent.push(address);
        const reply = Buffer.from(message);
        reply.writeUInt8(0, 0);
        received(reply, Buffer.from(address));
        return undefined;
      },
      close: () => undefined,
    }),
  };

  it('an ICMP socket comes first, and no program is run', async () => {
    const { clock, pings, attempts, seen } = begin({ known: sockets, settled: () => Promise.resolve(sockets) });
    await clock.advance(1);
    expect(seen()).toMatchObject({ answer: 'heard', via: 'icmp (datagram socket)' });
    expect([pings, attempts]).toEqual([[], []]);
  });

  it('ping is asked while a child still tries the socket, and an answer waits for nobody', async () => {
    const { clock, pings, seen } = begin({ known: undefined, settled: () => new Promise(() => undefined) });
    await clock.advance(1);
    pings[0]?.finish({ code: 0 });
    await clock.advance(1);
    expect(seen()).toMatchObject({ answer: 'heard', via: 'ping' });
  });

  it('where ping is missing, what the child shows is waited for', async () => {
    let show: (native: EchoSockets) => void = () => undefined;
    const trial = new Promise<EchoSockets>((resolve) => (show = resolve));
    const { clock, pings, attempts, seen } = begin({ known: undefined, settled: () => trial });
    await clock.advance(1);
    pings[0]?.finish({ failed: 'ENOENT' });
    await clock.advance(1);
    expect([seen(), attempts]).toEqual([undefined, []]);
    show(sockets);
    await clock.advance(1);
    expect(seen()).toMatchObject({ answer: 'heard', via: 'icmp (datagram socket)' });
  });

  it('a trial that never ends leaves time for the weak ways, and nothing open at the end of the round', async () => {
    const { clock, pings, seen } = begin({ known: undefined, settled: () => new Promise(() => undefined) });
    await clock.advance(1);
    pings[0]?.finish({ failed: 'ENOENT' });
    await clock.advance(ROUND_MS);
    expect(seen()).toMatchObject({ answer: 'silent', says: `${WITHOUT_PING}; no answer on any port` });
    expect(clock.pending).toBe(0);
  });
});
