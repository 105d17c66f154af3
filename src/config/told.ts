/**
 * What a driver tells of its checked settings. A driver of others runs in this process, so that what it gives back is looked at as if it came
 * from the network, and copied: a made-up kind would let a device count as proof that is none.
 */
import type { DriverModule } from '../../drivers/kit/contract.ts';
import { withoutSecrets } from '../vocabulary/index.ts';
import type { DeviceConfiguration, Unusable } from './configuration.ts';
import { plainPlace } from './places.ts';

/** What the configuration needs to know of a driver. */
export type DescribedDriver = Pick<
  DriverModule,
  'name' | 'plugs' | 'settings' | 'evidence' | 'kindOf' | 'normalPlug' | 'place' | 'settingsProblem'
>;

interface Told extends Pick<DeviceConfiguration, 'evidence' | 'place'> {
  readonly plugs: DescribedDriver['plugs'];
}

/** A text: what does not fit together in the settings. `driver-malformed`: it gave back what the contract does not know. What it throws is thrown. */
export function toldBy(driver: DescribedDriver, settings: DeviceConfiguration['settings']): Told | Unusable | string {
  const together: unknown = driver.settingsProblem?.(settings);
  if (typeof together === 'string' && together !== '') return together;
  if (together !== undefined) return malformed(together, 'what does not fit together in these settings');
  const kind: unknown = driver.kindOf === undefined ? driver : driver.kindOf(settings);
  const { evidence, plugs } = isMap(kind) ? kind : {};
  if (evidence !== 'device' && evidence !== 'target')
    return malformed(isMap(kind) ? evidence : kind, 'the evidence of a device with these settings');
  if (plugs !== 'none' && plugs !== 'required') return malformed(plugs, 'whether outlets of a device with these settings are named');
  const place: unknown = driver.place?.(settings);
  if (place === undefined) return { evidence, plugs };
  const { host, port, inside } = isMap(place) ? place : {};
  if (typeof host !== 'string' || !isPort(port) || typeof inside !== 'string')
    return malformed(place, 'the place to which these settings lead');
  return { evidence, plugs, place: { host: plainPlace(host), port, inside } };
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isPort = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535;

/** Without its text: that may hold what is secret, or throw. */
export const malformed = (value: unknown, asked: string): Unusable => ({
  code: 'driver-malformed',
  says: `the driver gave back ${kindOf(value)} where it was asked for ${asked}, which the contract does not know`,
  next: BREAKS_NEXT,
});

const BREAKS_NEXT = 'the driver breaks its contract: mend it; bailiff conform shows it';

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (value === '') return 'an empty text';
  const names = { string: 'another text', number: 'a number', boolean: 'true or false', object: 'something else' } as const;
  return (typeof value) in names ? names[typeof value as keyof typeof names] : 'something else';
}

export const threwOver = (what: string, error: unknown): Unusable => ({
  code: 'driver-threw',
  says: `the driver threw over ${what}: ${thrownText(error)}`,
  next: BREAKS_NEXT,
});

/** The first line of what was thrown; it is a stranger's, so that even its text may throw. */
export function thrownText(error: unknown): string {
  try {
    return (
      withoutSecrets(String(error instanceof Error ? error.message : error))
        .split('\n', 1)
        .join('')
        .slice(0, 300) || 'without a word'
    );
  } catch {
    return 'without a word';
  }
}
