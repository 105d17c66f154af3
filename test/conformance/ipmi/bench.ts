import { Secret } from '../../../drivers/kit/contract.ts';
import type { Bench, RawSettings, Stand } from '../../../drivers/conformance/index.ts';
import { driver } from '../../../drivers/ipmi/driver.ts';
import { type Fault, Machine, MockBmc, realClock, SeededRandom } from '../../../hardware-mocks/index.ts';
import { goldenFile } from '../golden.ts';
import { Tap } from '../tap.ts';
import { tapControls } from './controls.ts';
import { withinSession } from './session.ts';
import { type Twins, twins } from './twin.ts';

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

/** The tap is at hand too, for whoever wants to bend more. */
export interface TappedStand extends Stand {
  readonly tap: Tap;
  readonly twins: Twins;
}

export interface TappedBench extends Bench {
  fresh(): Promise<TappedStand>;
}

/** The IPMI driver against a mock BMC over real UDP, with every control that there is. */
export function ipmiBench({ subject, golden, settings, kg = false }: Variant): TappedBench {
  return {
    subject,
    module: driver,
    plug: '',
    missingPlugs: ['1', '0', ' ', 'no-such-plug'],
    golden: goldenFile(golden),
    pace: { briefMs: 150, usualMs: 3_000, relayMs: 5_000 },
    fresh: async () => {
      const clock = realClock();
      const bmcs = (['on', 'off'] as const).map((power) => {
        const machine = new Machine({ name: 'node1', clock, on: power === 'on' });
        const random = new SeededRandom(SEED);
        return new MockBmc({
          machine,
          clock,
          users: [USER],
          bytes: (length) => random.bytes(length),
          ...(kg ? { kg: new TextEncoder().encode(KG) } : {}),
        });
      });
      const [bmc, twin] = bmcs;
      if (bmc === undefined || twin === undefined) throw new Error('two BMCs were asked for');
      const behind = twins(bmc, twin);
      const tap = await Tap.start(behind, (asked) => !withinSession(asked));
      const raw = {
        ...settings,
        host: '127.0.0.1',
        port: tap.port,
        username: USER.name,
        password: Secret.fixed(USER.password),
        ...(kg ? { kg: Secret.fixed(KG) } : {}),
      };
      return standOn(bmc, tap, behind, raw);
    },
  };
}

function standOn(bmc: MockBmc, tap: Tap, behind: Twins, settings: RawSettings): TappedStand {
  const { machine, faults } = bmc;
  const fault = (each: Fault) => () => faults.apply({ seed: SEED, faults: [each] });
  const controls = tapControls(tap, behind);
  return {
    ...controls,
    tap,
    twins: behind,
    settings,
    lamp: () => (machine.lamp ? 'on' : 'off'),
    turn: (_plug, power) => machine.press(power),
    ignoreOrders: fault({ kind: 'ignore-orders' }),
    garble: {
      ...controls.garble,
      'cut short': fault({ kind: 'truncate' }),
      'far too long': fault({ kind: 'oversized' }),
      garbage: fault({ kind: 'garbage' }),
    },
    reboot: () => {
      faults.reboot(3_600_000);
      return () => faults.clear();
    },
    heal: () => {
      faults.clear();
      controls.heal();
    },
    wrongCredentials: { ...settings, password: Secret.fixed('wrong-password') },
    logins: () => bmc.count.sessions.opened,
    transcript: () => tap.transcript,
    release: () => tap.stop(),
  };
}
