/** Driver for power strips with Redfish (schema PowerDistribution, RackPDUs): each outlet is switched by Outlet.PowerControl and read. */
import type {
  DriverModule,
  DriverTools,
  Health,
  ListedOutlet,
  OrderResult,
  Problem,
  Reading,
  WantedPower,
  Deadline,
} from '../kit/contract.ts';
import type { Action } from './action.ts';
import { RedfishDevice, notOrdered, openDevice } from './device.ts';
import { discover } from './discover.ts';
import { checkStrip } from './health.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { controlOf, outletPower, OutletFinder } from './outlets.ts';
import { text } from './resource.ts';
import { PDU_SETTINGS, placeOf, type Prepared, settingsProblem } from './settings.ts';

const SOURCE = 'Outlet PowerState';
const WORD: Readonly<Record<WantedPower, string>> = { on: 'On', off: 'Off' };

class RedfishPduDriver extends RedfishDevice {
  readonly #prepared: Prepared;
  readonly #outlets: OutletFinder;

  constructor(device: string, prepared: Prepared, tools: DriverTools) {
    super(device, prepared, tools);
    this.#prepared = prepared;
    this.#outlets = new OutletFinder(this.client, prepared);
  }

  order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    return this.within(within, async (deadline) => {
      const action = await this.#action(plug, wanted, deadline);
      if ('code' in action) return notOrdered(action);
      const findAgain = (again: RunningDeadline): Promise<Action | Problem> => {
        this.#outlets.forget();
        return this.#action(plug, wanted, again);
      };
      return await this.carryOut(action, findAgain, (again) => this.#read(plug, again), wanted, deadline);
    });
  }

  read(plug: string, within: Deadline): Promise<Reading> {
    return this.within(within, (deadline) => this.#read(plug, deadline));
  }

  list(within: Deadline): Promise<readonly ListedOutlet[] | Problem> {
    return this.within(within, (deadline) => this.#list(deadline));
  }

  check(within: Deadline): Promise<Health> {
    return this.within(within, (deadline) =>
      checkStrip(this.#outlets, { client: this.client, prepared: this.#prepared, now: this.now(), deadline }),
    );
  }

  async #read(plug: string, deadline: RunningDeadline): Promise<Reading> {
    const found = await this.#outlets.find(plug, deadline);
    if ('code' in found) return { power: 'unknown', why: found, source: SOURCE };
    return outletPower(this.client, found);
  }

  /** The outlet is read right before each order: a locked one, or another one, must not be ordered. */
  async #action(plug: string, wanted: WantedPower, deadline: RunningDeadline): Promise<Action | Problem> {
    const found = await this.#outlets.find(plug, deadline);
    if ('code' in found) return found;
    const path = controlOf(this.client, found, plug);
    if (typeof path !== 'string') return path;
    const says = `outlet ${plug} ${WORD[wanted]}`;
    const etag = this.#prepared.quirks.noEtag ? undefined : found.etag;
    return { path, body: { PowerState: WORD[wanted] }, says, etag: () => Promise.resolve(etag) };
  }

  async #list(deadline: RunningDeadline): Promise<readonly ListedOutlet[] | Problem> {
    const paths = await this.#outlets.all(deadline);
    if ('code' in paths) return paths;
    const listed: ListedOutlet[] = [];
    for (const plug of paths.keys()) {
      const found = await this.#outlets.find(plug, deadline);
      if (deadline.over !== undefined) return deadline.over;
      if ('code' in found) listed.push({ plug, reading: { power: 'unknown', why: found, source: SOURCE } });
      else {
        const name = text(found.resource, 'UserLabel') ?? text(found.resource, 'Name');
        listed.push({ plug, ...(name === undefined ? {} : { name }), reading: outletPower(this.client, found) });
      }
    }
    return listed;
  }
}

export const driver: DriverModule = {
  name: 'redfish-pdu',
  summary: 'Power strips with Redfish over HTTPS: switches and reads single outlets of a rack PDU.',
  evidence: 'device',
  plugs: 'required',
  settings: PDU_SETTINGS,
  settingsProblem,
  place: placeOf,
  discover: (host, given, tools, within) => discover('pdu', driver, host, given, tools, within),
  open: (device, checked, tools) => openDevice(device, checked, (prepared) => new RedfishPduDriver(device, prepared, tools)),
};
