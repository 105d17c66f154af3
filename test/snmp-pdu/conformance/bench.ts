import type { Bench, RawSettings, Stand } from '../../../drivers/conformance/index.ts';
import { Secret } from '../../../drivers/kit/contract.ts';
import { driver } from '../../../drivers/snmp-pdu/driver.ts';
import { type Fault, realClock, SeededRandom } from '../../../hardware-mocks/index.ts';
import { familyNamed, MockPdu, type PduUser } from '../../../hardware-mocks/pdu/index.ts';
import { goldenFile } from '../../conformance/golden.ts';
import { type Behind, type Leaving, Tap } from '../../conformance/tap.ts';
import { plugOfOutlet } from '../stage.ts';
import { type Impostor, isDiscovery, replay, twinSays, unprotected } from './forged.ts';

const SEED = 11;
const COMMUNITY = 'write-community';
export const USER: PduUser = {
  name: 'fencer',
  auth: { digest: 'sha256', password: 'auth-password' },
  priv: { cipher: 'aes', password: 'priv-password' },
};

export interface Variant {
  readonly profile: string;
  readonly version: '1' | '2c' | '3';
  /** Name of the golden transcript. Version 3 has none: its salts are drawn by the library. */
  readonly golden?: string;
}

/** Our driver on the mock PDU of one family over real UDP, with every control that there is. */
export function pduBench({ profile, version, golden }: Variant): Bench {
  const family = familyNamed(profile);
  const last = family.outlets;
  return {
    subject: `snmp-pdu, profile ${profile}, version ${version}`,
    module: driver,
    plug: plugOfOutlet(profile, 2),
    secondPlug: plugOfOutlet(profile, 3),
    missingPlugs: [plugOfOutlet(profile, last + 1), plugOfOutlet(profile, 0), '02', '9999', '', 'no such outlet'],
    ...(golden === undefined ? {} : { golden: goldenFile(golden) }),
    pace: { briefMs: 120, usualMs: 3000, relayMs: 3000, pollMs: 10 },
    fresh: async () => {
      const clock = realClock();
      const make = (): MockPdu => {
        const random = new SeededRandom(SEED);
        return new MockPdu({
          families: [profile],
          clock,
          bytes: (length) => random.bytes(length),
          communities: { [COMMUNITY]: 'write' },
          users: [USER],
        });
      };
      const [pdu, twin, muddled] = [make(), make(), make()];
      for (const each of [twin, muddled]) for (const outlet of each.outlets.all) outlet.relay.order('off', { delayMs: 0 });
      muddled.faults.apply({ seed: SEED, faults: [{ kind: 'wrong-plug-answer' }] });
      const tap = await Tap.start(behindTap(pdu), isDiscovery);
      const where = { host: '127.0.0.1', port: tap.port, profile, version };
      return standOn(
        pdu,
        twin,
        muddled,
        tap,
        version === '3' ? { ...where, ...keys('auth-password') } : { ...where, community: Secret.fixed(COMMUNITY) },
      );
    },
  };
}

const behindTap = (pdu: MockPdu): Behind => ({
  hear: (datagram, answer) => {
    for (const { bytes } of pdu.hear(datagram)) answer(bytes);
  },
  stop: () => Promise.resolve(),
});

const keys = (password: string): RawSettings => ({
  user: USER.name,
  auth: { protocol: 'sha256', key: Secret.fixed(password) },
  priv: { protocol: 'aes', key: Secret.fixed('priv-password') },
});

function standOn(pdu: MockPdu, twin: MockPdu, muddled: MockPdu, tap: Tap, settings: RawSettings): Stand {
  const v3 = settings['version'] === '3';
  const rowOf = (plug: string): number => Number(plug.split('.').at(-1));
  const fault = (each: Fault) => () => pdu.faults.apply({ seed: SEED, faults: [each] });
  const before = (from: Leaving['from'], says: Impostor) => () => {
    tap.bend = (reply, asked) => {
      const datagram = says(asked, reply);
      return [...(datagram === undefined ? [] : [{ datagram, from }]), { datagram: reply, from: 'device' }];
    };
  };
  return {
    ...tap.controls,
    settings,
    lamp: (plug) => (pdu.outlet(rowOf(plug)).relay.closed ? 'on' : 'off'),
    turn: (plug, power) => pdu.outlet(rowOf(plug)).relay.order(power, { delayMs: 0 }),
    ignoreOrders: fault({ kind: 'ignore-orders' }),
    impostors: {
      'a stranger with the right answer': before('stranger', twinSays(twin)),
      'an answer about another outlet': before('device', twinSays(muddled)),
      'an answer to an earlier question': before('device', replay(twin)),
      ...(v3 ? { 'an answer without protection': before('device', unprotected([USER], twin)) } : {}),
    },
    garble: {
      'cut short': fault({ kind: 'truncate' }),
      'cut to the header': fault({ kind: 'truncate', keep: 12 }),
      'far too long': fault({ kind: 'oversized' }),
      garbage: fault({ kind: 'garbage' }),
      'of another session': fault({ kind: 'wrong-session' }),
    },
    reboot: () => {
      pdu.faults.reboot(3_600_000);
      return () => pdu.faults.clear();
    },
    heal: () => {
      pdu.faults.clear();
      tap.controls.heal();
    },
    ...(v3 ? { wrongCredentials: { ...settings, ...keys('wrong-password') }, logins: () => pdu.engine.count.refused } : {}),
    transcript: () => tap.transcript,
    release: () => tap.stop(),
  };
}
