/**
 * `bailiff discover`: what a BMC says of itself before any login, and what a login finds where user and password are given. What is said
 * before a login is not authenticated: good enough to write a configuration by, never to believe a power state by.
 */
import {
  checkSettings,
  type Discovered,
  type DriverTools,
  type PowerDriver,
  type Problem,
  Secret,
  type Deadline,
} from '../kit/contract.ts';
import { SharedDeadline } from '../kit/deadline.ts';
import {
  type AuthCapabilities,
  cipherSuite,
  COMMAND,
  concat,
  decodeAuthCapabilities,
  decodeSuiteRecords,
  encodeAuthCapabilitiesRequest,
  encodeCipherSuitesRequest,
  isInsecure,
  NOTHING,
  PRIVILEGE,
} from './codec/index.ts';
import { MAX_SLICES, SUITE_0_OFFERED } from './health.ts';
import { malformedAnswer, problemOf, tooOld } from './problems.ts';
import { refusedCommand } from './session/failures.ts';
import type { Failure } from './session/terms.ts';
import { Sessionless } from './sessionless.ts';
import { settings } from './settings.ts';
import { type OpenWire, openUdp } from './transport.ts';

const RMCP_PORT = 623;
const PING_TRIES = 2;
const LIST_TRIES = 3;
const LOGIN_MS = 8_000;
/** In the order in which they are to be preferred. */
const SECURE = [17, 3, 12, 8];

type Given = Readonly<Record<string, unknown>>;
/** The driver itself, for the login. */
type OpenDriver = (checked: Given) => PowerDriver;

/** What was learned without a session. */
interface Heard {
  readonly pong: boolean;
  readonly capabilities: AuthCapabilities;
  /** The BMC answered in the wrapper of IPMI 2.0, whatever it says of itself. */
  readonly spoke2: boolean;
  /** Ids of the suites that it lists; undefined where it does not list them (ipmi_sim). */
  readonly offered: readonly number[] | undefined;
}

export async function discover(
  host: string,
  given: Given,
  tools: DriverTools,
  within: Deadline,
  open: OpenDriver,
  openWire: OpenWire = openUdp,
): Promise<Discovered | Problem> {
  const deadline = new SharedDeadline(tools, within);
  const port = typeof given['port'] === 'number' ? given['port'] : RMCP_PORT;
  const bmc = new Sessionless(host, port, tools, within, openWire);
  let heard: Heard | Failure;
  try {
    heard = await listen(bmc);
  } finally {
    bmc.close();
  }
  if ('step' in heard) return problemOf(host, heard);
  if (!speaks2(heard)) return tooOld(host);
  const configuration = configurationFrom(given, port, heard.offered);
  const login = await logIn(host, configuration, deadline.left, open);
  return {
    found: [...describe(heard), ...login.found],
    warnings: [...new Set([...dangers(heard), ...login.warnings])],
    configuration,
  };
}

async function listen(bmc: Sessionless): Promise<Heard | Failure> {
  const pong = await bmc.ping(PING_TRIES);
  // Silence to the ping proves nothing; a refusal by the network does.
  if ('step' in pong && pong.code !== 'ipmi-no-answer') return pong;
  const answer = await bmc.command(COMMAND.getChannelAuthCapabilities, encodeAuthCapabilitiesRequest(PRIVILEGE.operator), '1.5');
  if ('step' in answer) return answer;
  if (answer.completionCode !== 0) return refusedCommand(COMMAND.getChannelAuthCapabilities.name, answer.completionCode);
  const capabilities = decodeAuthCapabilities(answer.data);
  if (!capabilities.ok) return malformedAnswer(COMMAND.getChannelAuthCapabilities.name, 'the answer is too short to mean anything');
  return { pong: !('step' in pong), capabilities: capabilities.value, ...(await listSuites(bmc)) };
}

async function listSuites(bmc: Sessionless): Promise<Pick<Heard, 'spoke2' | 'offered'>> {
  let list: Uint8Array = NOTHING;
  for (let index = 0; index < MAX_SLICES; index += 1) {
    const slice = await bmc.command(COMMAND.getChannelCipherSuites, encodeCipherSuitesRequest(index), '2.0', LIST_TRIES);
    if ('step' in slice) return { spoke2: index > 0, offered: undefined };
    if (slice.completionCode !== 0 || slice.data.length < 1) return { spoke2: true, offered: undefined };
    list = concat(list, slice.data.slice(1));
    if (slice.data.length < 17) break;
  }
  const records = decodeSuiteRecords(list);
  const ids = records.ok ? [...new Set(records.value.filter(({ enterprise }) => enterprise === undefined).map(({ id }) => id))] : [];
  return { spoke2: true, offered: ids.length > 0 ? ids : undefined };
}

/** Several BMCs fill the extended capabilities wrongly, so an answer in the wrapper of 2.0 counts as well. */
const speaks2 = ({ capabilities, spoke2 }: Heard): boolean =>
  spoke2 || ((capabilities.types & 0x80) !== 0 && (capabilities.extended & 0x02) !== 0);

function describe({ pong, capabilities, offered }: Heard): readonly string[] {
  const { status } = capabilities;
  return [
    `a BMC with IPMI 2.0${pong ? '' : ' (it ignores the ASF presence ping, as many do)'}`,
    offered === undefined
      ? 'it does not list its cipher suites: 17 is tried, then 3'
      : `cipher suites offered: ${offered.join(', ')}${offered.includes(17) ? '' : '; not 17, the only one with SHA-256 and AES'}`,
    ...((status & 0x20) === 0 ? [] : ['a BMC key (Kg) is set: the login needs the setting kg besides the password']),
  ];
}

function dangers({ capabilities, offered = [] }: Heard): readonly string[] {
  const { types, status } = capabilities;
  const open = offered.filter((id) => id !== 0 && isOpen(id));
  return [
    ...(offered.includes(0) ? [SUITE_0_OFFERED] : []),
    ...(open.length > 0 ? [`the BMC offers cipher suites that do not encrypt, or not well (${open.join(', ')}): disable them`] : []),
    ...(offered.length > 0 && usable(offered).length === 0 ? ['the BMC offers no cipher suite that bailiff calls secure: update it'] : []),
    ...((status & 0x01) !== 0 ? ['anonymous login is enabled: no user name, no password; disable it'] : []),
    ...((status & 0x02) !== 0 ? ['a user without a name is enabled: disable it'] : []),
    ...((types & 0x01) !== 0 ? ['IPMI 1.5 sessions without any authentication are allowed: disable them'] : []),
    ...((types & 0x10) !== 0 ? ['IPMI 1.5 logins with the password in the clear are allowed: disable them'] : []),
  ];
}

/** A suite that this driver does not speak (xRC4) counts as open: its cipher is broken. */
function isOpen(id: number): boolean {
  const suite = cipherSuite(id);
  return suite === undefined || isInsecure(suite);
}

const usable = (offered: readonly number[]): readonly number[] => SECURE.filter((id) => offered.includes(id));

/** What was given, and the suites where the default would not do. */
function configurationFrom(given: Given, port: number, offered: readonly number[] | undefined): Given {
  const { host: _host, port: _port, ...known } = given;
  const secure = usable(offered ?? []);
  const named = known['cipherSuites'] !== undefined || secure.length === 0 || secure.includes(17);
  return { ...(port === RMCP_PORT ? {} : { port }), ...known, ...(named ? {} : { cipherSuites: secure }) };
}

/** Only with a user and a password that were given: nothing is guessed, and one login is made. */
async function logIn(
  host: string,
  configuration: Given,
  within: Deadline,
  open: OpenDriver,
): Promise<Pick<Discovered, 'found' | 'warnings'>> {
  if (typeof configuration['username'] !== 'string' || !(configuration['password'] instanceof Secret)) return { found: [], warnings: [] };
  const { settings: checked, problems } = checkSettings(settings, { host, ...configuration });
  const [wrong] = problems;
  if (wrong !== undefined) return { found: [], warnings: [`no login was tried: ${wrong.path} ${wrong.says}`] };
  const bmc = open(checked);
  try {
    const health = await bmc.check({ ...within, ms: Math.min(LOGIN_MS, within.ms) });
    const warned = health.found.filter((line) => line.startsWith(WARNING)).map((line) => line.slice(WARNING.length));
    const { problem } = health;
    return {
      found: health.found.filter((line) => !line.startsWith(WARNING)),
      warnings: [...warned, ...(problem === undefined ? [] : [`${problem.says}; ${problem.next}`])],
    };
  } finally {
    await bmc.close();
  }
}

const WARNING = 'warning: ';
