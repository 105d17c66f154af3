/** The application commands (IPMI 2.0, sections 20 and 22) that clients use around fencing. */
import type { CipherSuite } from '../../drivers/ipmi/codec/algorithms/suites.ts';
import { type ChassisContext, CHASSIS_COMMANDS } from './chassis.ts';
import {
  ADMINISTRATOR,
  CALLBACK,
  type Command,
  type CommandAnswer,
  type CommandTable,
  COMPLETION,
  key,
  NETFN,
  ok,
  refused,
  USER,
} from './commands.ts';
import type { Session, SessionTable } from './sessions.ts';
import type { BmcSettings } from './settings.ts';

export interface BmcContext extends ChassisContext {
  readonly settings: BmcSettings;
  readonly sessions: SessionTable;
  /** The session the request came in; undefined outside. */
  readonly session: Session | undefined;
  /** Called after the answer is on its way. */
  readonly restartSoon: () => void;
}

const LAN_CHANNEL = 1;
/** "The channel this came in on." */
const THIS_CHANNEL = 0x0e;

const isOurChannel = (byte: number): boolean => (byte & 0x0f) === THIS_CHANNEL || (byte & 0x0f) === LAN_CHANNEL;

/** 20 (device), revision 1, firmware 1.00, IPMI 2.0, all support bits of a chassis BMC, an enterprise number for tests, product 1. */
const deviceId = (): CommandAnswer => ok(0x20, 0x01, 0x01, 0x00, 0x02, 0x8f, 0x57, 0x11, 0x00, 0x01, 0x00, 0, 0, 0, 0);

function authenticationCapabilities({ settings }: BmcContext, data: Uint8Array): CommandAnswer {
  const channel = data[0] ?? 0;
  if (!isOurChannel(channel)) return refused(COMPLETION.invalidField);
  const asked2 = (channel & 0x80) !== 0;
  const named = settings.users.some((user) => user.name.length > 0);
  const anonymous = settings.users.some((user) => user.name.length === 0);
  const state = (settings.kg === undefined ? 0 : 0x20) | (named ? 0x04 : 0) | (anonymous ? 0x02 : 0);
  const { authTypes, extended } = settings.advertised;
  return ok(LAN_CHANNEL, authTypes | (asked2 ? 0x80 : 0), state, asked2 ? extended : 0, 0, 0, 0, 0);
}

function suiteRecord(suite: CipherSuite, form: 'five-bytes' | 'short'): readonly number[] {
  const { integrity, confidentiality } = suite;
  const record = [0xc0, suite.id, suite.authentication.id];
  if (form === 'five-bytes' || integrity.id !== 0) record.push(0x40 | integrity.id);
  if (form === 'five-bytes' || confidentiality.id !== 0) record.push(0x80 | confidentiality.id);
  return record;
}

/** Sixteen bytes of the list per request; fewer mean the end. */
function cipherSuites({ settings }: BmcContext, data: Uint8Array): CommandAnswer {
  const form = settings.suiteRecords;
  if (form === 'none') return refused(COMPLETION.invalidCommand);
  if (!isOurChannel(data[0] ?? 0)) return refused(COMPLETION.invalidField);
  const list = settings.suites.flatMap((suite) => suiteRecord(suite, form));
  const from = ((data[2] ?? 0) & 0x3f) * 16;
  return ok(LAN_CHANNEL, ...list.slice(from, from + 16));
}

function setSessionPrivilege({ session }: BmcContext, data: Uint8Array): CommandAnswer {
  const wanted = (data[0] ?? 0) & 0x0f;
  if (session === undefined) return refused(COMPLETION.insufficientPrivilege);
  if (wanted === 0) return ok(session.privilege);
  if (wanted === 1 || wanted > 5) return refused(COMPLETION.invalidField);
  if (wanted > session.limit) return refused(0x81);
  session.privilege = wanted;
  return ok(wanted);
}

function closeSession({ session, sessions }: BmcContext, data: Uint8Array): CommandAnswer {
  const asked = sessions.find(Buffer.from(data).readUInt32LE(0));
  if (asked?.stage !== 'active' || session === undefined) return refused(0x87);
  const own = asked === session;
  if (!own && session.privilege < ADMINISTRATOR) return refused(COMPLETION.insufficientPrivilege);
  sessions.close(asked);
  return ok();
}

/** Handle, slots, sessions in use, user, privilege, channel; then address, MAC and port of the console, which are not known here. */
function sessionInfo({ session, sessions }: BmcContext, data: Uint8Array): CommandAnswer {
  const index = data[0] ?? 0;
  if (session === undefined) return refused(COMPLETION.insufficientPrivilege);
  if (index > 1) return index <= sessions.slots ? ok(0, sessions.slots, sessions.active) : refused(COMPLETION.outOfRange);
  const about = [session.user?.id ?? 0, session.privilege, 0x10 | LAN_CHANNEL, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
  return ok(1, sessions.slots, sessions.active, ...about);
}

/** S0/G0 or S5/G2, D0. The specification itself says that it may not match reality. */
function acpiState({ machine, faults }: BmcContext): CommandAnswer {
  const said = faults.reading('', machine.lamp ? 'on' : 'off');
  return ok(said === 'on' ? 0x00 : said === 'off' ? 0x05 : 0x2a, 0x00);
}

function restart({ restartSoon }: BmcContext): CommandAnswer {
  restartSoon();
  return ok();
}

const APPLICATION_COMMANDS: readonly (readonly [number, Command<BmcContext>])[] = [
  [key(NETFN.application, 0x01), { needs: USER, run: deviceId }],
  [key(NETFN.application, 0x02), { needs: ADMINISTRATOR, run: restart }],
  [key(NETFN.application, 0x03), { needs: ADMINISTRATOR, run: restart }],
  [key(NETFN.application, 0x07), { needs: USER, run: acpiState }],
  [
    key(NETFN.application, 0x37),
    { needs: USER, sessionless: true, run: ({ settings }) => ({ completion: COMPLETION.ok, data: settings.guid }) },
  ],
  [key(NETFN.application, 0x38), { needs: CALLBACK, sessionless: true, least: 2, run: authenticationCapabilities }],
  [key(NETFN.application, 0x3b), { needs: CALLBACK, least: 1, run: setSessionPrivilege }],
  [key(NETFN.application, 0x3c), { needs: CALLBACK, least: 4, run: closeSession }],
  [key(NETFN.application, 0x3d), { needs: USER, least: 1, run: sessionInfo }],
  [key(NETFN.application, 0x54), { needs: CALLBACK, sessionless: true, least: 3, run: cipherSuites }],
];

/** One table for all BMCs of the process. What is not in it (HPM and PICMG probes of ipmitool among them) is answered C1h. */
export const COMMANDS: CommandTable<BmcContext> = new Map<number, Command<BmcContext>>([...CHASSIS_COMMANDS, ...APPLICATION_COMMANDS]);

export const GET_CHANNEL_CIPHER_SUITES = 0x54;
