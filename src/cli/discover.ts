/** `bailiff discover HOST`: what is this device, which driver and profile fit, and what to paste into the configuration. Switches nothing. */
import type { Discovered, DriverModule, ListedOutlet } from '../../drivers/kit/contract.ts';
import { driverNames, isDriverModule, isInTree, loadDriver } from '../../drivers/registry.ts';
import { cannotDiscover } from '../devices/discovery.ts';
import { discovery } from '../main/discovery.ts';
import { EXIT, type Problem } from '../vocabulary/index.ts';
import { type Given, givenFor, nameOf, settingAt } from './given.ts';
import { giveUp, type Io, printJson } from './io.ts';
import type { CommandModule } from './module.ts';
import { guardStrangers } from './open.ts';
import { type Pasted, pasted, yamlLines } from './paste.ts';
import { table } from './table.ts';

interface DiscoverOptions {
  readonly driver?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

interface Asking {
  readonly module: DriverModule;
  readonly given: Given;
}

interface Heard {
  readonly module: DriverModule;
  readonly result: { readonly discovered: Discovered; readonly paste: Pasted } | Problem;
}

export const discover: CommandModule = {
  define(command, io) {
    command
      .argument('<host>', 'its address')
      .option('--driver <name>', 'ask as this driver only (default: as every one)')
      .option('--set <name=value...>', 'what you know of it, by the names of the settings: username=fencer version=2c')
      .option('--json', 'print JSON for machines')
      .addHelpText(
        'after',
        `
No password and no community is ever guessed. Secrets are references: file:PATH or env:NAME, never the secret itself.

Examples:
  bailiff discover 192.0.2.7
  bailiff discover 192.0.2.7 --driver ipmi --set username=fencer password=file:secrets/db1-bmc
  bailiff discover 192.0.2.8 --driver snmp-pdu --set community=env:PDU_COMMUNITY
  bailiff discover 192.0.2.9 --driver ssh --set port=2222 dialect=apc-aos username=apc key=file:secrets/apc.key

Exit codes: 0 something was found, 1 nothing was, 2 usage.`,
      )
      .action(async (host: string, options: DiscoverOptions) => {
        const asking = await askingFor(io, options);
        if ('code' in asking) giveUp(io, asking, options.json === true);
        else await ask(io, host, asking, options);
      });
  },
};

/** Which drivers are asked, each with what it can use; a problem where a word of `--set` is of no use to any. */
async function askingFor(io: Io, { driver, set = [] }: DiscoverOptions): Promise<readonly Asking[] | Problem> {
  const names = driver === undefined ? driverNames : [driver];
  if (!names.every(isInTree)) await guardStrangers(io);
  const loaded = await Promise.all(names.map(async (one) => await loadDriver(one, process.cwd())));
  const failed = loaded.find((one): one is Problem => !isDriverModule(one));
  if (failed !== undefined) return failed;
  const modules = loaded.filter(isDriverModule).filter((module) => module.discover !== undefined);
  if (modules.length === 0) return cannotDiscover(names.join(', '));
  const wrong = set.map((word) => wrongWord(word, modules)).find((problem) => problem !== undefined);
  if (wrong !== undefined) return wrong;
  const given = modules.map((module) => ({ module, given: givenFor(module.settings, set) }));
  const bad = given.map((one) => one.given).find((one): one is Problem => 'code' in one);
  return bad ?? given.flatMap((one) => ('code' in one.given ? [] : [{ module: one.module, given: one.given }]));
}

/** Values are not repeated: one may be a secret in the wrong place. */
function wrongWord(word: string, modules: readonly DriverModule[]): Problem | undefined {
  const usage = (says: string, next: string): Problem => ({ code: 'usage', says, next });
  if (word.indexOf('=') < 1) return usage('A word of --set is not name=value.', 'For example --set port=1161.');
  const name = nameOf(word);
  if (name === 'host') return usage('--set host is the address itself.', 'Leave it out.');
  if (modules.length > 1 && name === 'port') return usage('--set port needs to know whose port it is.', 'Name the driver with --driver.');
  if (modules.some((module) => settingAt(module.settings, name.split('.')) !== undefined)) return undefined;
  const known = modules.length === 1 ? `It has ${Object.keys(modules[0]?.settings ?? {}).join(', ')}.` : 'See bailiff config schema.';
  return usage(`--set ${name.slice(0, 40)}: ${modules.map((module) => module.name).join(', ')}: no such setting.`, known);
}

async function ask(io: Io, host: string, asking: readonly Asking[], options: DiscoverOptions): Promise<void> {
  if (io.watched) io.err(`asking ${host} as ${asking.map(({ module }) => module.name).join(', ')} …`);
  const looking = discovery();
  const heard = await Promise.all(
    asking.map(async ({ module, given }): Promise<Heard> => {
      const discovered = await looking.look(module, host, given.values);
      if ('code' in discovered) return { module, result: discovered };
      return { module, result: { discovered, paste: pasted(module, host, discovered.configuration, given.references) } };
    }),
  );
  await looking.close();
  const anything = heard.some(({ result }) => !('code' in result));
  io.ends(anything ? 0 : EXIT.failed);
  if (options.json === true) printJson(io, { host, results: heard.map(asJson) });
  else print(io, host, heard);
}

function asJson({ module, result }: Heard): unknown {
  if ('code' in result) return { driver: module.name, ...result };
  const { found, warnings, outlets } = result.discovered;
  return { driver: module.name, found, warnings, ...(outlets === undefined ? {} : { outlets }), ...result.paste };
}

function print(io: Io, host: string, heard: readonly Heard[]): void {
  for (const { module, result } of heard) if (!('code' in result)) printFound(io, host, module, result.discovered, result.paste);
  const found = heard.some(({ result }) => !('code' in result));
  if (found) io.out(`Paste it into the configuration, under a name of your own; then: bailiff check`);
  for (const { module, result } of heard) {
    if (!('code' in result)) continue;
    io.out(`${io.paint(found ? 'faint' : 'bad', `not ${module.name}`)}: ${result.says}`);
    // Beside what was found, only what somebody has to do something about.
    if (!found || result.lasting === true) io.out(`  next: ${result.next}`);
  }
}

function printFound(io: Io, host: string, module: DriverModule, discovered: Discovered, paste: Pasted): void {
  io.out(io.paint('strong', `${host} answers as ${module.name}`));
  for (const line of discovered.found) io.out(`  ${line}`);
  for (const line of discovered.warnings) io.out(io.paint('doubt', `  warning: ${line}`));
  for (const line of outletLines(discovered.outlets ?? [])) io.out(`  ${line}`);
  io.out('');
  io.out('devices:');
  for (const line of yamlLines(`my-${module.name}`, paste.settings)) io.out(line);
  if (paste.lacks.length > 0) io.out(io.paint('doubt', '  # still to be added by you:'));
  for (const line of paste.lacks) io.out(io.paint('doubt', `  #   ${line}`));
  io.out('');
}

function outletLines(outlets: readonly ListedOutlet[]): readonly string[] {
  if (outlets.length === 0) return [];
  const load = ({ watts, amps }: ListedOutlet['reading']): string =>
    watts === undefined ? (amps === undefined ? '' : `${amps} A`) : `${watts} W`;
  const rows = outlets.map(({ plug, name, reading }) => [plug, name ?? '', reading.power, load(reading)]);
  return table(['outlet', 'name', 'power', 'load'], rows);
}
