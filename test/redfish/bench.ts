/** The Redfish drivers against the mock service over real TLS, with every control that there is. */
import type { Bench, RawSettings, Stand } from '../../drivers/conformance/index.ts';
import { type DriverModule, Secret } from '../../drivers/kit/contract.ts';
import { type Fault, Machine, realClock, Relay, SeededRandom } from '../../hardware-mocks/index.ts';
import { makeCertificate, MockRedfish, type RedfishManners } from '../../hardware-mocks/redfish/index.ts';
import { goldenFile } from '../conformance/golden.ts';

const USER = { name: 'fencer', password: 'fenc-er-pass' };
const SEED = 7;

export interface Variant {
  readonly subject: string;
  readonly golden: string;
  readonly module: DriverModule;
  /** Beside host, port, tls, user and password. */
  readonly settings: RawSettings;
  readonly manners?: RedfishManners;
  readonly plug: string;
  readonly secondPlug?: string;
  readonly missingPlugs: readonly string[];
}

export function redfishBench(variant: Variant): Bench {
  const { golden, settings, manners, ...bench } = variant;
  return {
    ...bench,
    golden: goldenFile(golden),
    pace: { briefMs: 200, usualMs: 4_000, relayMs: 6_000 },
    fresh: async () => {
      const clock = realClock();
      const machine = new Machine({ name: 'node1', clock });
      const relays = new Map(['1', '2', '3', '4'].map((id) => [id, new Relay({ clock, name: id })]));
      const random = new SeededRandom(SEED);
      const options = (on: boolean) => ({
        // The neighbour is dark: whatever is told of it says off.
        systems: [
          { id: 'Self', machine: on ? machine : new Machine({ name: 'node1', clock, on: false }) },
          { id: 'Neighbour', machine: new Machine({ name: 'node2', clock, on: false }) },
        ],
        strips: [
          { id: 'strip', outlets: on ? relays : new Map([...relays.keys()].map((id) => [id, new Relay({ clock, closed: false })])) },
        ],
        users: [USER],
        clock,
        bytes: (length: number) => random.bytes(length),
      });
      const mock = await MockRedfish.start({ ...options(true), ...(manners === undefined ? {} : { manners }) });
      // Somebody else's service of the same form, where everything is off.
      const twin = await MockRedfish.start(options(false));
      const raw = {
        ...settings,
        host: '127.0.0.1',
        port: mock.port,
        tls: { pins: [mock.certificate?.fingerprint ?? ''] },
        username: USER.name,
        password: Secret.fixed(USER.password),
      };
      const world = (plug: string) => relays.get(plug);
      return standOn(mock, twin, raw, manners ?? {}, {
        lamp: (plug) => ((world(plug)?.closed ?? machine.lamp) ? 'on' : 'off'),
        turn: (plug, power) => (world(plug) === undefined ? machine.press(power) : world(plug)?.order(power)),
      });
    },
  };
}

function standOn(
  mock: MockRedfish,
  twin: MockRedfish,
  settings: RawSettings,
  usual: RedfishManners,
  truth: Pick<Stand, 'lamp' | 'turn'>,
): Stand {
  const { faults, manners } = mock;
  const fault = (each: Fault) => () => faults.apply({ seed: SEED, faults: [each] });
  const behave = (more: RedfishManners) => () => void Object.assign(manners, more);
  const certificate = mock.certificate ?? makeCertificate({ name: 'unused' });
  return {
    ...truth,
    settings,
    silence: () => {
      faults.apply({ seed: SEED, faults: [{ kind: 'mute' }] });
    },
    halfOpen: () => {
      manners.halfOpen = true;
      mock.dropConnections();
    },
    loseReplies: behave({ losesOrderAnswers: true }),
    ignoreOrders: fault({ kind: 'ignore-orders' }),
    keepBackReplies: () => mock.keepBack(),
    impostors: {
      'an answer about a neighbour that is off': fault({ kind: 'wrong-plug-answer' }),
      'a service with another certificate, where everything is off': () => {
        mock.changeCertificate(makeCertificate({ name: 'impostor' }));
        faults.apply({ seed: SEED, faults: [{ kind: 'lie', says: 'off' }] });
        mock.dropConnections();
      },
      'a redirection to another service, where everything is off': behave({ redirects: redirectsTo(twin) }),
      'an answer that nobody asked for': () => {
        // What comes after the true answer says off; the answer itself does not.
        mock.unasked = JSON.stringify({ '@odata.id': '/redfish/v1/Systems/Self', PowerState: 'Off' });
      },
    },
    garble: {
      'cut short': fault({ kind: 'truncate', keep: 40 }),
      'cut within the body': behave({ truncatesBody: 0, padding: 64 }),
      'closed after the headers': behave({ closesAfterHeaders: true, padding: 64 }),
      'garbage instead of HTTP': fault({ kind: 'garbage' }),
      'no JSON': behave({ body: '{"PowerState": "Off"' }),
      'JSON that is no object': behave({ body: '["Off"]' }),
      'JSON of a thousand floors': behave({ body: '['.repeat(200_000) }),
      'larger than any resource': behave({ padding: 1_200_000 }),
      'coded in a way that was not asked for': behave({ contentEncoding: 'gzip', padding: 64 }),
    },
    reboot: () => {
      faults.reboot(3_600_000);
      return () => faults.clear();
    },
    heal: () => {
      faults.clear();
      for (const name of Object.keys(manners)) Reflect.deleteProperty(manners, name);
      Object.assign(manners, usual);
      mock.unasked = undefined;
      mock.changeCertificate(certificate);
    },
    wrongCredentials: { ...settings, password: Secret.fixed('wrong-password') },
    logins: () => mock.count.logins,
    connections: () => mock.open,
    transcript: () => mock.log,
    release: async () => {
      await mock.stop();
      await twin.stop();
    },
  };
}

function redirectsTo(twin: MockRedfish): Readonly<Record<string, string>> {
  const paths = [
    '/redfish/v1/Systems',
    '/redfish/v1/Systems/Self',
    '/redfish/v1/PowerEquipment',
    '/redfish/v1/PowerEquipment/RackPDUs/strip/Outlets/2',
  ];
  return Object.fromEntries(paths.map((path) => [path, `https://127.0.0.1:${twin.port}${path}`]));
}
