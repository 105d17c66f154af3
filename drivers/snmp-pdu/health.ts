/** `bailiff check`: can this PDU be reached, does the login work, does the profile fit, may it be written? Nothing is switched. */
import { SharedDeadline } from '../kit/deadline.ts';
import type { Health, Problem, Deadline } from '../kit/contract.ts';
import { instanceOf, type Place } from './addressing.ts';
import type { Answer, Heard } from './client.ts';
import type { Pdu } from './pdu.ts';
import { errorName, mayNotWrite, orderRefused, profileUnusable, quoted } from './problems.ts';
import type { Profile } from './profile.ts';

export const SYS_DESCR = '1.3.6.1.2.1.1.1.0';
export const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0';

/** Communities that every attacker tries first. */
export const DEFAULT_COMMUNITIES: readonly string[] = ['public', 'private', 'write', 'admin', 'snmp'];

export async function checkHealth(pdu: Pdu, within: Deadline): Promise<Health> {
  const found: string[] = [];
  const problem = await examine(pdu, new SharedDeadline(pdu.tools, within), found);
  return problem === undefined ? { ok: true, found } : { ok: false, found, problem };
}

async function examine(pdu: Pdu, deadline: SharedDeadline, found: string[]): Promise<Problem | undefined> {
  const { device, profile, client, login } = pdu;
  warn(pdu, found);
  const system = await client.ask({ ask: 'get', oids: [SYS_DESCR, SYS_OBJECT_ID] }, deadline.left);
  if (system.reply !== 'answers') return pdu.problem('get sysDescr', system);
  const [description, identity] = system.answers;
  found.push(
    `reachable and logged in with SNMP version ${login.version}${login.version === '3' ? `, user ${login.user}, ${login.priv?.protocol ?? 'no privacy'}` : ''}`,
  );
  if (description?.kind === 'text') found.push(`it calls itself ${quoted(description.text)}`);
  if (identity?.kind === 'oid' && profile.recognise.sysObjectId.length > 0 && !recognises(profile, identity.text)) {
    found.push(`warning: its sysObjectID ${identity.text} is not one of profile ${profile.name}`);
  }
  const unread = await firstOutlet(pdu, deadline, found);
  if (unread !== undefined) return unread;
  await count(pdu, deadline, found);
  if (profile.harmlessWrite === undefined) {
    found.push(`whether it may be written is not known: profile ${profile.name} names no object that is harmless to write`);
    return undefined;
  }
  return mayWrite(pdu, profile.harmlessWrite, deadline, found, device);
}

function warn({ profile, login }: Pdu, found: string[]): void {
  if (profile.experimental !== undefined) found.push(`warning: profile ${profile.name} is experimental: ${profile.experimental}`);
  if (login.version === '3') {
    if (login.auth === undefined) found.push('warning: SNMPv3 without authentication: whoever knows the user name can switch outlets');
    return;
  }
  found.push(`warning: SNMP version ${login.version} sends its community in the clear: whoever can listen can switch outlets`);
  try {
    if (DEFAULT_COMMUNITIES.includes(login.community.reveal().trim()))
      found.push('warning: the community is a well-known default; change it on the PDU');
  } catch {
    // A secret that cannot be fetched is told by the first request.
  }
}

export const recognises = (profile: Profile, identity: string): boolean =>
  profile.recognise.sysObjectId.some((prefix) => identity === prefix || identity.startsWith(`${prefix}.`));

/** The state column must answer: GETNEXT finds its first row, whatever number it has. */
async function firstOutlet(pdu: Pdu, deadline: SharedDeadline, found: string[]): Promise<Problem | undefined> {
  const { device, profile, client } = pdu;
  const column = profile.state.object.split('.{')[0] ?? profile.state.object;
  const heard = await client.ask({ ask: 'next', oids: [column] }, deadline.left);
  if (heard.reply !== 'answers' && heard.reply !== 'error') return pdu.problem('look for the first outlet', heard);
  const first: Answer | undefined = heard.reply === 'answers' ? heard.answers[0] : undefined;
  if (first?.kind !== 'integer' || !first.oid.startsWith(`${column}.`))
    return profileUnusable(device, `it has no outlets where profile ${profile.name} looks for them (${column})`);
  found.push(`profile ${profile.name} fits: ${first.oid} tells the state of an outlet`);
  return undefined;
}

async function count({ profile, client, defaults }: Pdu, deadline: SharedDeadline, found: string[]): Promise<void> {
  if (profile.outletCount === undefined) return;
  const place: Place = Object.fromEntries(profile.parts.map((part) => [part.name, defaults[part.name] ?? part.default ?? part.min]));
  const heard = await client.ask({ ask: 'get', oids: [instanceOf(profile.outletCount, place)] }, deadline.left);
  const answer = heard.reply === 'answers' ? heard.answers[0] : undefined;
  if (answer?.kind === 'integer' || answer?.kind === 'unsigned') found.push(`${answer.number} outlets`);
}

/** Writes the present value back, where the profile vouches that this does nothing. */
async function mayWrite(
  pdu: Pdu,
  harmless: NonNullable<Profile['harmlessWrite']>,
  deadline: SharedDeadline,
  found: string[],
  device: string,
): Promise<Problem | undefined> {
  const step = `write back the ${harmless.says}`;
  const present = await pdu.client.ask({ ask: 'get', oids: [harmless.object] }, deadline.left);
  const value = present.reply === 'answers' ? present.answers[0] : undefined;
  if (value?.kind !== 'integer' && value?.kind !== 'unsigned') {
    if (present.reply !== 'answers' && present.reply !== 'error') return pdu.problem(`read the ${harmless.says}`, present);
    found.push(`whether it may be written is not known: it has no ${harmless.says}`);
    return undefined;
  }
  const written: Heard = await pdu.client.ask(
    { ask: 'set', values: [{ oid: harmless.object, kind: value.kind, value: value.number }] },
    deadline.left,
  );
  if (written.reply === 'answers') {
    found.push(`may write: wrote back the ${harmless.says}, unchanged`);
    return undefined;
  }
  if (written.reply !== 'error') return pdu.problem(step, written);
  const forbidden = [2, 4, 6, 16, 17].includes(written.error);
  if (forbidden) return mayNotWrite(device, step, written.error);
  found.push(`whether it may be written is not known: the agent answered ${errorName(written.error)}`);
  return written.error === 5 ? orderRefused(device, step, written.error, false) : undefined;
}
