/** Names of machines that the configuration uses, resolved as a login would: does each lead somewhere, and where? */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { plainPlace } from '../config/index.ts';
import type { Problem } from '../vocabulary/index.ts';

export interface CheckedName {
  readonly name: string;
  /** In one spelling each; the address itself where it is one. */
  readonly addresses: readonly string[];
  /** `name-not-resolved`. */
  readonly problem?: Problem;
}

export type Lookup = (name: string) => Promise<readonly { readonly address: string }[]>;

const systemLookup: Lookup = async (name) => await lookup(name, { all: true });

const RESOLVE_WITHIN = 5000;
/** The system resolves four names at once in each process (libuv); more would only wait in line and seem late. */
const AT_ONCE = 4;

/** Each name once; never rejects. A resolver that does not come back is given up after `within` milliseconds. */
export async function resolveNames(
  names: readonly string[],
  resolve: Lookup = systemLookup,
  within = RESOLVE_WITHIN,
): Promise<ReadonlyMap<string, CheckedName>> {
  const waiting = [...new Set(names.map(plainPlace))];
  const checked = new Map<string, CheckedName>();
  const next = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) checked.set(name, await resolveOne(name, resolve, within));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return checked;
}

async function resolveOne(name: string, resolve: Lookup, within: number): Promise<CheckedName> {
  if (isIP(name.split('%', 1)[0] ?? '') !== 0) return { name, addresses: [name] };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${within} ms`)), within);
  });
  try {
    const found = await Promise.race([resolve(name), late]);
    const addresses = [...new Set(found.map(({ address }) => plainPlace(address)))];
    return addresses.length > 0 ? { name, addresses } : { name, addresses, problem: notResolved(name, 'it has no address') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { name, addresses: [], problem: notResolved(name, code ?? message) };
  } finally {
    clearTimeout(timer);
  }
}

const notResolved = (name: string, why: string): Problem => ({
  code: 'name-not-resolved',
  says: `The name ${name} leads to no address (${why}).`,
  next: 'Mend the name or the resolver; an address in the configuration needs no resolver on the day when it counts.',
});
