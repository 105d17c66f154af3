/**
 * May this user reset a system and switch an outlet? What an action takes is no right: that comes from the user's role. The base privilege
 * registry of Redfish (DSP8011) asks ConfigureComponents for it; the predefined roles are those of DSP0266, "Privilege model".
 */
import type { Problem } from '../kit/contract.ts';
import type { Client, Found } from './client.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { membersOf } from './members.ts';
import { roleTooWeak } from './problems.ts';
import { lastPart, linkOf, member, type Resource, text, texts } from './resource.ts';
import type { Prepared } from './settings.ts';

const NEEDED = 'ConfigureComponents';
const PREDEFINED: Readonly<Record<string, boolean>> = { Administrator: true, Operator: true, ReadOnly: false };

/** Controllers number their accounts, most of them up to 16; more are not read to find one. */
const MAX_ACCOUNTS = 20;

/** One line for people, and a problem only where the service tells that the user may not. */
interface Right {
  readonly says: string;
  readonly problem?: Problem;
}

/** Reads accounts and roles for as long as half of the time is left; whatever they do not tell is not known. */
export async function rightOf(client: Client, prepared: Prepared, deadline: RunningDeadline): Promise<Right> {
  const { username } = prepared;
  const unknown = (why: string): Right => ({ says: `whether user ${username} may switch is not known: ${why}` });
  if (prepared.auth === 'none') return unknown('no login is configured');
  const account = await accountOf(client, username, deadline);
  if (typeof account === 'string') return unknown(account);
  const role = text(account.resource, 'RoleId');
  if (role === undefined) return unknown('its account tells no role');
  const may = await privileged(client, account.resource, role, deadline);
  if (may === undefined) return unknown(`the privileges of its role ${role} are not all told`);
  return may
    ? { says: `user ${username} may switch: its role ${role} has ${NEEDED}` }
    : { says: `user ${username} has the role ${role}, without ${NEEDED}`, problem: roleTooWeak(client.where, username, role) };
}

/** Who may only look reads no account but their own. A text: why it was not found. */
async function accountOf(client: Client, username: string, deadline: RunningDeadline): Promise<Found | string> {
  const half = deadline.remainingMs / 2;
  const root = await client.root(deadline);
  const link = 'code' in root ? undefined : linkOf(root.resource, 'AccountService');
  if (link === undefined) return 'the service tells no accounts';
  const service = await client.get(link, deadline);
  const accounts = 'code' in service ? undefined : linkOf(service.resource, 'Accounts');
  if (accounts === undefined) return 'its accounts cannot be read';
  const paths = await membersOf(client, accounts, deadline);
  if ('code' in paths) return 'its accounts cannot be read';
  const likely = paths.filter((path) => lastPart(path) === username);
  for (const path of [...likely, ...paths.filter((one) => !likely.includes(one))].slice(0, MAX_ACCOUNTS)) {
    if (deadline.remainingMs < half) return 'its accounts are not told in time';
    const account = await client.get(path, deadline);
    if (!('code' in account) && text(account.resource, 'UserName') === username) return account;
  }
  return 'no account that can be read is of this user';
}

/** Undefined: privileges of the maker's own may give the right as well, or the role is told nowhere. */
async function privileged(client: Client, account: Resource, role: string, deadline: RunningDeadline): Promise<boolean | undefined> {
  const link = linkOf(account, 'Links', 'Role');
  const found = link === undefined ? undefined : await client.get(link, deadline);
  const told = found === undefined || 'code' in found ? undefined : found.resource;
  const privileges = texts(member(told, 'AssignedPrivileges'));
  const has = privileges === undefined ? (Object.hasOwn(PREDEFINED, role) ? PREDEFINED[role] : undefined) : privileges.includes(NEEDED);
  if (has !== false) return has;
  const own = [member(account, 'Oem'), member(told, 'Oem')].some((each) => each !== undefined && each !== null);
  return own || (texts(member(told, 'OemPrivileges')) ?? []).length > 0 ? undefined : false;
}
