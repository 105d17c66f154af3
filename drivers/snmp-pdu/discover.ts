/** `bailiff discover HOST`: which profiles fit this PDU, its outlets with names, states and loads, and what is dangerous about its login. */
import { SharedDeadline } from '../kit/deadline.ts';
import type { Discovered, DriverTools, ListedOutlet, Problem, Deadline } from '../kit/contract.ts';
import { columnOf } from './addressing.ts';
import { SnmpClient } from './client.ts';
import type { Login } from './credentials.ts';
import { DEFAULT_COMMUNITIES, recognises, SYS_DESCR, SYS_OBJECT_ID } from './health.ts';
import { type Pdu, pduOf } from './pdu.ts';
import { Outlets } from './outlets.ts';
import { listOutlets } from './listing.ts';
import { Readings } from './readings.ts';
import { familyUnknown, loginMissing, problemOf, quoted } from './problems.ts';
import type { Profile } from './profile.ts';
import { PROFILES } from './profiles/index.ts';
import { loginOf } from './settings.ts';

interface DiscoverOptions {
  readonly host: string;
  readonly port?: number;
  readonly login: Login;
  readonly tools: DriverTools;
  readonly within: Deadline;
}

interface Match {
  readonly profile: string;
  readonly title: string;
  /** What speaks for it: its sysObjectID (best), a word in sysDescr, or only that its outlets answer. */
  readonly by: 'sysObjectID' | 'sysDescr' | 'outlets';
  readonly experimental?: string;
}

interface Recognised {
  readonly sysObjectId?: string;
  readonly sysDescr?: string;
  /** Best first. Only profiles whose outlets answer are here; empty: no known family. */
  readonly matches: readonly Match[];
  /** Outlets as the best match shows them. */
  readonly outlets: readonly ListedOutlet[];
  readonly warnings: readonly string[];
}

/** Whoever does not answer its first question for so long has nothing to say, or not to this login. */
const FIRST_MS = 5_000;
/** Profiles asked for in one request; small, for old management cards. */
const PROFILES_AT_ONCE = 8;

/** Reads only. A problem where nothing could be learned at all. */
export async function discoverPdu(options: DiscoverOptions): Promise<Recognised | Problem> {
  const { host, port = 161, login, tools, within } = options;
  const client = new SnmpClient({ host, port, login, tools });
  try {
    const deadline = new SharedDeadline(tools, within);
    const secured = { v3: login.version === '3', priv: login.version === '3' && login.priv !== undefined };
    const first = { ...deadline.left, ms: Math.min(FIRST_MS, deadline.left.ms) };
    const system = await client.ask({ ask: 'get', oids: [SYS_DESCR, SYS_OBJECT_ID] }, first);
    if (system.reply !== 'answers') return problemOf(host, 'get sysDescr', system, secured);
    const [description, identity] = system.answers;
    const sysDescr = description?.kind === 'text' ? description.text : undefined;
    const sysObjectId = identity?.kind === 'oid' ? identity.text : undefined;
    const answering = await answeringProfiles(client, login, deadline);
    const ranked = rank(answering, sysObjectId, sysDescr);
    const pduAs = (profile: Profile): Pdu => pduOf({ device: host, profile, client, login, tools, defaults: {}, expectedNames: new Map() });
    const matches = await chainsFirst(ranked, pduAs, deadline);
    const best = PROFILES.find((profile) => profile.name === matches[0]?.profile);
    const warnings = warningsOf(login);
    let outlets: readonly ListedOutlet[] = [];
    if (best !== undefined) {
      const pdu = pduAs(best);
      const known = new Outlets(pdu);
      const listed = await listOutlets(pdu, known, new Readings(pdu, known), deadline.left);
      if ('code' in listed) warnings.push(listed.says);
      else outlets = listed;
    }
    return {
      ...(sysObjectId === undefined ? {} : { sysObjectId }),
      ...(sysDescr === undefined ? {} : { sysDescr }),
      matches,
      outlets,
      warnings,
    };
  } finally {
    await client.close();
  }
}

/** The column that must have a row: the one that tells the state, or the one that tells which outlet a row is. */
const probeOf = (profile: Profile): string => columnOf(profile.rows?.outlet ?? profile.state.object);

/** Version 1 gives up a whole request at the end of its tree, so there each is asked alone. */
async function answeringProfiles(client: SnmpClient, login: Login, deadline: SharedDeadline): Promise<readonly Profile[]> {
  const size = login.version === '1' ? 1 : PROFILES_AT_ONCE;
  const found: Profile[] = [];
  for (let from = 0; from < PROFILES.length; from += size) {
    const some = PROFILES.slice(from, from + size);
    const heard = await client.ask({ ask: 'next', oids: some.map(probeOf) }, deadline.left);
    if (heard.reply !== 'answers') continue;
    for (const [n, profile] of some.entries()) {
      const answer = heard.answers[n];
      if (answer?.kind === 'integer' && answer.oid.startsWith(`${probeOf(profile)}.`)) found.push(profile);
    }
  }
  return found;
}

function rank(answering: readonly Profile[], sysObjectId: string | undefined, sysDescr: string | undefined): readonly Match[] {
  const longest = (profile: Profile): number =>
    sysObjectId !== undefined && recognises(profile, sysObjectId)
      ? Math.max(
          ...profile.recognise.sysObjectId
            .filter((prefix) => sysObjectId === prefix || sysObjectId.startsWith(`${prefix}.`))
            .map((prefix) => prefix.length),
        )
      : 0;
  const described = (profile: Profile): boolean =>
    sysDescr !== undefined && profile.recognise.sysDescr.some((word) => sysDescr.includes(word));
  const sound = (profile: Profile): number => (profile.experimental === undefined ? 1 : 0);
  return [...answering]
    .sort((a, b) => longest(b) - longest(a) || Number(described(b)) - Number(described(a)) || sound(b) - sound(a))
    .map((profile) => ({
      profile: profile.name,
      title: profile.title,
      by: longest(profile) > 0 ? 'sysObjectID' : described(profile) ? 'sysDescr' : 'outlets',
      ...(profile.experimental === undefined ? {} : { experimental: profile.experimental }),
    }));
}

/**
 * A chain answers like one unit whose rows count on over all of them; the number on the case is then not the row. Where the columns that tell
 * show more than one unit, the profile that reads them comes before the one of the same sysObjectID that does not.
 */
async function chainsFirst(
  ranked: readonly Match[],
  pduAs: (profile: Profile) => Pdu,
  deadline: SharedDeadline,
): Promise<readonly Match[]> {
  const profileOf = (match: Match | undefined): Profile | undefined => PROFILES.find((profile) => profile.name === match?.profile);
  const [first] = ranked;
  const kin = profileOf(first)?.recognise.sysObjectId.join();
  const chained = ranked.find((match) => profileOf(match)?.rows !== undefined && profileOf(match)?.recognise.sysObjectId.join() === kin);
  const profile = profileOf(chained);
  if (chained === undefined || profile === undefined || chained === first) return ranked;
  const pdu = pduAs(profile);
  const table = await new Outlets(pdu).rowTable(deadline);
  if ('problem' in table || new Set(table.rows.map(({ place }) => place.unit)).size < 2) return ranked;
  return [chained, ...ranked.filter((match) => match !== chained)];
}

function warningsOf(login: Login): string[] {
  if (login.version === '3')
    return login.auth === undefined ? ['SNMPv3 without authentication: whoever knows the user name can switch outlets'] : [];
  const warnings = [`SNMP version ${login.version} sends its community in the clear`];
  try {
    if (DEFAULT_COMMUNITIES.includes(login.community.reveal().trim()))
      warnings.push('the community is a well-known default: change it on the PDU');
  } catch {
    // The request itself has told that the secret cannot be fetched.
  }
  return warnings;
}

/** `DriverModule.discover`: what a person gave becomes a login, what was recognised becomes lines and settings to paste. No community is guessed. */
export async function discover(
  host: string,
  given: Readonly<Record<string, unknown>>,
  tools: DriverTools,
  within: Deadline,
): Promise<Discovered | Problem> {
  const version = given['version'] ?? (given['user'] === undefined ? '2c' : '3');
  const login = loginOf({ ...given, version });
  if (typeof login === 'string') return loginMissing(host, login);
  const port = typeof given['port'] === 'number' ? given['port'] : 161;
  const recognised = await discoverPdu({ host, port, login, tools, within });
  if ('code' in recognised) return recognised;
  const [best] = recognised.matches;
  if (best === undefined) return familyUnknown(host, recognised.sysObjectId, recognised.sysDescr);
  const { host: _host, port: _port, profile: wanted, profileFile: _file, version: _version, ...kept } = given;
  const profile = recognised.matches.find((match) => match.profile === wanted)?.profile ?? best.profile;
  return {
    found: [
      ...(recognised.sysDescr === undefined ? [] : [`it calls itself ${quoted(recognised.sysDescr)}`]),
      ...(recognised.sysObjectId === undefined ? [] : [`sysObjectID ${recognised.sysObjectId}`]),
      ...recognised.matches.map(({ profile, title, by }) => `profile ${profile} (${title}) fits by its ${by}`),
    ],
    warnings: [
      ...recognised.warnings,
      ...(best.experimental === undefined ? [] : [`profile ${best.profile} is experimental: ${best.experimental}`]),
    ],
    configuration: { ...(port === 161 ? {} : { port }), profile, version, ...kept },
    outlets: recognised.outlets,
  };
}
