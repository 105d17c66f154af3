/**
 * Who may import whom. A zone is a folder (or file) with rights of its own; the first pattern that fits a path names its zone.
 * The table is the one of docs/ARCHITECTURE.md.
 */
import { posix } from 'node:path';
import type { Import, Source, Violation } from './source.ts';

interface Zone {
  readonly name: string;
  readonly files: RegExp;
  /** Files of the project it may import besides those of its own zone; `types` allows `import type` only. */
  readonly may: readonly (RegExp | { readonly types: RegExp })[];
  readonly node: boolean;
  /** May it import a module whose name is computed (a driver of somebody else)? */
  readonly computed?: boolean;
}

const vocabulary = /^src\/vocabulary\//;
const portTypes = { types: /^src\/coordinator\/ports\.ts$/ };
/** All that a driver needs of this project. It imports nothing. */
const kit = /^drivers\/kit\//;
/** Words of the kit that the whole house speaks. */
const kitWords = /^drivers\/kit\/(?:order|power|problem|secret)\.ts$/;
const kitContract = { types: /^drivers\/kit\/contract\.ts$/ };
const kitSettings = /^drivers\/kit\/settings\.ts$/;
const anything = /^/;
/** What a face may know: the application and its roots, and what it prints or reads. No face knows the core, the coordinator or the store. */
const face: Zone['may'] = [/^src\/(?:vocabulary|config|service|main|devices|intake|probes|cli)\//, /^drivers\//, /^hardware-mocks\//];

/** A folder of src that stands at the ring's outside: it knows the words and the ports, and no other folder. */
function port(name: string, ...more: Zone['may']): Zone {
  return { name: `src/${name}`, files: new RegExp(`^src/${name}/`), may: [vocabulary, portTypes, ...more], node: true };
}

export const zones: readonly Zone[] = [
  { name: 'src/vocabulary', files: vocabulary, may: [kitWords, kitContract], node: false },
  { name: 'src/core', files: /^src\/core\//, may: [vocabulary], node: false },
  { name: 'src/coordinator', files: /^src\/coordinator\//, may: [vocabulary, /^src\/core\//], node: false },
  { name: 'src/service', files: /^src\/service\//, may: [vocabulary, /^src\/(?:core|coordinator)\//], node: false },
  port('probes'),
  port('intake'),
  port('store'),
  port('devices', /^src\/coordinator\/device-line\/not-sent\.ts$/, { types: /^src\/config\// }, kit, /^drivers\/registry\.ts$/),
  port('notify'),
  port('sentinel'),
  port('config', kitSettings, kitContract),
  { name: 'src/log.ts', files: /^src\/log\.ts$/, may: [vocabulary], node: true },
  { name: 'src/cli', files: /^src\/cli\//, may: face, node: true, computed: true },
  { name: 'src/agent', files: /^src\/agent\//, may: [anything], node: true },
  { name: 'src/main', files: /^src\/(?:main\/|[^/]+\.ts$)/, may: [anything], node: true, computed: true },
  { name: 'drivers/kit', files: kit, may: [], node: false },
  { name: 'drivers/conformance', files: /^drivers\/conformance\//, may: [kit], node: false },
  {
    name: 'drivers/registry',
    files: /^drivers\/(?:registry|third-party)\.ts$/,
    may: [/^drivers\//],
    node: true,
    computed: true,
  },
  { name: 'hardware-mocks', files: /^hardware-mocks\//, may: [vocabulary, /^drivers\/[^/]+\/codec\//], node: true },
  { name: 'the outside', files: /^(?:test|bench|scripts)\/|^[^/]+$/, may: [anything], node: true, computed: true },
];

/** Each npm package and the only places that may know it. `onceIn`: of each of these folders, in one file. */
export const homes: Readonly<Record<string, { readonly in: readonly RegExp[]; readonly onceIn?: readonly string[] }>> = {
  commander: { in: [/^src\/cli\//] },
  pino: { in: [/^src\/log\.ts$/] },
  zod: { in: [/^src\/(?:config|intake)\//] },
  yaml: { in: [/^src\/(?:config|intake)\//] },
  jose: { in: [/^src\/intake\//] },
  hono: { in: [/^src\/intake\//] },
  '@hono/node-server': { in: [/^src\/intake\//] },
  nodemailer: { in: [/^src\/notify\//] },
  'prom-client': { in: [/^src\/notify\//] },
  koffi: { in: [/^src\/(?:probes|notify)\//], onceIn: ['src/probes/'] },
  'net-snmp': { in: [/^drivers\/snmp-pdu\//, /^hardware-mocks\/pdu\//], onceIn: ['drivers/snmp-pdu/', 'hardware-mocks/pdu/'] },
  ssh2: { in: [/^drivers\/ssh\//, /^hardware-mocks\/ssh\//], onceIn: ['drivers/ssh/'] },
};

/** Every driver is a zone of its own; a new folder under drivers/ needs no new line here. */
function driverZone(path: string): Zone | undefined {
  const name = /^drivers\/([^/]+)\//.exec(path)?.[1];
  if (name === undefined) return undefined;
  return { name: `drivers/${name}`, files: new RegExp(`^drivers/${name}/`), may: [kit], node: true };
}

export function zoneOf(path: string): Zone | undefined {
  return zones.find(({ files }) => files.test(path)) ?? driverZone(path);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function packageRule(path: string, specifier: string, zone: Zone): string | undefined {
  if (zone.name === 'the outside') return undefined;
  const name = packageOf(specifier);
  const home = Object.hasOwn(homes, name) ? homes[name] : undefined;
  if (home === undefined) return `the npm package ${name} has no home: give it one in test/tidy/arrows.ts`;
  return home.in.some((place) => place.test(path))
    ? undefined
    : `the npm package ${name} is known only to ${home.in.map(String).join(', ')}`;
}

function projectRule(target: string, { typeOnly }: Import, zone: Zone): string | undefined {
  if (target.startsWith('../')) return 'nothing outside of the project is imported';
  if (zone.files.test(target)) return undefined;
  const asType = zone.may.some((allowed) => !(allowed instanceof RegExp) && allowed.types.test(target));
  if (asType && !typeOnly) return `${zone.name} may import types alone from ${target}`;
  if (asType || zone.may.some((allowed) => allowed instanceof RegExp && allowed.test(target))) return undefined;
  return `${zone.name} may not import ${zoneOf(target)?.name ?? target}`;
}

/** The rule that one import breaks, or undefined. */
function brokenRule(path: string, imported: Import, zone: Zone): string | undefined {
  const { from } = imported;
  if (from === undefined) return zone.computed === true ? undefined : `${zone.name} may not import a module whose name is computed`;
  if (from.startsWith('node:')) return zone.node ? undefined : `${zone.name} may not import node: modules`;
  if (!from.startsWith('.'))
    return from.startsWith('/') || from.startsWith('file:') ? 'imports are relative' : packageRule(path, from, zone);
  return projectRule(posix.normalize(posix.join(posix.dirname(path), from)), imported, zone);
}

/** Every import of one file that goes against the arrows. */
export function checkArrows({ path, imports }: Source): Violation[] {
  const zone = zoneOf(path);
  if (zone === undefined) return [{ path, line: 1, what: 'file', rule: 'it is in no zone: give it one in test/tidy/arrows.ts' }];
  return imports.flatMap((imported) => {
    const rule = brokenRule(path, imported, zone);
    const what = `${imported.how} of ${imported.from === undefined ? 'a computed name' : `'${imported.from}'`}`;
    return rule === undefined ? [] : [{ path, line: imported.line, what, rule }];
  });
}

/** Packages that may be known to one file of a folder, and are known to more. */
export function checkOneFileEach(sources: readonly Source[]): Violation[] {
  return Object.entries(homes).flatMap(([name, { onceIn = [] }]) =>
    onceIn.flatMap((folder) => {
      const users = sources.filter(
        ({ path, imports }) =>
          path.startsWith(folder) && imports.some(({ from, typeOnly }) => from !== undefined && !typeOnly && packageOf(from) === name),
      );
      return users.slice(1).map(({ path }) => ({
        path,
        line: 1,
        what: `imports '${name}'`,
        rule: `one file of ${folder} knows ${name}: ${users[0]?.path ?? ''}`,
      }));
    }),
  );
}
