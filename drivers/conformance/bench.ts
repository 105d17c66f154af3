/**
 * What the author of a driver supplies so that its promises can be judged: a way to open a fresh driver against a subject (a mock, a
 * stranger's simulator, real hardware) and whatever control over that subject there is. A control that is missing makes the cases that
 * need it `not-applicable`, with the reason; it never makes them pass.
 */
import type { DriverModule, WantedPower } from '../kit/contract.ts';

/** Settings before `checkSettings`: secrets as `Secret`, durations with their unit, everything else as parsed. */
export type RawSettings = Readonly<Record<string, unknown>>;

export interface Bench {
  /** Shown above the table: `ipmi on the mock BMC`. */
  readonly subject: string;
  readonly module: DriverModule;
  /** The plug that the cases may switch; '' on devices with one unnamed outlet. */
  readonly plug: string;
  /** Another plug of the same device (C19). */
  readonly secondPlug?: string;
  /** Plug names that the device does not have (C14). Include look-alikes: one past the last, zero, a padded number. */
  readonly missingPlugs?: readonly string[];
  /** The bytes of C01 as they were once found right (C20). */
  readonly golden?: Golden;
  readonly pace?: Partial<Pace>;
  /** Absent: the real clock. A virtual one must advance by itself while a case waits. */
  readonly clock?: BenchClock;
  /** True on real hardware: after every case the plug is switched back to what it was found in. */
  readonly leaveAsFound?: boolean;
  /**
   * A subject in its known condition: reachable, without faults, every plug on. Called at least once per case and released at its end.
   * On real hardware it only says where the device is.
   */
  fresh(): Promise<Stand>;
}

/** Milliseconds. Only `briefMs + slackMs` is ever compared with a driver's behaviour, by the order in which timers fire. */
export interface Pace {
  /** Deadline of a call that is expected to be answered. */
  readonly usualMs: number;
  /** Deadline of a call that is expected to run into it. */
  readonly briefMs: number;
  /** How late a call may settle after its deadline before that counts as broken. */
  readonly slackMs: number;
  /** How long the device's relay may take after an accepted order. */
  readonly relayMs: number;
  /** Between two readings while waiting for the relay. */
  readonly pollMs: number;
  /** Bound on one whole case. */
  readonly caseMs: number;
}

export const USUAL_PACE: Pace = { usualMs: 5_000, briefMs: 400, slackMs: 1_500, relayMs: 15_000, pollMs: 50, caseMs: 180_000 };

export interface BenchClock {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

export interface Golden {
  /** The kept transcript, or undefined where there is none yet. */
  readonly load: () => Promise<string | undefined>;
  /** Present in rewrite mode only: the transcript found is kept as the new golden one. */
  readonly save?: (transcript: string) => Promise<void>;
}

type Awaitable<T> = T | Promise<T>;

/** One subject, ready, with the controls over it that exist. Controls are about the subject: they never reach into the driver. */
export interface Stand {
  readonly settings: RawSettings;
  /** True where `settings` have already passed `checkSettings` (as `bailiff conform DEVICE` has them). */
  readonly checked?: boolean;
  /** The truth: is there power behind this plug? Asked past the driver and past the driver's protocol. */
  lamp?(plug: string): Awaitable<WantedPower>;
  /** An operator's hand: switches past the driver. */
  turn?(plug: string, power: WantedPower): Awaitable<void>;
  /** From now on the device neither hears nor says anything. */
  silence?(): Awaitable<void>;
  /** From now on the device carries orders out and its answers to them are lost; what comes before an order (a login) still flows. */
  loseReplies?(): Awaitable<void>;
  /** From now on the device accepts orders and does not act on them. */
  ignoreOrders?(): Awaitable<void>;
  /**
   * From now on replies that tell a power state are kept back. The returned function ends that, and sends what was kept back right
   * before the next reply that tells a power state.
   */
  keepBackReplies?(): Awaitable<() => Awaitable<void>>;
  /** From now on the device takes connections (or opens sessions) and then says nothing more. Where there is no connection: silence. */
  halfOpen?(): Awaitable<void>;
  /**
   * Each starts a stranger: from now on a well-formed false answer, saying that the power is off, arrives before each true one: from
   * another address, about another plug, of another session, a replay. Named in words for the report.
   */
  readonly impostors?: Readonly<Record<string, () => Awaitable<void>>>;
  /** Each makes every reply from now on unusable: truncated, oversized, garbage. Named in words for the report. */
  readonly garble?: Readonly<Record<string, () => Awaitable<void>>>;
  /** Takes the device down with everything that it keeps in memory (sessions); the returned function lets it come back. */
  reboot?(): Awaitable<() => Awaitable<void>>;
  /** Ends every fault above. */
  heal?(): Awaitable<void>;
  /** Settings that name the same device with a wrong password. */
  readonly wrongCredentials?: RawSettings;
  /** How many logins the device has seen, granted or not. */
  logins?(): Awaitable<number>;
  /** Connections or sockets that the device still sees open; sessions of a datagram protocol do not count. */
  connections?(): Awaitable<number>;
  /** What others could have overheard: arguments and environment of child processes, files written. For C13. */
  overheard?(): Awaitable<readonly string[]>;
  /**
   * What went over the wire, one line per message, identical on every run when the driver's `bytes` and `random` are. An exact
   * repetition of the line before (a retransmission) must be left out.
   */
  transcript?(): Awaitable<readonly string[]>;
  release(): Promise<void>;
}

/** What a case may need. The first group is found on the stand, the second on the bench. */
export type Capability =
  | 'lamp'
  | 'turn'
  | 'silence'
  | 'loseReplies'
  | 'ignoreOrders'
  | 'keepBackReplies'
  | 'halfOpen'
  | 'impostors'
  | 'garble'
  | 'reboot'
  | 'heal'
  | 'wrongCredentials'
  | 'logins'
  | 'transcript'
  | 'secondPlug'
  | 'missingPlugs'
  | 'golden';

/** Which of the needed capabilities are missing; of an inner list one is enough. */
export function missingCapabilities(needs: readonly (Capability | readonly Capability[])[], bench: Bench, stand: Stand): readonly string[] {
  const has = (capability: Capability): boolean => {
    if (capability === 'secondPlug' || capability === 'golden') return bench[capability] !== undefined;
    if (capability === 'missingPlugs') return (bench.missingPlugs?.length ?? 0) > 0 || bench.module.plugs === 'none';
    return stand[capability] !== undefined;
  };
  return needs.flatMap((need) => {
    if (typeof need === 'string') return has(need) ? [] : [need];
    return need.some(has) ? [] : [need.join(' or ')];
  });
}

/** Names that no device has, for a device whose plugs are not known. */
const NO_DEVICE_HAS = ['no such plug', '99999'];

/**
 * The bench of `bailiff conform DEVICE`: a device as configured, with no control over it but the driver itself. Most faults are then out
 * of reach and their cases not applicable; what is left is read only unless `allowPower` is given to `runConformance`.
 */
export function benchForDevice(device: {
  readonly name: string;
  readonly module: DriverModule;
  /** As the configuration holds them: already checked against the module's schema. */
  readonly settings: RawSettings;
  readonly plug: string;
  readonly secondPlug?: string;
  readonly missingPlugs?: readonly string[];
  readonly pace?: Partial<Pace>;
}): Bench {
  const { name, settings, ...rest } = device;
  return {
    missingPlugs: NO_DEVICE_HAS,
    ...rest,
    subject: `${device.module.name} on ${name}`,
    leaveAsFound: true,
    fresh: () => Promise.resolve({ settings, checked: true, release: () => Promise.resolve() }),
  };
}
