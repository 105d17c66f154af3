/** A Redfish service with two systems and a power strip, and a driver for it. */
import type { BenchClock } from '../../drivers/conformance/bench.ts';
import { watchedTools, realClock as benchClock } from '../../drivers/conformance/tools.ts';
import { checkSettings, type DriverModule, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/redfish/driver.ts';
import { Machine, realClock, Relay } from '../../hardware-mocks/index.ts';
import { MockRedfish, type MockRedfishOptions } from '../../hardware-mocks/redfish/index.ts';

export const USER = { name: 'fencer', password: 'fenc-er-pass' } as const;
export const READER = { name: 'reader', password: 'read-er-pass', role: 'ReadOnly' } as const;
export const WITHIN = { ms: 5_000 };

export interface Stage {
  readonly mock: MockRedfish;
  readonly machines: readonly [Machine, Machine];
  readonly relays: ReadonlyMap<string, Relay>;
  readonly held: Set<string>;
  /** Settings of the driver before checkSettings. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** A driver that is closed with the stage. */
  readonly open: (more?: Readonly<Record<string, unknown>>, module?: DriverModule) => PowerDriver;
  /** What the drivers wrote into the debug log. */
  lines(): readonly string[];
  end(): Promise<void>;
}

/** `driverClock` is the drivers' time; that of the service, its machines and relays is among the options. */
export async function stage(options: Partial<MockRedfishOptions> = {}, driverClock: BenchClock = benchClock): Promise<Stage> {
  const clock = options.clock ?? realClock();
  const machines = [new Machine({ name: 'db1', clock }), new Machine({ name: 'db2', clock })] as const;
  const relays = new Map(['A1', 'A2', 'A3', 'A4'].map((id) => [id, new Relay({ clock, name: id })]));
  const held = new Set<string>();
  const mock = await MockRedfish.start({
    systems: [
      { id: 'Blade-1', machine: machines[0] },
      { id: 'Blade-2', machine: machines[1] },
    ],
    strips: [{ id: 'strip', outlets: relays, held }],
    users: [USER, READER],
    clock,
    ...options,
  });
  const settings = {
    host: '127.0.0.1',
    port: mock.port,
    username: USER.name,
    password: Secret.fixed(USER.password),
    ...(mock.certificate === undefined ? { insecure: true } : { tls: { pins: [mock.certificate.fingerprint] } }),
  };
  const opened: PowerDriver[] = [];
  const tools = watchedTools(driverClock);
  return {
    mock,
    machines,
    relays,
    held,
    settings,
    open: (more = {}, module = driver) => {
      const raw = { ...settings, ...(module.plugs === 'none' ? { system: 'Blade-1' } : {}), ...more };
      const left = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined));
      const checked = checkSettings(module.settings, left);
      if (checked.problems[0] !== undefined) throw new Error(`${checked.problems[0].path} ${checked.problems[0].says}`);
      const one = module.open('bmc', checked.settings, tools);
      opened.push(one);
      return one;
    },
    lines: () => tools.lines,
    end: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await mock.stop();
    },
  };
}
