/** `bailiff discover HOST`: what is this device, which driver and profile fit, and what to paste into the configuration. Switches nothing. */
import { readFileSync } from 'node:fs';
import { type DriverModule, Secret, type SettingsSchema, checkSettings, type Discovered } from '../../drivers/contract.ts';
import { driverNames, isDriverModule, loadDriver } from '../../drivers/registry.ts';
import { realClock, realDice } from '../engine/clock.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { giveUp, type Io, printJson } from './io.ts';
import type { CommandModule } from './module.ts';
import { table } from './table.ts';

interface DiscoverOptions {
  readonly driver?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

const WITHIN = 15_000;

export const discover: CommandModule = {
  define(command, io) {
    command
      .argument('<host>', 'its address')
      .option('--driver <name>', 'ask as this driver only (default: every one that needs no more to ask)')
      .option('--set <name=value...>', 'what you know: port=1161 version=2c community=env:PDU_COMMUNITY username=admin password=file:pw')
      .option('--json', 'print JSON for machines')
      .addHelpText(
        'after',
        `
Secrets are references: file:PATH or env:NAME, never the secret itself.

Examples:
  bailiff discover 192.0.2.7
  bailiff discover 192.0.2.8 --driver snmp-pdu --set version=2c community=env:PDU_COMMUNITY
  bailiff discover 192.0.2.9 --driver ssh --set port=2222

Exit codes: 0 something was found, 1 nothing was, 2 usage.`,
      )
      .action(async (host: string, options: DiscoverOptions) => {
        const modules = await modulesFor(options.driver);
        if ('code' in modules) giveUp(io, modules, options.json === true);
        else await ask(io, host, modules, options);
      });
  },
};

async function modulesFor(name: string | undefined): Promise<readonly DriverModule[] | Problem> {
  const loaded = await Promise.all((name === undefined ? driverNames : [name]).map(async (one) => await loadDriver(one, process.cwd())));
  const failed = loaded.find((one): one is Problem => !isDriverModule(one));
  if (failed !== undefined) return failed;
  const modules = loaded.filter(isDriverModule).filter((module) => module.discover !== undefined);
  if (modules.length > 0) return modules;
  return {
    code: 'cannot-discover',
    says: `Driver ${name ?? ''} cannot discover devices.`,
    next: 'See its settings: bailiff config schema.',
  };
}

async function ask(io: Io, host: string, modules: readonly DriverModule[], options: DiscoverOptions): Promise<void> {
  const clock = realClock();
  const dice = realDice(clock);
  const tools = {
    now: () => clock.now(),
    after: (ms: number, run: () => void) => clock.after(ms, run),
    random: () => dice.random(),
    bytes: (length: number) => dice.bytes(length),
    debug: () => undefined,
  };
  const results = await Promise.all(
    modules.map(async (module): Promise<{ module: DriverModule; result: Discovered | Problem }> => {
      const given = givenFor(module.settings, options.set ?? []);
      if ('code' in given) return { module, result: given };
      const result = await module.discover?.(host, given.values, tools, { ms: WITHIN });
      return { module, result: result ?? { code: 'cannot-discover', says: 'It cannot discover.', next: 'Name another driver.' } };
    }),
  );
  const found = results.flatMap(({ module, result }) => ('code' in result ? [] : [{ module, result }]));
  io.exitCode = found.length > 0 ? 0 : EXIT.failed;
  if (options.json === true) {
    printJson(io, { host, results: results.map(({ module, result }) => ({ driver: module.name, ...result })) });
    return;
  }
  for (const { module, result } of found) print(io, host, module, result, options);
  for (const { module, result } of results) {
    if ('code' in result && (options.driver !== undefined || found.length === 0)) {
      io.out(`${module.name}: ${result.code}: ${result.says}`);
      io.out(`  next: ${result.next}`);
    }
  }
}

interface Given {
  readonly values: Readonly<Record<string, unknown>>;
}

/** `name=value`, also `auth.key=file:PATH`; only names that this driver has are handed to it. */
function givenFor(schema: SettingsSchema, words: readonly string[]): Given | Problem {
  const raw: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const path = word.slice(0, at).split('.');
    if (at < 1) return { code: 'usage', says: `--set ${word} is not name=value.`, next: 'For example --set port=1161.' };
    put(raw, path, valueOf(schema, path, word.slice(at + 1)));
  }
  const known = Object.fromEntries(Object.entries(raw).filter(([name]) => Object.hasOwn(schema, name)));
  const { problems } = checkSettings(loosened(schema), known);
  const first = problems[0];
  return first === undefined
    ? { values: known }
    : { code: 'wrong-setting', says: `${first.path} ${first.says}`, next: 'See bailiff discover --help.' };
}

const loosened = (schema: SettingsSchema): SettingsSchema =>
  Object.fromEntries(Object.entries(schema).map(([name, setting]) => [name, { ...setting, required: false }]));

function put(raw: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    raw[first] = value;
    return;
  }
  const inner = (raw[first] ?? {}) as Record<string, unknown>;
  raw[first] = inner;
  put(inner, rest, value);
}

function valueOf(schema: SettingsSchema, path: readonly string[], text: string): unknown {
  const [first = '', ...rest] = path;
  const setting = schema[first];
  if (setting?.kind === 'object') return valueOf(setting.fields, rest, text);
  if (setting?.kind === 'integer') return Number(text);
  if (setting?.kind === 'boolean') return text === 'true';
  if (setting?.kind !== 'secret') return text;
  const [how, ...where] = text.split(':');
  const place = where.join(':');
  if (how === 'file' && place !== '') return new Secret(`file ${place}`, () => readFileSync(place, 'utf8').replace(/\r?\n$/, ''));
  if (how === 'env' && place !== '') return new Secret(`environment variable ${place}`, () => process.env[place] ?? '');
  return text;
}

function print(io: Io, host: string, module: DriverModule, result: Discovered, options: DiscoverOptions): void {
  io.out(io.paint('strong', `${host} answers as ${module.name}`));
  for (const line of result.found) io.out(`  ${line}`);
  for (const line of result.warnings) io.out(io.paint('doubt', `  warning: ${line}`));
  if (result.outlets !== undefined && result.outlets.length > 0) {
    const rows = result.outlets.map(({ plug, name, reading }) => [
      plug,
      name ?? '',
      reading.power,
      reading.watts === undefined ? (reading.amps === undefined ? '' : `${reading.amps} A`) : `${reading.watts} W`,
    ]);
    for (const line of table(['outlet', 'name', 'power', 'load'], rows)) io.out(`  ${line}`);
  }
  io.out('  to paste under devices:');
  const settings = Object.entries(result.configuration).map(([name, value]) => `${name}: ${flow(value)}`);
  io.out(
    `    my-${module.name}: { ${[`driver: ${module.name}`, `host: ${flow(host)}`, ...settings, ...asGiven(result, options)].join(', ')} }`,
  );
}

/** Secrets appear as the references that were given. */
function asGiven(result: Discovered, options: DiscoverOptions): string[] {
  return (options.set ?? []).flatMap((word) => {
    const match = /^([A-Za-z]+)=(file|env):(.+)$/.exec(word);
    return match === null || Object.hasOwn(result.configuration, match[1] ?? '') ? [] : [`${match[1]}: { ${match[2]}: ${flow(match[3])} }`];
  });
}

const flow = (value: unknown): string => {
  if (typeof value === 'string') return /^[A-Za-z][A-Za-z0-9_.-]*$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof Secret))
    return `{ ${Object.entries(value)
      .map(([name, one]) => `${name}: ${flow(one)}`)
      .join(', ')} }`;
  return String(value);
};
