/** The outlets of one RackPDU: found by the id that the device gives them, read and switched one by one. */
import type { Problem, Reading } from '../kit/contract.ts';
import type { Client, Found } from './client.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { findMember, membersOf } from './members.ts';
import { noAction, noPower, noSuchPlug, outletHeld } from './problems.ts';
import { amount, inside, lastPart, linkOf, member, pathOn, text } from './resource.ts';
import type { Prepared } from './settings.ts';

const POWER_CONTROL = '#Outlet.PowerControl';

export class OutletFinder {
  readonly #client: Client;
  readonly #prepared: Prepared;
  #paths: ReadonlyMap<string, string> | undefined;

  constructor(client: Client, prepared: Prepared) {
    this.#client = client;
    this.#prepared = prepared;
  }

  /** Paths by plug: the last part of each member's link. */
  async all(deadline: RunningDeadline): Promise<ReadonlyMap<string, string> | Problem> {
    if (this.#paths !== undefined) return this.#paths;
    const strip = await this.strip(deadline);
    if ('code' in strip) return strip;
    const outlets = linkOf(strip.resource, 'Outlets');
    if (outlets === undefined) return noAction(this.#client.where, `outlets (${strip.path} has no Outlets)`);
    const paths = await membersOf(this.#client, outlets, deadline);
    if ('code' in paths) return paths;
    this.#paths = new Map(paths.map((path) => [lastPart(path), path]));
    return this.#paths;
  }

  /** The power strip itself. */
  async strip(deadline: RunningDeadline): Promise<Found | Problem> {
    const { member: wanted } = this.#prepared;
    if (wanted?.startsWith('/') === true) return await this.#client.get(wanted, deadline);
    const root = await this.#client.root(deadline);
    if ('code' in root) return root;
    const equipment = linkOf(root.resource, 'PowerEquipment');
    if (equipment === undefined) return noAction(this.#client.where, 'power equipment (its service root has no PowerEquipment)');
    const found = await this.#client.get(equipment, deadline);
    if ('code' in found) return found;
    const strips = linkOf(found.resource, 'RackPDUs');
    if (strips === undefined) return noAction(this.#client.where, 'rack PDUs (its PowerEquipment has no RackPDUs)');
    return await findMember(this.#client, strips, { what: 'power strip', setting: 'pdu', is: wanted }, deadline);
  }

  /** One outlet as it is now. */
  async find(plug: string, deadline: RunningDeadline): Promise<Found | Problem> {
    const before = this.#paths;
    const paths = await this.all(deadline);
    if ('code' in paths) return paths;
    const path = paths.get(plug);
    if (path === undefined) return noSuchPlug(this.#client.where, plug, `it has ${[...paths.keys()].slice(0, 48).join(', ') || 'none'}`);
    const found = await this.#client.get(path, deadline);
    if (!('code' in found) || found.code !== 'redfish-not-found' || before === undefined) return found;
    this.forget();
    return await this.find(plug, deadline);
  }

  forget(): void {
    this.#paths = undefined;
  }
}

/** Where to send an order for this outlet. */
export function controlOf(client: Client, { resource }: Found, plug: string): string | Problem {
  if (member(resource, 'PowerControlLocked') === true) return outletHeld(client.where, plug);
  const path = pathOn(client.origin, text(inside(resource, 'Actions', POWER_CONTROL), 'target'));
  return path ?? noAction(client.where, `${POWER_CONTROL.slice(1)} of outlet ${plug}`);
}

/** Exactly `Off` is off, and only when the outlet is not on its way somewhere. Load is told where it is metered. */
export function outletPower(client: Client, { resource, path }: Found): Reading {
  const state = member(resource, 'PowerState');
  const moving = member(resource, 'PowerStateInTransition') === true;
  const watts = amount(resource, 'PowerWatts', 'Reading');
  const amps = amount(resource, 'CurrentAmps', 'Reading');
  const load = { ...(watts === undefined ? {} : { watts }), ...(amps === undefined ? {} : { amps }), source: `GET ${path}` };
  if (state === 'Off' && !moving) return { power: 'off', ...load };
  if (state === 'On' && !moving) return { power: 'on', ...load };
  const why = `${JSON.stringify(state) ?? 'absent'}${moving ? ', in transition' : ''}`.slice(0, 80);
  return { power: 'unknown', ...load, why: noPower(client.where, `PowerState of ${path}`, why) };
}
