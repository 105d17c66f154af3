/** What a mock BMC is made of. Everything has a default but the machine. */
import { createHash } from 'node:crypto';
import { type CipherSuite, cipherSuite } from '../../drivers/ipmi/codec/algorithms/suites.ts';
import type { MockClock } from '../clock.ts';
import { type ByteSource, strongBytes } from '../random.ts';
import type { FaultPlan } from '../faults.ts';
import type { Machine } from '../machine.ts';
import type { LoginHabits } from './habits.ts';

/** Privilege levels by their number on the wire. */
export const PRIVILEGE = { callback: 1, user: 2, operator: 3, administrator: 4 } as const;
export type PrivilegeName = keyof typeof PRIVILEGE;

export interface BmcUser {
  /** At most 16 bytes; '' is the anonymous user. */
  readonly name: string;
  /** At most 20 bytes. */
  readonly password: string;
  /** The highest privilege this user may ask for; default operator. */
  readonly privilege?: PrivilegeName;
  readonly enabled?: boolean;
}

/**
 * How an error of Open Session or RAKP is answered. `full`: 8 bytes with tag and console id. `two-bytes`: tag and code only (OpenIPMI's
 * ipmi_sim 2.0.33). `untagged`: tag 0 and console id 0 (OpenBMC phosphor-net-ipmid).
 */
export type ErrorShape = 'full' | 'two-bytes' | 'untagged';

export interface BmcOptions {
  readonly machine: Machine;
  readonly clock?: MockClock;
  /** Session ids (4), RAKP randoms (16) and initialisation vectors (16) are drawn from here, in the order of the packets. */
  readonly bytes?: ByteSource;
  readonly users?: readonly BmcUser[];
  /** At most 20 bytes. Given: two-key login, a console without it does not get in. */
  readonly kg?: Uint8Array;
  /** Default 17, 3 and 8. Those without password check, integrity or encryption need `insecureSuites` too. */
  readonly cipherSuites?: readonly number[];
  readonly insecureSuites?: boolean;
  /** 16 bytes, as on the wire. */
  readonly guid?: Uint8Array;
  /** Logins under way and sessions together; default 4, as on Cisco's IMC. */
  readonly maxSessions?: number;
  /** A login that does not go on is forgotten after this; default 3000. */
  readonly loginExpiresMs?: number;
  /** A silent session is forgotten after this; default 60000. */
  readonly idleExpiresMs?: number;
  readonly errorShape?: ErrorShape;
  /** RAKP 1 of an unknown user: refused with 0Dh (default), or not answered (pyghmi's BMC). */
  readonly unknownUser?: 'refuse' | 'silent';
  /** Off when off and on when on answer D5h instead of 00h (some Dell iDRAC). */
  readonly refusesWhenAlready?: boolean;
  /** Get Channel Cipher Suites: five bytes each (default, OpenBMC), without the algorithms that are none, or no answer (ipmi_sim). */
  readonly suiteRecords?: 'five-bytes' | 'short' | 'none';
  /** Time without answers after mains came back and after a cold reset; default 0. */
  readonly bootMs?: number;
  /** Second and fourth byte of Get Channel Authentication Capabilities, without bit 7: what is said of IPMI 1.5. Default: nothing. */
  readonly advertised?: { readonly authTypes: number; readonly extended: number };
  /** How slow it is, and what it does with second copies; default: at once, and answered again. */
  readonly habits?: LoginHabits;
  readonly faults?: FaultPlan;
  /** Told of every command that is run, in order: for tests that judge what was asked before what was ordered. */
  readonly onCommand?: CommandWatcher;
}

export type CommandWatcher = (request: { readonly netFn: number; readonly cmd: number; readonly data: Uint8Array }) => void;

export interface KnownUser {
  /** Number in the user table, from 1. */
  readonly id: number;
  readonly name: Uint8Array;
  readonly password: Uint8Array;
  readonly privilege: number;
  readonly enabled: boolean;
}

/** Options with every default filled in and every bound verified. */
export interface BmcSettings {
  readonly users: readonly KnownUser[];
  readonly kg: Uint8Array | undefined;
  readonly suites: readonly CipherSuite[];
  readonly guid: Uint8Array;
  readonly maxSessions: number;
  readonly loginExpiresMs: number;
  readonly idleExpiresMs: number;
  readonly errorShape: ErrorShape;
  readonly unknownUser: 'refuse' | 'silent';
  readonly refusesWhenAlready: boolean;
  readonly suiteRecords: 'five-bytes' | 'short' | 'none';
  readonly bootMs: number;
  readonly advertised: { readonly authTypes: number; readonly extended: number };
  readonly habits: LoginHabits;
  readonly bytes: ByteSource;
  readonly onCommand: CommandWatcher;
}

const DEFAULT_SUITES = [17, 3, 8];
const DEFAULT_USERS: readonly BmcUser[] = [{ name: 'fencer', password: 'fencer-pw' }];
const utf8 = new TextEncoder();

/** Throws a RangeError on settings that no BMC could have: that is a mistake of the test or of the lab file. */
export function settle(options: BmcOptions): BmcSettings {
  const ids = options.cipherSuites ?? DEFAULT_SUITES;
  const suites = ids.map((id) => {
    const found = cipherSuite(id);
    if (found === undefined) throw new RangeError(`cipher suite ${id} is not known here`);
    const open = found.authentication.codeLength === 0 || found.integrity.codeLength === 0 || found.confidentiality.id === 0;
    if (open && options.insecureSuites !== true) throw new RangeError(`cipher suite ${id} needs insecureSuites: true`);
    return found;
  });
  if ((options.kg?.length ?? 0) > 20) throw new RangeError('Kg has at most 20 bytes');
  return {
    users: (options.users ?? DEFAULT_USERS).map(knownUser),
    kg: options.kg,
    suites,
    guid: options.guid ?? guidOf(options.machine.name),
    maxSessions: options.maxSessions ?? 4,
    loginExpiresMs: options.loginExpiresMs ?? 3000,
    idleExpiresMs: options.idleExpiresMs ?? 60_000,
    errorShape: options.errorShape ?? 'full',
    unknownUser: options.unknownUser ?? 'refuse',
    refusesWhenAlready: options.refusesWhenAlready ?? false,
    suiteRecords: options.suiteRecords ?? 'five-bytes',
    bootMs: options.bootMs ?? 0,
    advertised: options.advertised ?? { authTypes: 0, extended: 0x02 },
    habits: options.habits ?? {},
    bytes: options.bytes ?? strongBytes,
    onCommand: options.onCommand ?? (() => undefined),
  };
}

function knownUser(user: BmcUser, index: number): KnownUser {
  const name = utf8.encode(user.name);
  const password = utf8.encode(user.password);
  if (name.length > 16 || password.length > 20) throw new RangeError('a user name has at most 16 bytes, a password at most 20');
  return { id: index + 1, name, password, privilege: PRIVILEGE[user.privilege ?? 'operator'], enabled: user.enabled ?? true };
}

/** A GUID that names the machine: stable over restarts, different for different names. */
function guidOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('md5').update(name).digest());
}
