/**
 * Every driver has the same rooms, so that whoever knows one finds the way in another. What lives in a driver's folder besides them has a row
 * in the table of its README.
 */
import { isNode, type Source, type Violation, walk } from './source.ts';

/** `needed`: a driver without it is none. The others are there where the driver has such a thing, and then have this name. */
export const rooms: ReadonlyMap<string, { readonly what: string; readonly needed: boolean }> = new Map([
  ['driver.ts', { what: 'the module, and the device that it opens', needed: true }],
  ['settings.ts', { what: 'its settings as data, and what they mean together', needed: true }],
  ['problems.ts', { what: 'everything that it can say went wrong: codes, words, what to do', needed: true }],
  ['client.ts', { what: 'one device spoken to: turns, deadlines, logins, what is kept between calls', needed: false }],
  ['transport.ts', { what: 'how bytes reach the device: the socket, the library or the process', needed: false }],
  ['health.ts', { what: 'what `bailiff check` finds out; nothing is switched', needed: false }],
  ['discover.ts', { what: 'what `bailiff discover` finds out of an address', needed: false }],
]);

const notDrivers = new Set(['kit', 'conformance']);

/** Names of the drivers' folders. */
export function driverFolders(files: readonly string[]): string[] {
  const named = files.flatMap((path) => /^drivers\/([^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(named)].filter((name) => !notDrivers.has(name)).sort();
}

/** What the first column of a README's table names: `codec/`, `quirks.ts`. */
function rowsOf(readme: string): readonly string[] {
  const cells = readme.split('\n').flatMap((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** `read` gives the text of a file. */
export function checkRooms(files: readonly string[], read: (path: string) => string): Violation[] {
  return driverFolders(files).flatMap((driver) => {
    const folder = `drivers/${driver}/`;
    const inside = files.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
    const parts = [...new Set(inside.map((path) => path.replace(/\/.*$/, '/')))].filter((part) => part !== 'README.md');
    const rows = inside.includes('README.md') ? rowsOf(read(`${folder}README.md`)) : [];
    const told = (path: string, what: string, rule: string): Violation => ({ path, line: 1, what, rule });
    return [
      ...[...rooms]
        .filter(([name, { needed }]) => needed && !parts.includes(name))
        .map(([name]) => told(folder, 'a driver', `it has a ${name}`)),
      ...parts
        .filter((part) => !rooms.has(part) && !rows.includes(part))
        .map((part) => told(`${folder}${part}`, 'no room of a driver', `it has a row in the table of ${folder}README.md`)),
      ...rows.filter((row) => !parts.includes(row)).map((row) => told(`${folder}README.md`, `\`${row}\``, 'a row names what is there')),
    ];
  });
}

/** A sans-IO session and the bytes of a protocol know no device: what they have to say gets its name in problems.ts. */
const says = /^drivers\/(?:kit|conformance|[^/]+\/(?:problems\.ts|session\/failures\.ts|codec\/.*)|[^/]+\.ts$)/;

/** A problem that a driver makes elsewhere than in its problems.ts. */
export function checkProblems({ path, program, lineOf }: Source): Violation[] {
  if (!path.startsWith('drivers/') || says.test(path)) return [];
  const found: Violation[] = [];
  walk(program, (node) => {
    if (node.type !== 'ObjectExpression' || !Array.isArray(node['properties'])) return;
    const named = (name: string): unknown =>
      (node['properties'] as readonly unknown[]).find((each) => isNode(each) && isNode(each['key']) && each['key']['name'] === name);
    const code = named('code');
    const literal = isNode(code) && isNode(code['value']) && code['value'].type === 'Literal';
    if (literal && named('says') !== undefined)
      found.push({ path, line: lineOf(node.start), what: 'a problem', rule: 'a driver has its problems in problems.ts' });
  });
  return found;
}
