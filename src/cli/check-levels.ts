/** Every level of every node: is each of its outlets fit, and how could the level end? */
import { type Configuration, type DeviceConfiguration, isPerson } from '../config/index.ts';
import { outletName, type Problem } from '../vocabulary/index.ts';
import { type CheckedDevice, isFit } from './check-devices.ts';

/**
 * `confirmed`: its readings can prove off. `attested`: a person is part of it, whose word is no reading. `unconfirmed`: a device on the node
 * itself is part of it (a courtesy before the next level), or one that cannot be used: every outlet of a level must be proven.
 */
export type Ends = 'confirmed' | 'attested' | 'unconfirmed';

export interface CheckedLevel {
  /** From 1. */
  readonly level: number;
  readonly outlets: readonly string[];
  readonly fit: boolean;
  readonly ends: Ends;
  /** Devices of it whose driver cannot be had: as long as that is so it cannot confirm. */
  readonly unusable?: readonly string[];
}

export interface CheckedNode {
  readonly node: string;
  readonly levels: readonly CheckedLevel[];
  /** `no-level-fit`: nothing could prove that it is off, and nobody is there to say so. */
  readonly problem?: Problem;
  /** `only-a-person`. */
  readonly warning?: Problem;
}

export function checkLevels(configuration: Configuration, devices: readonly CheckedDevice[]): readonly CheckedNode[] {
  const checked = new Map(devices.map((one) => [one.device, one]));
  return [...configuration.nodes.values()].map(({ name: node, fence }): CheckedNode => {
    const levels = fence.map((outlets, index): CheckedLevel => {
      const used = outlets.map(({ device }) => configuration.devices.get(device));
      const unusable = [...new Set(used.flatMap((device) => (device?.unusable === undefined ? [] : [device.name])))];
      return {
        level: index + 1,
        outlets: outlets.map(({ device, outlet }) => outletName({ device, plug: outlet })),
        fit: outlets.every(({ device, outlet }) => outletIsFit(checked.get(device), outlet)),
        ends: endsOf(used),
        ...(unusable.length === 0 ? {} : { unusable }),
      };
    });
    const ready = levels.filter(({ fit }) => fit).map(({ ends }) => ends);
    // Without levels there is nothing to judge: lint says it.
    if (levels.length === 0 || ready.includes('confirmed')) return { node, levels };
    return ready.includes('attested') ? { node, levels, warning: onlyAPerson(node) } : { node, levels, problem: noLevelFit(node) };
  });
}

/** Of a strip only the outlets of this level count; another one that is missing is the matter of another node. */
function outletIsFit(device: CheckedDevice | undefined, plug: string): boolean {
  if (device === undefined || !device.health.ok || device.problems.length > 0) return false;
  return isFit(device) || device.outlets.some((outlet) => outlet.plug === plug && outlet.problem === undefined);
}

function endsOf(devices: readonly (DeviceConfiguration | undefined)[]): Ends {
  if (devices.some((device) => device?.evidence !== 'device')) return 'unconfirmed';
  if (devices.some((device) => isPerson(device))) return 'attested';
  return devices.some((device) => device?.unusable !== undefined) ? 'unconfirmed' : 'confirmed';
}

const onlyAPerson = (node: string): Problem => ({
  code: 'only-a-person',
  says: `As things stand now only a person can end the fencing of ${node}: attested, never confirmed.`,
  next: 'Mend the levels that are not fit, or add one whose devices can be read.',
});

const noLevelFit = (node: string): Problem => ({
  code: 'no-level-fit',
  says: `As things stand now no level of ${node} could prove that it is off.`,
  next: 'Mend the devices above that are not fit; a level that runs on the node itself proves nothing.',
});
