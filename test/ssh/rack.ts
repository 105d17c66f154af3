/** A mock SSH device and our driver against it, for the tests of this folder. */
import { checkSettings, type DriverTools, type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ssh/driver.ts';
import { type MockClock, realClock } from '../../hardware-mocks/clock.ts';
import { Machine } from '../../hardware-mocks/machine.ts';
import { Relay } from '../../hardware-mocks/relay.ts';
import { freshKeyPair, MockSsh, type MockSshOptions, voiceNamed } from '../../hardware-mocks/ssh/index.ts';

export const PASSWORD = 'correct horse';
export const hostKeyPair = freshKeyPair();
export const clock = realClock();

/** The outlets that a dialect is tried with; one machine without a name for controllers and nodes. */
export const PLUGS: Readonly<Record<string, readonly string[]>> = {
  'apc-aos': ['1', '2', '3', '4'],
  'raritan-px': ['1', '2', '3', '4'],
  servertech: ['.AA1', '.AA2', '.AA3'],
  'eaton-epdu': ['1', '2', '3'],
  cyberpower: ['1', '2', '3'],
  libvirt: ['db1', 'db2'],
  proxmox: ['100', '101'],
  esxi: ['7', '12'],
};

export interface Rack {
  readonly mock: MockSsh;
  readonly plugs: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly lines: string[];
  readonly lamp: (plug: string) => 'on' | 'off';
  readonly turn: (plug: string, power: 'on' | 'off') => void;
  readonly open: (more?: Readonly<Record<string, unknown>>) => PowerDriver;
  /** Timers of the driver that have neither fired nor been cancelled. */
  readonly liveTimers: () => number;
  readonly close: () => Promise<void>;
}

/** `driverClock` is the driver's time; that of the device is among the options. */
export async function rack(dialect: string, options: Partial<MockSshOptions> = {}, driverClock: MockClock = clock): Promise<Rack> {
  const voice = voiceNamed(dialect.startsWith('target-') ? 'target' : dialect);
  if (voice === undefined) throw new TypeError(`no voice ${dialect}`);
  const names = PLUGS[dialect] ?? [''];
  const world = new Map(
    names.map((plug) => [plug, plug === '' ? new Machine({ name: 'm', clock }) : new Relay({ clock, name: plug })] as const),
  );
  const mock = await MockSsh.start({
    voice,
    world,
    users: [{ name: 'fencer', password: PASSWORD }],
    hostKeys: [hostKeyPair.privateKey],
    clock,
    ...options,
  });
  const settings = {
    host: '127.0.0.1',
    port: mock.port,
    username: 'fencer',
    dialect,
    hostKey: mock.fingerprints,
    password: Secret.fixed(PASSWORD),
  };
  const lines: string[] = [];
  const drivers: PowerDriver[] = [];
  let live = 0;
  const tools: DriverTools = {
    now: () => driverClock.now(),
    after: (ms, run) => {
      live += 1;
      let over = false;
      const cancel = driverClock.after(ms, () => {
        if (!over) live -= 1;
        over = true;
        run();
      });
      return () => {
        if (!over) live -= 1;
        over = true;
        cancel();
      };
    },
    random: () => 0.5,
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    debug: (says) => void lines.push(says),
  };
  return {
    mock,
    plugs: names,
    settings,
    lines,
    lamp: (plug) => mock.board.truth(plug) ?? 'off',
    turn: (plug, power) => {
      const thing = world.get(plug);
      if (thing === undefined) throw new TypeError(`no plug ${plug}`);
      if ('press' in thing) thing.press(power);
      else thing.order(power, { delayMs: 0 });
    },
    open: (more = {}) => {
      const checked = checkSettings(driver.settings, { ...settings, ...more });
      if (checked.problems[0] !== undefined) throw new TypeError(`${checked.problems[0].path} ${checked.problems[0].says}`);
      const opened = driver.open('rack', checked.settings, tools);
      drivers.push(opened);
      return opened;
    },
    liveTimers: () => live,
    close: async () => {
      for (const each of drivers) await each.close();
      await mock.stop();
    },
  };
}

/** Until it is so; gives up after some seconds, so that the assertion that follows tells what was seen. */
export async function until(so: () => boolean): Promise<void> {
  for (let left = 300; left > 0 && !so(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 10));
}
