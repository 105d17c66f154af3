/** What a Redfish service has to switch: systems over machines, outlets over relays. */
import { createHash } from 'node:crypto';
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { ChassisAction, Machine } from '../machine.ts';
import type { Relay, Wanted } from '../relay.ts';
import type { RedfishManners } from './manners.ts';
import { failed, type Json, type JsonMap, type MockReply } from './replies.ts';

export interface MockSystem {
  /** The last part of its path: `1`, `Self`, `System.Embedded.1`. */
  readonly id: string;
  readonly machine: Machine;
  readonly uuid?: string;
  readonly serial?: string;
  readonly manufacturer?: string;
  readonly model?: string;
}

export interface MockStrip {
  readonly id: string;
  /** By the outlet's id. */
  readonly outlets: ReadonlyMap<string, Relay>;
  readonly serial?: string;
  /** Outlets whose PowerControlLocked is true. */
  readonly held?: Set<string>;
  readonly metered?: boolean;
}

/** Something with a power: how an order reaches it, and what is true. */
export interface Box {
  readonly id: string;
  readonly path: string;
  readonly lit: () => boolean;
  readonly pending: () => Wanted | undefined;
  readonly press: (wanted: Wanted) => void;
}

export const SYSTEMS = '/redfish/v1/Systems';
export const STRIPS = '/redfish/v1/PowerEquipment/RackPDUs';

const RESETS: Readonly<Record<string, ChassisAction>> = {
  On: 'on',
  ForceOn: 'on',
  ForceOff: 'off',
  GracefulShutdown: 'soft',
  ForceRestart: 'reset',
  PowerCycle: 'cycle',
};
export const RESET_TYPES: readonly string[] = ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'PowerCycle', 'PushPowerButton'];

/** A UUID that names the machine: stable over restarts, different for different names. */
export function uuidOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

export const systemBox = ({ id, machine }: MockSystem): Box => ({
  id,
  path: `${SYSTEMS}/${id}`,
  lit: () => machine.lamp,
  pending: () => machine.pending,
  press: (wanted) => machine.press(wanted),
});

export const outletBox = (strip: MockStrip, id: string, relay: Relay): Box => ({
  id,
  path: `${STRIPS}/${strip.id}/Outlets/${id}`,
  lit: () => relay.closed,
  pending: () => relay.pending,
  press: (wanted) => relay.order(wanted, { delayMs: 0 }),
});

/** PowerState as it is said: the truth, the way there, or what the faults and manners make of it. */
function powerState(box: Box, faults: Faulty, { powerState: written }: RedfishManners): { readonly PowerState?: Json } {
  if (written === 'absent') return {};
  if (written !== undefined) return { PowerState: written };
  const truth = box.lit() ? 'on' : 'off';
  const said = faults.reading(box.id, truth);
  const pending = box.pending();
  if (said === 'transitional') return { PowerState: 'PoweringOff' };
  if (said === truth && pending !== undefined && pending !== truth) return { PowerState: pending === 'off' ? 'PoweringOff' : 'PoweringOn' };
  return { PowerState: said === 'on' ? 'On' : 'Off' };
}

/** The entity tag of a resource that has only its power to change. */
export const etagOf = (box: Box): string => `W/"${box.id}-${box.lit() ? 1 : 0}"`;

interface Switching {
  readonly boxes: readonly Box[];
  readonly box: Box;
  readonly wanted: Wanted;
  readonly run: (box: Box) => void;
}

/** Carries an order out as the fault plan has it: on this box, another one, not at all, or not for long. */
export function carryOut({ boxes, box, wanted, run }: Switching, faults: Faulty, clock: MockClock): () => void {
  const fate = faults.ordered(box.id, wanted);
  const meant = boxes[(boxes.indexOf(box) + fate.plugOffset) % boxes.length];
  return () => {
    if (!fate.act || meant === undefined) return;
    run(meant);
    if (fate.undoAfterMs !== undefined) clock.after(fate.undoAfterMs, () => meant.press(wanted === 'off' ? 'on' : 'off'));
  };
}

/** Refusals that come before anything is switched; undefined: it is taken. */
export function orderRefusal(box: Box, wanted: Wanted, manners: RedfishManners): MockReply | undefined {
  const { orderStatus, refusesWhenAlready, messageId } = manners;
  if (orderStatus !== undefined) {
    const wait = orderStatus === 503 ? { 'Retry-After': String(manners.retryAfter ?? 1) } : {};
    return failed(orderStatus, 'The order was not taken.', messageId, wait);
  }
  const already = box.lit() === (wanted === 'on') && box.pending() === undefined;
  return already && refusesWhenAlready !== undefined ? failed(refusesWhenAlready, `The power is ${wanted} already.`, messageId) : undefined;
}

/** The action of a reset type: undefined where there is no such type. A pushed button toggles. */
export function resetAction(type: string, machine: Machine): { readonly action: ChassisAction; readonly wanted: Wanted } | undefined {
  const action = type === 'PushPowerButton' ? (machine.lamp ? 'off' : 'on') : Object.hasOwn(RESETS, type) ? RESETS[type] : undefined;
  if (action === undefined) return undefined;
  return { action, wanted: action === 'off' || action === 'soft' ? 'off' : 'on' };
}

export function systemResource(system: MockSystem, box: Box, faults: Faulty, manners: RedfishManners): JsonMap {
  const { id, machine, manufacturer = 'bailiff', model = 'mock', serial = `SN-${machine.name}`, uuid = uuidOf(machine.name) } = system;
  const types = manners.resetTypes ?? RESET_TYPES;
  const tells = manners.tellsResetTypes ?? 'inline';
  const reset = {
    target: `${box.path}/Actions/ComputerSystem.Reset`,
    ...(tells === 'inline' ? { 'ResetType@Redfish.AllowableValues': types } : {}),
    ...(tells === 'action-info' ? { '@Redfish.ActionInfo': `${box.path}/ResetActionInfo` } : {}),
  };
  return {
    '@odata.id': box.path,
    '@odata.type': '#ComputerSystem.v1_20_1.ComputerSystem',
    '@odata.etag': etagOf(box),
    Id: id,
    Name: machine.name,
    SystemType: 'Physical',
    HostName: machine.name,
    Manufacturer: manufacturer,
    Model: model,
    SerialNumber: serial,
    UUID: uuid,
    ...powerState(box, faults, manners),
    PowerRestorePolicy: { 'always-off': 'AlwaysOff', previous: 'LastState', 'always-on': 'AlwaysOn' }[machine.restore],
    Status: { State: 'Enabled', Health: 'OK' },
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      BootSourceOverrideTarget: 'None',
      'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe'],
    },
    ...(manners.noActions === true ? {} : { Actions: { '#ComputerSystem.Reset': reset } }),
  };
}

export function outletResource(strip: MockStrip, box: Box, relay: Relay, faults: Faulty, manners: RedfishManners): JsonMap {
  const power = powerState(box, faults, manners);
  const { watts } = relay;
  return {
    '@odata.id': box.path,
    '@odata.type': '#Outlet.v1_4_2.Outlet',
    '@odata.etag': etagOf(box),
    Id: box.id,
    Name: `Outlet ${box.id}`,
    Status: { State: 'Enabled', Health: 'OK' },
    OutletType: 'IEC_60320_C13',
    ...power,
    PowerStateInTransition: relay.pending !== undefined,
    PowerEnabled: relay.closed,
    PowerControlLocked: strip.held?.has(box.id) === true,
    ...(strip.metered === false ? {} : { PowerWatts: { Reading: watts }, CurrentAmps: { Reading: Math.round((watts / 230) * 100) / 100 } }),
    ...(manners.noActions === true ? {} : { Actions: { '#Outlet.PowerControl': { target: `${box.path}/Outlet.PowerControl` } } }),
  };
}
