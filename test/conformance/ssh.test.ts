/** The SSH driver keeps its promises on the mock, over real TCP on loopback: on a terminal, by exec, and on a controller without plugs. */
import { describe, expect, it } from 'vitest';
import { type Bench, conformance, type Stand } from '../../drivers/conformance/index.ts';
import { Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ssh/driver.ts';
import type { Fault } from '../../hardware-mocks/faults.ts';
import { rack } from '../ssh/rack.ts';
import { goldenFile } from './golden.ts';

interface Subject {
  readonly dialect: string;
  readonly plug: string;
  readonly secondPlug?: string;
  readonly missingPlugs?: readonly string[];
  /** A line about another plug, or an answer nobody asked for, that says off. */
  readonly lies: Readonly<Record<string, string>>;
}

async function stand(subject: Subject): Promise<Stand> {
  const { mock, lamp, turn, settings, close } = await rack(subject.dialect);
  const faults = (...list: readonly Fault[]): void => mock.faults.apply({ seed: 20, faults: list });
  return {
    settings,
    lamp,
    turn,
    silence: () => faults({ kind: 'mute' }),
    loseReplies: () => faults({ kind: 'mute', direction: 'out' }),
    ignoreOrders: () => faults({ kind: 'ignore-orders' }),
    keepBackReplies: () => mock.keepBack(),
    halfOpen: () => {
      mock.freeze();
      mock.manners.halfOpen = true;
    },
    impostors: Object.fromEntries(
      Object.entries(subject.lies).map(([name, lie]) => [
        name,
        () => {
          mock.manners.slipIn = lie;
        },
      ]),
    ),
    garble: {
      'an answer cut short': () => faults({ kind: 'truncate', keep: 5 }),
      garbage: () => faults({ kind: 'garbage' }),
      'an endless answer': () => faults({ kind: 'oversized', bytes: 60_000 }, { kind: 'duplicate' }),
    },
    reboot: () => {
      mock.faults.reboot(3_600_000);
      return () => mock.faults.clear();
    },
    heal: () => {
      mock.faults.clear();
      mock.manners.halfOpen = false;
      delete mock.manners.slipIn;
    },
    wrongCredentials: { ...settings, password: Secret.fixed('not the right one') },
    logins: () => mock.count.logins,
    connections: () => mock.open,
    // The goodbye of a closed terminal may or may not have arrived by now.
    transcript: () => mock.log.filter((line) => line !== '> exit'),
    release: close,
  };
}

const benchOf = (subject: Subject): Bench => {
  const { dialect, plug, secondPlug, missingPlugs } = subject;
  return {
    subject: `ssh on the mock, ${dialect}`,
    module: driver,
    plug,
    ...(secondPlug === undefined ? {} : { secondPlug }),
    ...(missingPlugs === undefined ? {} : { missingPlugs }),
    golden: goldenFile(`ssh-${dialect}`),
    fresh: () => stand(subject),
  };
};

const APC: Subject = {
  dialect: 'apc-aos',
  plug: '2',
  secondPlug: '3',
  missingPlugs: ['5', '0', '02', 'all', '2,3'],
  lies: {
    'a line about another plug': ' 3: Outlet 3: Off\r\n',
    'a whole answer nobody asked for': 'E000: Success\r\n 2: Outlet 2: Off\r\napc>',
  },
};
const LIBVIRT: Subject = {
  dialect: 'libvirt',
  plug: 'db1',
  secondPlug: 'db2',
  missingPlugs: ['db3', 'db', 'DB1', 'db1 db2', '--all'],
  lies: { 'an answer before the answer': 'shut off\n' },
};
const ILO: Subject = {
  dialect: 'hpe-ilo',
  plug: '',
  missingPlugs: ['1', 'system1'],
  lies: { 'an answer before the answer': 'enabledstate=disabled\r\n' },
};

describe('conformance of the SSH driver', () => {
  it.each([APC, LIBVIRT])('keeps every promise with $dialect', { timeout: 180_000 }, async (subject) => {
    const results = await conformance(benchOf(subject));
    expect(results.filter(({ result }) => result !== 'kept').map(({ id, result, says }) => `${id} ${result}: ${says}`)).toEqual([]);
    expect(results).toHaveLength(21);
  });

  it('keeps those that depend on it with hpe-ilo, which has one outlet without a name', { timeout: 180_000 }, async () => {
    const only = ['C01', 'C02', 'C03', 'C07', 'C08', 'C14', 'C15', 'C20'];
    const results = await conformance(benchOf(ILO), { only });
    expect(results.map(({ id, result, says }) => `${id} ${result === 'kept' ? result : says}`)).toEqual(only.map((id) => `${id} kept`));
  });
});
