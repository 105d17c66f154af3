/** Is there a Redfish service, and by which fingerprint is it known? Nothing secret is sent: whatever certificate it shows is only told. */
import { type DriverTools, type Problem, Secret, type Within } from '../contract.ts';
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
