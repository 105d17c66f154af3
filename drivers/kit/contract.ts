/**
 * The driver contract: read this first to write a driver.
 *
 * A driver turns two questions into a device's own language: "switch this outlet" and "what is its power now?". Outcomes of operating a
 * device are values, never exceptions; an exception is a defect, which counts as unknown: the device is then opened again. A driver holds no policy: it does not
 * decide, it does not confirm, and it never guesses: what it cannot read is `unknown`.
 *
 * Every promise below is checked by drivers/conformance (C01-C21).
 */
import type { OrderResult, Reading } from './order.ts';
import type { Evidence, WantedPower } from './power.ts';
import type { Problem } from './problem.ts';
import type { SettingsSchema } from './settings.ts';

export type { OrderResult, Reading } from './order.ts';
export type { Evidence, PowerState, WantedPower } from './power.ts';
export { noSuchPlug, orderTooLate, type Problem, type Where } from './problem.ts';
export { Secret } from './secret.ts';
export { type CheckedSettings, checkSettings, type Setting, type SettingsSchema, settingsJsonSchema } from './settings.ts';

/**
 * The rest of ONE absolute deadline. When `ms` have passed or `signal` aborts, the call must settle at once (order: unknown, reading:
 * unknown), and leave no timer and no socket work of its own behind (C10, C11).
 */
export interface Deadline {
  readonly ms: number;
  readonly signal?: AbortSignal;
  /**
   * Of an order, on the clock of `tools.now()`: nothing that acts leaves at or after this time, repetitions included (C21). It is compared right
   * before each datagram, request or line that acts, and not by a timer: after a stop of the process timers run in their order, and a repetition
   * that was due before the deadline would leave after it. What only reads, logs in or logs out is not barred.
   */
  readonly notAfter?: number;
}

/** What a driver is given instead of globals, so that tests are deterministic. */
export interface DriverTools {
  /** Milliseconds since the epoch that never go backwards within a process. */
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
  /** Uniform in [0, 1): jitter only, never a nonce. */
  random(): number;
  /** Cryptographically strong bytes: nonces, IVs, session ids. */
  bytes(length: number): Uint8Array;
  /** One line for the debug log; must carry no secret. */
  debug(says: string): void;
}

/** Health of a device as `bailiff check` shows it. Read only: nothing is switched, nothing is written that changes a state. */
export interface Health {
  readonly ok: boolean;
  /** What was found, one line each: `logged in with cipher suite 17`, `privilege operator: may cut power`. */
  readonly found: readonly string[];
  readonly problem?: Problem;
  /** What the device tells of which machine or strip it is, as it tells it: two entries that tell the same are one device. */
  readonly identity?: Identity;
}

/** Each absent where it is not told. Placeholders of makers (all zeros, `Default string`) are told like any other: who compares knows them. */
export interface Identity {
  /** 32 hex digits in the order of the wire (IPMI) or of the text (Redfish): the same machine may show one GUID in several byte orders. */
  readonly guid?: string;
  readonly serial?: string;
  /** Serial numbers of two makers may be equal. */
  readonly maker?: string;
  /** What it calls the machine in which it sits. */
  readonly name?: string;
}

export interface ListedOutlet {
  readonly plug: string;
  readonly name?: string;
  readonly reading: Reading;
}

export interface PowerDriver {
  readonly evidence: Evidence;
  /**
   * Tell the device to switch one plug. `accepted` means only that the device took the order. A lost answer is `unknown`, and so is an
   * expired deadline. A plug that the device does not have is `rejected` (C14). `plug` is '' on devices with a single outlet.
   */
  order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult>;
  /** Ask the device for the power of one plug, now. Only the device's exact off value is `off`. Never rejects, never throws. */
  read(plug: string, within: Deadline): Promise<Reading>;
  /** Several plugs in fewer requests, where the device takes them together. One answer per plug, in their order; otherwise as `order`. */
  orderAll?(plugs: readonly string[], wanted: WantedPower, within: Deadline): Promise<readonly OrderResult[]>;
  /** As `read`, for several plugs of one moment or close to it. Present exactly where `orderAll` is. */
  readAll?(plugs: readonly string[], within: Deadline): Promise<readonly Reading[]>;
  /** All plugs, where the device can list them. */
  list?(within: Deadline): Promise<readonly ListedOutlet[] | Problem>;
  /** Can I log in, and would I be allowed to cut? Read only. */
  check(within: Deadline): Promise<Health>;
  /** Gives sessions and sockets back. Idempotent (C17); orders and readings in flight settle as unknown. */
  close(): Promise<void>;
}

/** What `bailiff discover` learned of an address. Nothing was switched, nothing was written. */
export interface Discovered {
  /** One line each: what it is, how it was recognised. */
  readonly found: readonly string[];
  /** What is dangerous about it: a default community, an unencrypted login. */
  readonly warnings: readonly string[];
  /** Settings to paste under `devices:`, beside `driver:` and `host:`; a given `Secret` as it was given: who asks knows its reference. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Outlets with names, power and load, where the device lists them. */
  readonly outlets?: readonly ListedOutlet[];
}

/** Where a device is, as its settings say it. */
export interface Place {
  readonly host: string;
  /** 0 where the driver's own default is not known here. */
  readonly port: number;
  /** Which one is meant where one address has several (systems of a chassis, commands to a console server); '' for the device as a whole. */
  readonly inside: string;
}

/** What a driver's module exports as `driver`. In-tree and third-party drivers look the same. */
export interface DriverModule {
  /** Shown by `bailiff config schema` and in errors; equals the `driver:` word of the configuration. */
  readonly name: string;
  /** One sentence: what devices it drives. */
  readonly summary: string;
  readonly evidence: Evidence;
  /** Plugs: none (a BMC: one unnamed outlet), or required (a PDU: an outlet must be named). */
  readonly plugs: 'none' | 'required';
  /** Only where one driver has devices of several kinds (a dialect that runs on the target): what holds with these checked settings. */
  kindOf?(settings: Readonly<Record<string, unknown>>): { readonly evidence: Evidence; readonly plugs: 'none' | 'required' };
  readonly settings: SettingsSchema;
  /**
   * Where one plug can be written in several ways (4 and 1.4 on a PDU of one unit): one text for all of them, so that two nodes on one
   * outlet are seen however it is written. A text that is no plug comes back as it is. Asks no device.
   */
  normalPlug?(settings: Readonly<Record<string, unknown>>, plug: string): string;
  /**
   * Where these settings lead: two nodes that are fenced at one place are then seen although the entries differ in user, timeouts or the
   * case of a name. Absent: only entries with equal settings are taken for one device. Asks no device, resolves no name.
   */
  place?(settings: Readonly<Record<string, unknown>>): Place | undefined;
  /**
   * What does not fit together in settings that are each well-formed (they have passed `checkSettings`), in a sentence: reported when the
   * configuration is loaded. Looks at nothing but the settings, reveals no secret, and says nothing that `open` then does not hold to.
   */
  settingsProblem?(settings: Readonly<Record<string, unknown>>): string | undefined;
  /**
   * What answers at `host`? `given` holds what the user knows (port, credentials), checked like settings but with nothing required and no
   * defaults. A problem: nothing that this driver knows answered, or it needs more to ask. Never rejects.
   */
  discover?(host: string, given: Readonly<Record<string, unknown>>, tools: DriverTools, within: Deadline): Promise<Discovered | Problem>;
  /** `settings` has passed `checkSettings` with this module's schema. `device` is the configured name, for error texts. */
  open(device: string, settings: Readonly<Record<string, unknown>>, tools: DriverTools): PowerDriver;
}
