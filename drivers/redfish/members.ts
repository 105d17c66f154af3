/** Members of a collection, and the one that is meant: never the first, never the last, only the one that fits. */
import type { Problem } from '../kit/contract.ts';
import type { Client, Found } from './client.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { ambiguousMember, noSuchMember, unusableAnswer } from './problems.ts';
import { lastPart, linkOf, member, pathOn, text } from './resource.ts';

const MAX_PAGES = 8;
const MAX_MEMBERS = 256;
/** Members that are read one by one to compare identities. */
const MAX_COMPARED = 64;

interface Wanted {
  /** For texts: `system`, `power strip`. */
  readonly what: string;
  /** The setting that would decide. */
  readonly setting: string;
  /** Id, UUID or serial number; undefined: the only one. */
  readonly is: string | undefined;
}

/** Paths of all members, page after page. */
export async function membersOf(client: Client, collection: unknown, deadline: RunningDeadline): Promise<readonly string[] | Problem> {
  const paths: string[] = [];
  let next: unknown = collection;
  for (let page = 1; next !== undefined; page += 1) {
    const found = await client.get(next, deadline);
    if ('code' in found) return found;
    const listed = member(found.resource, 'Members');
    if (!Array.isArray(listed)) return unusableAnswer(client.where, `GET ${found.path}`, 'it is no collection');
    for (const each of listed as readonly unknown[]) {
      const path = pathOn(client.origin, linkOf({ each }, 'each'));
      if (path === undefined) return unusableAnswer(client.where, `GET ${found.path}`, 'a member has no link on this device');
      if (!paths.includes(path)) paths.push(path);
    }
    next = member(found.resource, 'Members@odata.nextLink');
    if (paths.length > MAX_MEMBERS || (page >= MAX_PAGES && next !== undefined)) {
      return unusableAnswer(client.where, `GET ${found.path}`, `it has more than ${MAX_MEMBERS} members or ${MAX_PAGES} pages`);
    }
  }
  return paths;
}

/** The one member that is wanted, read. */
export async function findMember(client: Client, collection: unknown, wanted: Wanted, deadline: RunningDeadline): Promise<Found | Problem> {
  const { where } = client;
  const paths = await membersOf(client, collection, deadline);
  if ('code' in paths) return paths;
  const names = paths.map(lastPart);
  const { what, setting, is } = wanted;
  if (is === undefined) {
    const [only] = paths;
    if (only === undefined) return noSuchMember(where, what, 'at all', []);
    return paths.length > 1 ? ambiguousMember(where, `${what}s`, setting, names) : await client.get(only, deadline);
  }
  const [named, ...others] = paths.filter((path) => lastPart(path) === is);
  if (named !== undefined && others.length === 0) return await client.get(named, deadline);
  const fitting: Found[] = [];
  for (const path of paths.slice(0, MAX_COMPARED)) {
    const found = await client.get(path, deadline);
    if ('code' in found) return found;
    if (fits(found, is)) fitting.push(found);
  }
  const [one, ...more] = fitting;
  if (one === undefined) return noSuchMember(where, what, is, names);
  return more.length > 0
    ? ambiguousMember(
        where,
        `${what}s`,
        setting,
        fitting.map(({ path }) => lastPart(path)),
      )
    : one;
}

/** Is it called so by itself: by its id, its UUID or its serial number? */
export function fits({ resource }: Found, is: string): boolean {
  return text(resource, 'Id') === is || sameUuid(text(resource, 'UUID'), is) || text(resource, 'SerialNumber') === is;
}

const bare = (uuid: string): string => uuid.replaceAll('-', '').toLowerCase();

/** Has it the form of a UUID? */
export const isUuid = (text: string): boolean => /^[0-9a-f]{32}$/.test(bare(text));

/** UUIDs are compared without regard to case and hyphens. */
export const sameUuid = (shown: string | undefined, is: string): boolean => shown !== undefined && isUuid(is) && bare(shown) === bare(is);
