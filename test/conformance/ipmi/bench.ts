import { Secret } from '../../../drivers/contract.ts';
import type { Bench, RawSettings, Stand } from '../../../drivers/conformance/index.ts';
import { driver } from '../../../drivers/ipmi/driver.ts';
import { type Fault, Machine, MockBmc, realClock, SeededDice } from '../../../hardware-mocks/index.ts';
import { goldenFile } from '../golden.ts';
import { impostors, type Leaving, Tap, withinSession } from './tap.ts';

const USER = { name: 'fencer', password: 'fenc-er-pass' };
const KG = 'a-two-key-login-key';
const SEED = 7;

export interface Variant {
  readonly subject: string;
  readonly golden: string;
  /** Beside host, port, user and password. */
  readonly settings: RawSettings;
  readonly kg?: boolean;
}

/** The IPMI driver against a mock BMC over real UDP, with every control that there is. */
export function ipmiBench({ subject, golden, settings, kg = false }: Variant): Bench {
  return {
    subject,
    module: driver,
    plug: '',
    missingPlugs: ['1', '0', ' ', 'no-such-plug'],
    golden: goldenFile(golden),
    pace: { briefMs: 300, usualMs: 3_000, relayMs: 5_000 },
    fresh: async () => {
      const clock = realClock();
      const bmcs = (['on', 'off'] as const).map((power) => {
        const machine = new Machine({ name: 'node1', clock, on: power === 'on' });
        const dice = new SeededDice(SEED);
        return new MockBmc({
          machine,
          clock,
          users: [USER],
          bytes: (length) => dice.bytes(length),
          ...(kg ? { kg: new TextEncoder().encode(KG) } : {}),
        });
      });
      const [bmc, twin] = bmcs;
      if (bmc === undefined || twin === undefined) throw new Error('two BMCs were asked for');
      const tap = await Tap.start(bmc, twin);
      const raw = {
        ...settings,
        host: '127.0.0.1',
        port: tap.port,
        username: USER.name,
        password: Secret.fixed(USER.password),
        ...(kg ? { kg: Secret.fixed(KG) } : {}),
      };
      return standOn(bmc, tap, raw);
    },
  };
}

function standOn(bmc: MockBmc, tap: Tap, settings: RawSettings): Stand {
  const { machine, faults } = bmc;
  const fault = (each: Fault) => () => faults.apply({ seed: SEED, faults: [each] });
  const bend = (how: (reply: Uint8Array) => Uint8Array) => () => {
    tap.bend = (reply): readonly Leaving[] => [{ datagram: how(reply), from: 'bmc' }];
  };
  return {
    settings,
    lamp: () => (machine.lamp ? 'on' : 'off'),
    turn: (_plug, power) => machine.press(power),
    silence: () => {
      tap.silent = true;
    },
    halfOpen: () => {
      tap.halfOpen = true;
    },
    loseReplies: () => {
      tap.repliesLost = true;
    },
    ignoreOrders: fault({ kind: 'ignore-orders' }),
    keepBackReplies: () => tap.keepBack(),
    impostors: impostors(tap),
    garble: {
      'cut short': fault({ kind: 'truncate' }),
      'cut to the header': fault({ kind: 'truncate', keep: 16 }),
      empty: bend(() => new Uint8Array(0)),
      'far too long': fault({ kind: 'oversized' }),
      garbage: fault({ kind: 'garbage' }),
      'one bit turned over': bend((reply) =>
        reply.map((byte, at) => (at === reply.length - (withinSession(reply) ? 20 : 1) ? byte ^ 0x01 : byte)),
      ),
    },
    reboot: () => {
      faults.reboot(3_600_000);
      return () => faults.clear();
    },
    heal: () => {
      faults.clear();
      tap.heal();
    },
    wrongCredentials: { ...settings, password: Secret.fixed('wrong-password') },
    logins: () => bmc.count.sessions.opened,
    transcript: () => tap.transcript,
    release: () => tap.stop(),
  };
}
