/** Which entries of the configuration are one device, as far as what is written tells. Nobody is asked and no name is resolved. */
import type { DeviceConfiguration } from './configuration.ts';

export interface DeviceIdentity {
  /** Equal where two entries lead to one place, or are written alike. */
  readonly base: string;
  /** Which one is meant where one place has several; '' is the place as a whole, and so every part of it. */
  readonly inside: string;
}

type Described = Pick<DeviceConfiguration, 'driver' | 'place' | 'settings' | 'unusable'>;

/** A person is no outlet: called for two nodes, they cut each by itself. */
export const isPerson = (device: Pick<DeviceConfiguration, 'driver'> | undefined): boolean => device?.driver === 'manual';

/**
 * Two names for one device are one device: a copied entry whose address was left as it was would cut the wrong node. Where the driver says
 * where its settings lead, that counts; else settings are compared, in which secrets print alike. Of a device that cannot be used neither is
 * known, and two persons may be called alike: such an entry is identical to itself alone.
 */
export function identityOf(device: Described | undefined, name: string): DeviceIdentity {
  if (device === undefined || device.unusable !== undefined || isPerson(device)) return { base: `entry ${name}`, inside: '' };
  const { place, driver, settings } = device;
  return place === undefined
    ? { base: `${driver} ${JSON.stringify(settings)}`, inside: '' }
    : { base: `at ${place.host} ${place.port}`, inside: place.inside };
}
