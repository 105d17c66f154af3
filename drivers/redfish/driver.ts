/**
 * Driver for management controllers with Redfish. One ComputerSystem is one device with one unnamed outlet. Its PowerState is the
 * reading; ComputerSystem.Reset with ForceOff or On is the order, and its answer means "accepted" at best.
 */
import type { DriverModule, DriverTools, Health, OrderResult, Problem, Reading, WantedPower, Deadline } from '../kit/contract.ts';
import type { Action } from './action.ts';
import { RedfishDevice, notOrdered, openDevice } from './device.ts';
import { discover } from './discover.ts';
import { checkSystem } from './health.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { noSuchPlug } from './problems.ts';
import { placeOf, type Prepared, settingsProblem, SYSTEM_SETTINGS } from './settings.ts';
import { powerOf, type ResetAction, resetTypeFor, SystemFinder } from './system.ts';

const SOURCE = 'PowerState';

class RedfishDriver extends RedfishDevice {
  readonly #prepared: Prepared;
  readonly #systems: SystemFinder;

  constructor(device: string, prepared: Prepared, tools: DriverTools) {
    super(device, prepared, tools);
    this.#prepared = prepared;
    this.#systems = new SystemFinder(this.client, prepared);
  }

  order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    if (plug !== '') return Promise.resolve({ result: 'rejected', why: this.#noPlug(plug) });
    return this.within(within, async (deadline) => {
      const action = await this.#action(wanted, deadline);
      if ('code' in action) return notOrdered(action);
      const findAgain = (again: RunningDeadline): Promise<Action | Problem> => {
        this.#systems.forget();
        return this.#action(wanted, again);
      };
      return await this.carryOut(action, findAgain, (again) => this.#read(again), wanted, deadline);
    });
  }

  read(plug: string, within: Deadline): Promise<Reading> {
    if (plug !== '') return Promise.resolve({ power: 'unknown', why: this.#noPlug(plug), source: SOURCE });
    return this.within(within, (deadline) => this.#read(deadline));
  }

  check(within: Deadline): Promise<Health> {
    return this.within(within, (deadline) =>
      checkSystem(this.#systems, { client: this.client, prepared: this.#prepared, now: this.now(), deadline }),
    );
  }

  async #read(deadline: RunningDeadline): Promise<Reading> {
    const found = await this.#systems.find(deadline);
    if ('code' in found) return { power: 'unknown', why: found, source: SOURCE };
    return powerOf(this.client, found);
  }

  async #action(wanted: WantedPower, deadline: RunningDeadline): Promise<Action | Problem> {
    const reset: ResetAction | Problem = await this.#systems.reset(deadline);
    if ('code' in reset) return reset;
    const type = resetTypeFor(this.client, wanted, reset);
    if (typeof type !== 'string') return type;
    return { path: reset.path, body: { ResetType: type }, says: type, etag: (again) => this.#etag(again) };
  }

  async #etag(deadline: RunningDeadline): Promise<string | undefined> {
    if (this.#prepared.quirks.noEtag) return undefined;
    const found = await this.#systems.find(deadline);
    return 'code' in found ? undefined : found.etag;
  }

  #noPlug(plug: string): Problem {
    return noSuchPlug(this.client.where, plug, 'a system has one outlet without a name: leave the plug out');
  }
}

export const driver: DriverModule = {
  name: 'redfish',
  summary: 'Management controllers with Redfish over HTTPS: switches and reads the power of one system.',
  evidence: 'device',
  plugs: 'none',
  settings: SYSTEM_SETTINGS,
  settingsProblem,
  place: placeOf,
  discover: (host, given, tools, within) => discover('system', driver, host, given, tools, within),
  open: (device, checked, tools) => openDevice(device, checked, (prepared) => new RedfishDriver(device, prepared, tools)),
};
