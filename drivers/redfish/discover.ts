/** Is there a Redfish service, and by which fingerprint is it known? Nothing secret is sent: whatever certificate it shows is only told. */
import { type Discovered, type DriverTools, type Problem, Secret, type Within } from '../contract.ts';
import { Client } from './client.ts';
import { Limit } from './limit.ts';
import { membersOf } from './members.ts';
import { lastPart, linkOf, text } from './resource.ts';

export interface FoundService {
  /** What to write into tls.pins after comparing it with the device itself. */
  readonly fingerprint: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  readonly version: string | undefined;
  readonly vendor: string | undefined;
  readonly product: string | undefined;
  readonly uuid: string | undefined;
  /** Ids of its systems; undefined where it tells them after a login only. */
  readonly systems: readonly string[] | undefined;
  /** It has power equipment: see the driver redfish-pdu. */
  readonly powerEquipment: boolean;
}

/** One TLS connection, one or two GETs without a login. A problem where there is no Redfish service. */
export async function discoverService(
  to: { readonly device: string; readonly host: string; readonly port?: number; readonly legacyTls?: boolean },
  tools: DriverTools,
  within: Within,
): Promise<FoundService | Problem> {
  const client = new Client(
    to.device,
    {
      host: to.host,
      port: to.port ?? 443,
      username: '',
      password: Secret.fixed('', 'nowhere'),
      auth: 'none',
      trust: { kind: 'anybody' },
      legacyTls: to.legacyTls === true,
      idleMs: 1_000,
      loginPauseMs: 0,
      quirks: { closeConnection: false, noEtag: true },
      member: undefined,
      uuid: undefined,
      serial: undefined,
    },
    tools,
  );
  const limit = new Limit(tools, client.where, within);
  try {
    const root = await client.root(limit);
    if ('code' in root) return root;
    const { resource } = root;
    const { certificate } = client;
    const listed = await membersOf(client, linkOf(resource, 'Systems'), limit);
    return {
      fingerprint: certificate?.fingerprint ?? '',
      subject: certificate?.subject ?? '',
      validTo: certificate?.validTo ?? 0,
      version: text(resource, 'RedfishVersion'),
      vendor: text(resource, 'Vendor'),
      product: text(resource, 'Product'),
      uuid: text(resource, 'UUID'),
      systems: 'code' in listed ? undefined : listed.map(lastPart),
      powerEquipment: linkOf(resource, 'PowerEquipment') !== undefined,
    };
  } finally {
    limit.end();
    await client.close();
  }
}

const HTTPS_PORT = 443;

type Given = Readonly<Record<string, unknown>>;

/** `DriverModule.discover` of both drivers: nothing is logged in to, for whose certificate it is has to be compared first. */
export async function discover(
  wanted: 'system' | 'pdu',
  host: string,
  given: Given,
  tools: DriverTools,
  within: Within,
): Promise<Discovered | Problem> {
  const port = typeof given['port'] === 'number' ? given['port'] : HTTPS_PORT;
  const service = await discoverService({ device: host, host, port, legacyTls: given['legacyTls'] === true }, tools, within);
  if ('code' in service) return service;
  if (wanted === 'pdu' && !service.powerEquipment) return otherKind(host, 'without power equipment', 'redfish');
  if (wanted === 'system' && service.powerEquipment && service.systems?.length === 0)
    return otherKind(host, 'of power equipment, without systems', 'redfish-pdu');
  // Plain HTTP is not offered where TLS answers.
  const { host: _host, port: _port, insecure: _insecure, tls, ...known } = given;
  const login = known['username'] !== undefined && known['password'] !== undefined;
  return {
    found: [
      ...describe(service),
      ...(wanted === 'system' ? describeSystems(service) : []),
      'compare the fingerprint with the device itself before you rely on it',
      ...(login ? [] : ['set username and password to log in with']),
    ],
    warnings: [],
    configuration: { ...(port === HTTPS_PORT ? {} : { port }), ...known, tls: isTrust(tls) ? tls : { pins: [service.fingerprint] } },
  };
}

function describe({ vendor, product, version, uuid, fingerprint, subject, validTo }: FoundService): readonly string[] {
  const named = [vendor, product].filter((each) => each !== undefined).join(' ');
  const until = Number.isFinite(validTo) && validTo > 0 ? `, valid until ${new Date(validTo).toISOString().slice(0, 10)}` : '';
  return [
    `a Redfish service${version === undefined ? '' : ` ${version}`}${named === '' ? '' : `: ${named}`}; it was not logged in to`,
    ...(uuid === undefined ? [] : [`its UUID is ${uuid}`]),
    `certificate of ${subject === '' ? 'nobody' : subject}${until}, SHA-256 fingerprint ${fingerprint}`,
  ];
}

function describeSystems({ systems }: FoundService): readonly string[] {
  if (systems === undefined) return ['it lists its systems after a login only'];
  return systems.length > 1 ? [`set system to one of ${systems.join(', ')}`] : [`system ${systems.join(', ')}`];
}

const isTrust = (tls: unknown): boolean => typeof tls === 'object' && tls !== null && ('ca' in tls || 'pins' in tls);

const otherKind = (host: string, of: string, driver: string): Problem => ({
  code: 'redfish-other-kind',
  says: `${host}: a Redfish service ${of}`,
  next: `Use the driver ${driver}.`,
});
