/** Devices: finds the driver, turns secret references into secrets, and has the driver's schema check the settings. */
import { isAbsolute, resolve } from 'node:path';
import { checkSettings, parseDuration, type Setting, type SettingsSchema } from '../../drivers/kit/settings.ts';
import { Secret, withoutSecrets } from '../vocabulary/index.ts';
import type { DeviceConfiguration, PolicyConfiguration, Unusable } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import { didYouMean, type Findings, type Path } from './findings.ts';
import { type SecretSources, secretAt } from './secrets.ts';
import { reportChangeable } from './sections.ts';
import { type DescribedDriver, malformed, threwOver, thrownText, toldBy } from './told.ts';
import { unknownKey } from './validate.ts';
import { DEVICE_KEYS, type WrittenDevice } from './written.ts';

export interface DriverLookup {
  /** Drivers in the tree, for error texts. */
  readonly names: readonly string[];
  /**
   * `module` is set where `word` is none of `names`: an absolute path (`./my-driver.js`), or the word itself (a package name). May import;
   * a rejection is reported at the device.
   */
  find(word: string, module: string | undefined): DescribedDriver | undefined | Promise<DescribedDriver | undefined>;
}

/** A lookup over modules that are already imported. */
export function driversFrom(modules: readonly DescribedDriver[]): DriverLookup {
  return { names: modules.map(({ name }) => name), find: (word) => modules.find(({ name }) => name === word) };
}

export interface ResolvedDevice {
  readonly device: DeviceConfiguration;
  /** Absent where its driver cannot be asked: then whatever is written is taken. */
  readonly plugs?: DescribedDriver['plugs'];
  /** One text for each way to write one plug. What a driver of others throws is for the caller to catch. */
  normalPlug(plug: string): string | Unusable;
}

interface Surroundings {
  readonly sources: SecretSources;
  readonly drivers: DriverLookup;
  readonly unloadable: 'error' | 'keep';
  readonly confirm: PolicyConfiguration['confirm'];
  readonly findings: Findings;
}

/** The device and whether its outlets are named; undefined after a problem was reported. Bounds of `confirm` were checked by the caller. */
export async function resolveDevice(name: string, written: WrittenDevice, around: Surroundings): Promise<ResolvedDevice | undefined> {
  const path: Path = ['devices', name];
  const { drivers, findings, sources } = around;
  const module = moduleOf(written.driver, sources.base, drivers.names);
  if (module !== undefined && isAbsolute(module) && sources.files === 'check') reportChangeable(module, [...path, 'driver'], findings);
  const found = await findDriver([...path, 'driver'], written.driver, module, around);
  if (found === undefined) return undefined;
  const common = {
    name,
    driver: written.driver,
    ...(module === undefined ? {} : { module }),
    ...(written.poweredBy === undefined ? {} : { poweredBy: written.poweredBy }),
    confirm: {
      readings: written.confirm?.readings ?? around.confirm.readings,
      gap: parseDuration(written.confirm?.gap ?? '') ?? around.confirm.gap,
    },
    ...(written.answerWithin === undefined ? {} : { answerWithin: parseDuration(written.answerWithin) ?? 0 }),
    lateness: parseDuration(written.lateness ?? DEFAULTS.device.lateness) ?? 0,
  };
  const described = 'code' in found ? found : describedBy(found, written, path, around);
  if (described === undefined) return undefined;
  if (!('code' in described)) {
    const { plugs, normalPlug, ...told } = described;
    return { device: { ...common, ...told }, plugs, normalPlug };
  }
  if (around.unloadable === 'error') {
    findings.add({ ...described, path: [...path, 'driver'] });
    return undefined;
  }
  // `device`, so that its level is taken for one that must be proved: it never is, and the next one has its turn.
  const device: DeviceConfiguration = { ...common, evidence: 'device', settings: {}, unusable: described };
  return { device, normalPlug: (plug) => plug };
}

type Described = Pick<DeviceConfiguration, 'evidence' | 'place' | 'settings'> & Required<Pick<ResolvedDevice, 'plugs' | 'normalPlug'>>;

/** What the driver says of its checked settings; undefined after a problem of the settings was reported. Whatever a driver of others throws is told. */
function describedBy(driver: DescribedDriver, written: WrittenDevice, path: Path, around: Surroundings): Described | Unusable | undefined {
  const { findings } = around;
  const before = findings.count();
  const raw = Object.fromEntries(Object.entries(written).filter(([key]) => !DEVICE_KEYS.includes(key)));
  const bound = bindMap(driver.settings, raw, path, around, DEVICE_KEYS);
  const { settings, problems } = checkSettings(driver.settings, bound);
  const next = `see what the driver ${driver.name} takes: bailiff config schema`;
  for (const problem of problems)
    findings.add({ code: 'wrong-setting', path: [...path, ...segments(problem.path)], says: problem.says, next });
  if (findings.count() > before) return undefined;
  try {
    const told = toldBy(driver, settings);
    if (typeof told !== 'string') return 'code' in told ? told : { ...told, settings, normalPlug: normalPlugOf(driver, settings) };
    findings.add({ code: 'wrong-setting', path, says: withoutSecrets(told), next });
    return undefined;
  } catch (error) {
    return threwOver('these settings', error);
  }
}

const normalPlugOf =
  (driver: DescribedDriver, settings: DeviceConfiguration['settings']): ResolvedDevice['normalPlug'] =>
  (plug) => {
    const normal: unknown = driver.normalPlug === undefined ? plug : driver.normalPlug(settings, plug);
    return typeof normal === 'string' ? normal : malformed(normal, 'the one text for this outlet');
  };

function moduleOf(word: string, base: string, names: readonly string[]): string | undefined {
  if (names.includes(word)) return undefined;
  return /^\.{0,2}\//.test(word) ? resolve(base, word) : word;
}

async function findDriver(
  path: Path,
  word: string,
  module: string | undefined,
  around: Surroundings,
): Promise<DescribedDriver | Unusable | undefined> {
  const { drivers, findings } = around;
  try {
    const driver = await drivers.find(word, module);
    if (driver !== undefined) return driver;
  } catch (error) {
    return { code: 'driver-not-loadable', says: `the driver could not be imported: ${thrownText(error)}`, next: 'mend or install it' };
  }
  const meant = didYouMean(word, drivers.names);
  const next = `${meant === undefined ? '' : `did you mean ${meant}? `}known are ${drivers.names.join(', ')}, a path such as ./my-driver.js, or an installed package`;
  const says = module !== undefined && isAbsolute(module) ? `there is no file ${module}` : 'no driver has this name';
  findings.add({ code: 'unknown-driver', path, says, next });
  return undefined;
}

/** The map with secrets in place of references. Unknown keys are reported and left out, so that they are reported once. */
function bindMap(
  schema: SettingsSchema,
  raw: object,
  path: Path,
  around: Surroundings,
  alsoKnown: readonly string[] = [],
): Record<string, unknown> {
  const bound: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    const setting = Object.hasOwn(schema, key) ? schema[key] : undefined;
    if (setting === undefined) around.findings.add(unknownKey([...path, key], key, [...alsoKnown, ...Object.keys(schema)]));
    else bound[key] = bind(setting, value, [...path, key], around);
  }
  return bound;
}

function bind(setting: Setting, value: unknown, path: Path, around: Surroundings): unknown {
  switch (setting.kind) {
    case 'secret':
      // After a reported problem a stand-in keeps the driver's schema from reporting the same place again.
      return secretAt(path, value, around.sources, around.findings) ?? Secret.fixed('', 'nowhere');
    case 'string':
      if (setting.isPath === true && typeof value === 'string' && value !== '') return fileAt(path, value, around);
      // `version: 3` is a number to YAML, and one of the texts 1, 2c, 3 to the driver.
      return typeof value === 'number' && setting.oneOf?.includes(String(value)) === true ? String(value) : value;
    case 'list':
      return Array.isArray(value) && value.length <= setting.maxItems
        ? value.map((item: unknown, index) => bind(setting.of, item, [...path, index], around))
        : value;
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bind(setting.of, item, [...path, key], around)]))
        : value;
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? bindMap(setting.fields, value, path, around) : value;
    default:
      return value;
  }
}

/** A file that the driver reads (known hosts, authorities, a profile) decides which device is believed. */
function fileAt(path: Path, written: string, { sources, findings }: Surroundings): string {
  const file = resolve(sources.base, written);
  if (sources.files === 'check') reportChangeable(file, path, findings);
  return file;
}

/** `auth.keys[1]` to its parts. */
function segments(path: string): Path {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => (index === undefined ? (key ?? '') : Number(index)));
}
