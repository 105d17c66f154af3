/** Is there a Redfish service, and by which fingerprint is it known? Without a login, whatever certificate it shows. */
import {
  checkSettings,
  type Discovered,
  type DriverModule,
  type DriverTools,
  type Problem,
  Secret,
  type Deadline,
} from '../kit/contract.ts';
import { Client } from './client.ts';
import { RunningDeadline, SharedDeadline } from '../kit/deadline.ts';
import { deadlineTexts, otherKind } from './problems.ts';
import { membersOf } from './members.ts';
import { lastPart, linkOf, text } from './resource.ts';

interface FoundService {
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
  /** The service has power equipment, which the driver redfish-pdu switches. */
  readonly powerEquipment: boolean;
}

/** One TLS connection, one or two GETs without a login. A problem where there is no Redfish service. */
export async function discoverService(
  to: { readonly device: string; readonly host: string; readonly port?: number; readonly legacyTls?: boolean },
  tools: DriverTools,
  within: Deadline,
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
  const deadline = new RunningDeadline(tools, client.where, within, deadlineTexts);
  try {
    const root = await client.root(deadline);
    if ('code' in root) return root;
    const { resource } = root;
    const { certificate } = client;
    const listed = await membersOf(client, linkOf(resource, 'Systems'), deadline);
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
    deadline.end();
    await client.close();
  }
}

const HTTPS_PORT = 443;
const LOGIN_MS = 8_000;

type Given = Readonly<Record<string, unknown>>;

/** One of the two drivers, as the registry knows it. */
type Opener = Pick<DriverModule, 'settings' | 'open'>;

/**
 * `DriverModule.discover` of both drivers. A password is sent only where `tls` is given, too: then somebody has compared whose certificate
 * it is.
 */
export async function discover(
  wanted: 'system' | 'pdu',
  driver: Opener,
  host: string,
  given: Given,
  tools: DriverTools,
  within: Deadline,
): Promise<Discovered | Problem> {
  const deadline = new SharedDeadline(tools, within);
  const port = typeof given['port'] === 'number' ? given['port'] : HTTPS_PORT;
  const service = await discoverService({ device: host, host, port, legacyTls: given['legacyTls'] === true }, tools, within);
  if ('code' in service) return service;
  if (wanted === 'pdu' && !service.powerEquipment) return otherKind(host, 'without power equipment', 'redfish');
  if (wanted === 'system' && service.powerEquipment && service.systems?.length === 0)
    return otherKind(host, 'of power equipment, without systems', 'redfish-pdu');
  // Plain HTTP is not offered where TLS answers.
  const { host: _host, port: _port, insecure: _insecure, tls, ...known } = given;
  const login = known['username'] !== undefined && known['password'] !== undefined;
  const trusted = isTrust(tls);
  const configuration = {
    ...(port === HTTPS_PORT ? {} : { port }),
    ...known,
    tls: trusted ? tls : { pins: [service.fingerprint] },
  };
  const left = deadline.leftWithin(LOGIN_MS);
  const inside = login && trusted ? await lookInside(driver, host, configuration, tools, left) : { found: [], warnings: [] };
  return {
    found: [
      ...describe(service),
      ...(wanted === 'system' ? describeSystems(service) : []),
      ...(trusted ? [] : ['compare the fingerprint with the device itself before you rely on it; with tls.pins it is logged in to']),
      ...(login ? [] : ['set username and password to log in with']),
      ...inside.found,
    ],
    warnings: inside.warnings,
    configuration,
    ...(inside.outlets === undefined ? {} : { outlets: inside.outlets }),
  };
}

/** What a login finds: the driver's own check, and the outlets where there are several. */
async function lookInside(
  driver: Opener,
  host: string,
  configuration: Given,
  tools: DriverTools,
  within: Deadline,
): Promise<Pick<Discovered, 'found' | 'warnings' | 'outlets'>> {
  const { settings, problems } = checkSettings(driver.settings, { host, ...configuration });
  const [wrong] = problems;
  if (wrong !== undefined) return { found: [], warnings: [`no login was tried: ${wrong.path} ${wrong.says}`] };
  const deadline = new SharedDeadline(tools, within);
  const opened = driver.open(host, settings, tools);
  try {
    const { found, problem } = await opened.check(within);
    if (problem !== undefined) return { found, warnings: [`${problem.says}. ${problem.next}`] };
    const outlets = await opened.list?.(deadline.left);
    if (outlets === undefined) return { found, warnings: [] };
    return 'code' in outlets ? { found, warnings: [`${outlets.says}. ${outlets.next}`] } : { found, warnings: [], outlets };
  } finally {
    await opened.close();
  }
}

function describe({ vendor, product, version, uuid, fingerprint, subject, validTo }: FoundService): readonly string[] {
  const named = [vendor, product].filter((each) => each !== undefined).join(' ');
  const until = Number.isFinite(validTo) && validTo > 0 ? `, valid until ${new Date(validTo).toISOString().slice(0, 10)}` : '';
  return [
    `a Redfish service${version === undefined ? '' : ` ${version}`}${named === '' ? '' : `: ${named}`}`,
    ...(uuid === undefined ? [] : [`its UUID is ${uuid}`]),
    `certificate of ${subject === '' ? 'nobody' : subject}${until}, SHA-256 fingerprint ${fingerprint}`,
  ];
}

function describeSystems({ systems, powerEquipment }: FoundService): readonly string[] {
  const others = powerEquipment ? ['it has power equipment: the driver redfish-pdu switches the outlets of that'] : [];
  if (systems === undefined) return ['it lists its systems after a login only', ...others];
  return [systems.length > 1 ? `set system to one of ${systems.join(', ')}` : `system ${systems.join(', ')}`, ...others];
}

const isTrust = (tls: unknown): boolean => typeof tls === 'object' && tls !== null && ('ca' in tls || 'pins' in tls);
