/** The one ComputerSystem that is meant: found, known by its identity, read and reset. */
import type { Problem, Reading, WantedPower } from '../kit/contract.ts';
import type { Client, Found } from './client.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { findMember, fits, isUuid, sameUuid } from './members.ts';
import { anotherIdentity, noAction, noPower, notOffered } from './problems.ts';
import { inside, lastPart, linkOf, member, pathOn, type Resource, text, texts } from './resource.ts';
import type { Prepared } from './settings.ts';

export interface ResetAction {
  readonly path: string;
  /** Undefined: the system does not say. */
  readonly allowed: readonly string[] | undefined;
}

/** Only these can be sent. A graceful shutdown may never end, a pushed button toggles, a restart has no moment without power. */
const RESET_TYPES: Readonly<Record<WantedPower, readonly string[]>> = { off: ['ForceOff'], on: ['On', 'ForceOn'] };
const RESET = '#ComputerSystem.Reset';

export class SystemFinder {
  readonly #client: Client;
  readonly #prepared: Prepared;
  #path: string | undefined;
  #reset: ResetAction | undefined;

  constructor(client: Client, prepared: Prepared) {
    this.#client = client;
    this.#prepared = prepared;
  }

  /** The system as it is now, and surely the one that is configured. */
  async find(deadline: RunningDeadline): Promise<Found | Problem> {
    const known = this.#path;
    let found = known === undefined ? await this.#locate(deadline) : await this.#client.get(known, deadline);
    if (known !== undefined && this.#isAstray(found)) {
      this.forget();
      found = await this.#locate(deadline);
    }
    if ('code' in found) return found;
    const wrong = this.#identityFault(found);
    if (wrong !== undefined) return wrong;
    this.#path = found.path;
    this.#learnReset(found.resource);
    return found;
  }

  /**
   * Where to send a reset. Where an identity is configured it is compared each time, right before; otherwise what was learned is used
   * again, to spare a round trip.
   */
  async reset(deadline: RunningDeadline): Promise<ResetAction | Problem> {
    const { uuid, serial } = this.#prepared;
    const byIdentity = uuid !== undefined || serial !== undefined || (this.#path !== undefined && !this.#isPlace(this.#path));
    if (!byIdentity && this.#reset !== undefined) return this.#reset;
    const found = await this.find(deadline);
    if ('code' in found) return found;
    return await this.resetOf(found, deadline);
  }

  async resetOf({ resource }: Found, deadline: RunningDeadline): Promise<ResetAction | Problem> {
    const learned = this.#learnReset(resource);
    if (learned !== undefined) return learned;
    const action = inside(resource, 'Actions', RESET);
    const path = pathOn(this.#client.origin, text(action, 'target'));
    if (path === undefined) return noAction(this.#client.where, RESET.slice(1));
    const allowed = await this.#fromActionInfo(action, deadline);
    if (deadline.over !== undefined) return deadline.over;
    this.#reset = { path, allowed };
    return this.#reset;
  }

  /** Another machine may have come to this address: what was learned is learned again. */
  forget(): void {
    this.#path = undefined;
    this.#reset = undefined;
  }

  /** Each reading brings the actions along, so that an order after it has nothing left to ask. */
  #learnReset(resource: Resource): ResetAction | undefined {
    const action = inside(resource, 'Actions', RESET);
    const path = pathOn(this.#client.origin, text(action, 'target'));
    const inline = texts(member(action, 'ResetType@Redfish.AllowableValues'));
    if (path !== undefined && inline !== undefined) this.#reset = { path, allowed: inline };
    else if (this.#reset?.path !== path) this.#reset = undefined;
    return this.#reset;
  }

  async #locate(deadline: RunningDeadline): Promise<Found | Problem> {
    const { member: wanted, uuid, serial } = this.#prepared;
    if (wanted?.startsWith('/') === true) return await this.#client.get(wanted, deadline);
    const root = await this.#client.root(deadline);
    if ('code' in root) return root;
    const systems = linkOf(root.resource, 'Systems');
    if (systems === undefined) return noAction(this.#client.where, 'computer systems (its service root has no Systems)');
    return await findMember(this.#client, systems, { what: 'system', setting: 'system', is: wanted ?? uuid ?? serial }, deadline);
  }

  /** Is what was learned of the path no longer so: nothing there, or another machine in the place of the one that was found by itself? */
  #isAstray(found: Found | Problem): boolean {
    if ('code' in found) return found.code === 'redfish-not-found';
    return !this.#isPlace(found.path) && this.#identityFault(found) !== undefined;
  }

  /** Do the settings name this place? Otherwise they name a machine, wherever it is, by what it tells of itself. */
  #isPlace(path: string): boolean {
    const { member: wanted, uuid, serial } = this.#prepared;
    const sought = wanted ?? uuid ?? serial;
    return sought === undefined || sought.startsWith('/') || lastPart(path) === sought;
  }

  #identityFault(found: Found): Problem | undefined {
    const { uuid, serial, member: wanted } = this.#prepared;
    const { where } = this.#client;
    const shownUuid = text(found.resource, 'UUID');
    const shownSerial = text(found.resource, 'SerialNumber');
    if (uuid !== undefined && !sameUuid(shownUuid, uuid) && text(found.resource, 'Id') !== uuid)
      return anotherIdentity(where, 'the UUID', shownUuid ?? 'not told', uuid);
    if (serial !== undefined && shownSerial !== serial)
      return anotherIdentity(where, 'the serial number', shownSerial ?? 'not told', serial);
    if (wanted === undefined || this.#isPlace(found.path) || fits(found, wanted)) return undefined;
    return isUuid(wanted)
      ? anotherIdentity(where, 'the UUID', shownUuid ?? 'not told', wanted)
      : anotherIdentity(where, 'the serial number', shownSerial ?? 'not told', wanted);
  }

  /** An action may say elsewhere what it takes (OpenBMC: ResetActionInfo). Where that cannot be read, nothing is known. */
  async #fromActionInfo(action: unknown, deadline: RunningDeadline): Promise<readonly string[] | undefined> {
    const link = text(action, '@Redfish.ActionInfo');
    if (link === undefined) return undefined;
    const info = await this.#client.get(link, deadline);
    const parameters = 'code' in info ? undefined : member(info.resource, 'Parameters');
    if (!Array.isArray(parameters)) return undefined;
    return texts(
      member(
        (parameters as readonly unknown[]).find((each) => text(each, 'Name') === 'ResetType'),
        'AllowableValues',
      ),
    );
  }
}

/** The reset type to send, or the problem that the system does not offer one. */
export function resetTypeFor(client: Client, wanted: WantedPower, { allowed }: ResetAction): string | Problem {
  const fit = RESET_TYPES[wanted];
  const chosen = allowed === undefined ? fit[0] : fit.find((type) => allowed.includes(type));
  return chosen ?? notOffered(client.where, fit.join(' or '), allowed ?? []);
}

/** Exactly `Off` is off and exactly `On` is on: whatever is on its way, paused, empty, absent or new is unknown. */
export function powerOf(client: Client, { resource, path }: Found): Reading {
  const state = member(resource, 'PowerState');
  const source = `GET ${path}`;
  if (state === 'Off') return { power: 'off', source };
  if (state === 'On') return { power: 'on', source };
  return {
    power: 'unknown',
    source,
    why: noPower(client.where, `PowerState of ${path}`, state === undefined ? 'it is absent' : JSON.stringify(state).slice(0, 80)),
  };
}
