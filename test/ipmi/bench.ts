/** The driver against the tiny BMC over the virtual network, all on one virtual clock. */
import { checkSettings, type DriverTools, Secret } from '../../drivers/kit/contract.ts';
import { driver, IpmiDriver } from '../../drivers/ipmi/driver.ts';
import type { OpenWire } from '../../drivers/ipmi/transport.ts';
import { TinyBmc, type TinyOptions } from './tiny-bmc.ts';
import { seeded, seededBytes, VirtualClock, VirtualNet } from './virtual.ts';

export interface DriverOnNet {
  readonly clock: VirtualClock;
  readonly net: VirtualNet;
  readonly bmc: TinyBmc;
  readonly driver: IpmiDriver;
  readonly lines: string[];
  /** Requests on the wire towards the BMC. */
  readonly toBmc: () => number;
}

export interface OnNetOptions {
  readonly seed?: number;
  readonly bmc?: Partial<TinyOptions>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly openWire?: OpenWire;
}

export function bench({ seed = 1, bmc: tiny = {}, settings: more = {}, openWire }: OnNetOptions = {}): DriverOnNet {
  const clock = new VirtualClock();
  const random = seeded(seed);
  const bmc = new TinyBmc({ random: seededBytes(random), now: () => clock.now(), ...tiny });
  const net = new VirtualNet(clock, random, bmc.receive);
  const lines: string[] = [];
  const tools: DriverTools = {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    random,
    bytes: seededBytes(random),
    debug: (says) => void lines.push(says),
  };
  const raw = { host: '192.0.2.1', username: 'fence', password: Secret.fixed('Sup3rS3cret!'), ...more };
  const { settings, problems } = checkSettings(driver.settings, raw);
  if (problems.length > 0) throw new Error(problems.map(({ path, says }) => `${path} ${says}`).join('; '));
  const opened = new IpmiDriver('bmc-a', settings, tools, openWire ?? net.openWire);
  return { clock, net, bmc, driver: opened, lines, toBmc: () => net.sent.filter(({ way }) => way === 'to-bmc').length };
}
