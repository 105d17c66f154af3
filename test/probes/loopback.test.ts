/** This machine asked by itself: no program, no privilege, and never more than a weak answer. */
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isThisMachine } from '../../src/probes/address.ts';
import { createPanel } from '../../src/probes/index.ts';
import { loopbackProbe } from '../../src/probes/loopback.ts';
import { ownRoute } from '../../src/probes/route.ts';
import { HandClock, realClock, settled } from './ports.ts';

const never = new AbortController().signal;
const hasV6 = networkInterfaces()['lo']?.some(({ address }) => address === '::1') === true;

describe('an address of this machine', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['0.0.0.0', true],
    ['::1', true],
    ['::', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::ffff:127.0.0.1', true],
    ['128.0.0.1', false],
    ['10.0.0.1', false],
    ['2001:db8::1', false],
    ['::ffff:10.0.0.1', false],
    ['localhost', false],
  ])('%s: %s', (address, is) => {
    expect(isThisMachine(address)).toBe(is);
  });

  it.each(['127.0.0.1', '127.8.9.10', '0.0.0.0', ...(hasV6 ? ['::1', '::'] : [])])('is asked without any program: %s', async (address) => {
    const run = () => {
      throw new Error('no program is needed for this');
    };
    const panel = createPanel({ clock: realClock, run, referenceIps: [{ kind: 'icmp', address }], links: [], self: { id: 'w' } });
    const { observations } = await panel.assess({ claim: 'dead', target: 'db1', survivors: [] }, { ms: 20_000 });
    expect(observations).toMatchObject([
      {
        answer: 'heard',
        grade: 'weak',
        via: 'loopback',
        says: 'this machine itself, asked without ping: it proves nothing about the network',
      },
    ]);
  });

  it('is unable where the address cannot be ours', async () => {
    expect(await loopbackProbe('192.0.2.1', realClock)({ ms: 20_000, signal: never })).toMatchObject({ answer: 'unable', via: 'loopback' });
  });

  it('is called off by an abort, and leaves no timer', async () => {
    const clock = new HandClock();
    const abort = new AbortController();
    const asked = loopbackProbe('127.0.0.1', clock)({ ms: 1_000, signal: abort.signal });
    abort.abort();
    expect(await asked).toMatchObject({ answer: 'unable' });
    await settled();
    expect(clock.pending).toBe(0);
  });
});

describe('our own routing table', () => {
  it('knows a way to the loopback, and looks up no name', async () => {
    expect(await ownRoute('127.0.0.1')).toBeUndefined();
    expect(await ownRoute('no-such-host.invalid')).toBeUndefined();
  });
});
