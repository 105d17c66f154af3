/** What `check` finds out about a device. Read only: nothing is switched and nothing is set. */
import type { Health, Identity, Problem } from '../kit/contract.ts';
import type { Client, Found } from './client.ts';
import type { SeenCertificate } from './dial.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { isUuid } from './members.ts';
import type { OutletFinder } from './outlets.ts';
import { rightOf } from './privilege.ts';
import { ADVICE } from './quirks.ts';
import { type Resource, text } from './resource.ts';
import type { Prepared } from './settings.ts';
import { powerOf, resetTypeFor, type SystemFinder } from './system.ts';

/** A certificate that ends sooner is worth a warning: a renewed one breaks its pin. */
const SOON_MS = 30 * 24 * 3_600_000;

/** What one check goes by. */
interface Checking {
  readonly client: Client;
  readonly prepared: Prepared;
  readonly now: number;
  readonly deadline: RunningDeadline;
}

export const checkSystem = (systems: SystemFinder, checking: Checking): Promise<Health> =>
  check(checking, (root, found) => lookAtSystem(systems, checking, root, found));

export const checkStrip = (outlets: OutletFinder, checking: Checking): Promise<Health> =>
  check(checking, (_root, found) => lookAtStrip(outlets, checking, found));

/** First the service, then what is switched, then the right to switch it. `look` adds to what was found and tells what it looked at. */
async function check(
  { client, prepared, now, deadline }: Checking,
  look: (root: Resource, found: string[]) => Promise<Found | Problem>,
): Promise<Health> {
  const found: string[] = [];
  const failed = (problem: Problem): Health => ({ ok: false, found, problem });
  const root = await client.root(deadline);
  if ('code' in root) return failed(root);
  found.push(describeRoot(root.resource), ...describeCertificate(client.certificate, now));
  const looked = await look(root.resource, found);
  if ('code' in looked) return failed(looked);
  const right = await rightOf(client, prepared, deadline);
  found.push(right.says);
  return right.problem === undefined ? { ok: true, found, ...identityOf(looked.resource) } : failed(right.problem);
}

async function lookAtSystem(
  systems: SystemFinder,
  { client, prepared, deadline }: Checking,
  root: Resource,
  found: string[],
): Promise<Found | Problem> {
  const system = await systems.find(deadline);
  if ('code' in system) return system;
  const { resource, path } = system;
  const identity = ['Manufacturer', 'Model', 'SerialNumber', 'UUID', 'HostName'].map((name) => [name, text(resource, name)] as const);
  const told = identity.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])).join(', ');
  found.push(
    `logged in as ${prepared.username} by ${client.loggedInBy}`,
    `system ${path}${told === '' ? ' tells no identity' : `: ${told}`}`,
  );
  if (!knowsIdentity(prepared))
    found.push('no uuid or serial is configured: an address that moves to another machine would not be noticed');
  const reading = powerOf(client, system);
  found.push(`reads ${reading.power}`);
  const restore = text(resource, 'PowerRestorePolicy');
  if (restore !== undefined) found.push(`when the mains come back: ${restore}`);
  const known = [text(root, 'Vendor'), text(root, 'Product'), text(resource, 'Manufacturer'), text(resource, 'Model'), path];
  found.push(...ADVICE.filter(({ fits }) => known.some((each) => each !== undefined && fits.test(each))).map(({ says }) => says));
  const reset = await systems.resetOf(system, deadline);
  if ('code' in reset) return reset;
  const off = resetTypeFor(client, 'off', reset);
  if (typeof off !== 'string') return off;
  const on = resetTypeFor(client, 'on', reset);
  found.push(
    reset.allowed === undefined
      ? 'does not say which reset types it takes: ForceOff will be tried'
      : `takes ${off}${typeof on === 'string' ? ` and ${on}` : ', and cannot be switched on'}`,
  );
  if (reading.power === 'unknown' && reading.why !== undefined) return reading.why;
  return system;
}

async function lookAtStrip(outlets: OutletFinder, { deadline }: Checking, found: string[]): Promise<Found | Problem> {
  const strip = await outlets.strip(deadline);
  if ('code' in strip) return strip;
  const told = ['Manufacturer', 'Model', 'SerialNumber', 'FirmwareVersion'].flatMap((name) => text(strip.resource, name) ?? []).join(', ');
  found.push(`power strip ${strip.path}${told === '' ? '' : `: ${told}`}`);
  const paths = await outlets.all(deadline);
  if ('code' in paths) return paths;
  found.push(`has ${paths.size} outlets: ${[...paths.keys()].slice(0, 48).join(', ')}`);
  return strip;
}

/** For the comparison with other entries: a UUID without its hyphens, a serial number with who gave it, what the machine is called. */
function identityOf(resource: Resource): { readonly identity?: Identity } {
  const [uuid, serial, maker] = [text(resource, 'UUID'), text(resource, 'SerialNumber'), text(resource, 'Manufacturer')];
  const name = text(resource, 'HostName');
  const guid = uuid !== undefined && isUuid(uuid) ? uuid.replaceAll('-', '').toLowerCase() : undefined;
  if (guid === undefined && serial === undefined && name === undefined) return {};
  return {
    identity: {
      ...(guid === undefined ? {} : { guid }),
      ...(serial === undefined ? {} : { serial }),
      ...(maker === undefined ? {} : { maker }),
      ...(name === undefined ? {} : { name }),
    },
  };
}

const knowsIdentity = ({ uuid, serial, member }: Prepared): boolean =>
  uuid !== undefined || serial !== undefined || (member !== undefined && isUuid(member));

function describeRoot(root: Resource): string {
  const maker = [text(root, 'Vendor'), text(root, 'Product')].filter((each) => each !== undefined).join(' ');
  return `Redfish ${text(root, 'RedfishVersion') ?? 'of unknown version'}${maker === '' ? '' : ` of ${maker}`}`;
}

function describeCertificate(certificate: SeenCertificate | undefined, now: number): readonly string[] {
  if (certificate === undefined)
    return ['warning: plain HTTP: everybody on the way reads the password and may answer instead of the device'];
  const { fingerprint, validFrom, validTo, protocol } = certificate;
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const lines = [`${protocol}, certificate ${fingerprint}`];
  if (validTo < now) lines.push(`warning: the certificate ended on ${day(validTo)}`);
  else if (validTo - now < SOON_MS)
    lines.push(`warning: the certificate ends on ${day(validTo)}: pin its successor beside it before that day`);
  if (validFrom > now) lines.push(`warning: the certificate begins only on ${day(validFrom)}: a clock is wrong`);
  return lines;
}
