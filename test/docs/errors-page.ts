/** docs/ERRORS.md as a table: which rows it must have, what stands in them, and how it is written anew without losing a person's words. */
import { CONFIG_CODES } from '../../src/config/codes.ts';
import type { Said } from './problem-codes.ts';

export interface Row {
  readonly code: string;
  /** What happened. */
  readonly says: string;
  /** What to do. */
  readonly next: string;
  /** Which parts of the program give it. */
  readonly from: string;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Parts of the program in the order of their sections; the first that gives a code owns its row. */
const PARTS: readonly (readonly [files: RegExp, part: string, section: string])[] = [
  [/^src\/core\//, 'core', 'Verdicts and operations'],
  [/^src\/(?:coordinator|service|main(?!\/(?:journal|state-folder)\.)|probes)\//, 'engine', 'Verdicts and operations'],
  [/^src\/intake\//, 'intake', 'Verdicts and operations'],
  [/^src\/(?:store|main)\//, 'store', 'Journal and state folder'],
  [/^src\/config\//, 'config', 'Configuration'],
  [/^src\/cli\//, 'command line', 'Command line'],
  [/^src\/(?!devices\/)/, 'bailiff', 'The rest of bailiff'],
  [/^hardware-mocks\//, 'lab', 'The simulated rack'],
  [/^src\/devices\//, 'devices', 'Drivers in general'],
  [/^drivers\/(?:conformance\/|kit\/|[^/]+$)/, 'driver kit', 'Drivers in general'],
];

interface Place {
  readonly part: string;
  readonly section: string;
  readonly rank: number;
}

function placeOf(path: string): Place {
  const rank = PARTS.findIndex(([files]) => files.test(path));
  const [, part = '', section = ''] = PARTS[rank] ?? [];
  if (rank >= 0) return { part, section, rank };
  const driver = /^drivers\/([^/]+)\//.exec(path)?.[1] ?? path;
  return { part: `driver ${driver}`, section: `Driver ${driver}`, rank: PARTS.length };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** One sentence for a cell: capital, full stop, nothing that would break the table. */
function sentence(text: string): string {
  const plain = text
    .replace(/\s+/g, ' ')
    .replace(/\|/g, '\\|')
    .replace(/^bailiff /, 'Run bailiff ')
    .trim();
  return plain === '' || /[.?!…]$/.test(plain) ? capital(plain) : `${capital(plain)}.`;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An error stops bailiff, a warning does not; some findings are one or the other, as the case is. */
function severityOf(ones: readonly Said[]): string {
  const findings = ones.filter(({ path }) => path.startsWith('src/config/') && path !== 'src/config/codes.ts');
  const warnings = findings.filter(({ warning }) => warning).length;
  return warnings === 0 ? 'error' : warnings === findings.length ? 'warning' : 'error or warning';
}

/** What must stand in the page. A row that a person has worded (`kept`) keeps its words. */
export function sectionsOf(said: readonly Said[], kept: ReadonlyMap<string, Row>): Section[] {
  const table: readonly Said[] = Object.entries(CONFIG_CODES).map(([code, says]) => ({
    code,
    says,
    next: said.find((one) => one.code === code && one.next !== '')?.next ?? '',
    warning: false,
    path: 'src/config/codes.ts',
    line: 0,
  }));
  const all = new Map<string, Said[]>();
  for (const one of [...table, ...said]) all.set(one.code, [...(all.get(one.code) ?? []), one]);
  const sections = new Map<string, { rank: number; rows: Row[] }>();
  for (const [code, ones] of all) {
    const places = [...new Map(ones.map(({ path }) => placeOf(path)).map((place) => [place.part, place])).values()];
    places.sort((a, b) => a.rank - b.rank || byText(a.part, b.part));
    const shared = places.length > 1 && places.every(({ part }) => part.startsWith('driver '));
    const { section, rank } = shared ? { section: 'Drivers in general', rank: PARTS.length - 1 } : (places[0] as Place);
    const worded = kept.get(code);
    const first = (pick: (one: Said) => string): string => sentence(ones.map(pick).find((text) => text !== '') ?? '');
    const row = {
      code,
      says: worded?.says ?? first(({ says }) => says),
      next: worded?.next ?? first(({ next }) => next),
      from: places.map(({ part }) => (part === 'config' ? `config (${severityOf(ones)})` : part)).join(', '),
    };
    const into = sections.get(section) ?? { rank, rows: [] };
    into.rows.push(row);
    sections.set(section, into);
  }
  return [...sections]
    .sort(([a, one], [b, other]) => one.rank - other.rank || byText(a, b))
    .map(([title, { rows }]) => ({ title, rows: rows.sort((a, b) => byText(a.code, b.code)) }));
}

const ROW = /^\| `([a-z0-9-]+)` \| (.*?) \| (.*?) \| ([^|]*?) \|$/;

export function rowsOf(page: string): Row[] {
  return page.split('\n').flatMap((line) => {
    const [, code, says, next, from] = ROW.exec(line) ?? [];
    return code === undefined ? [] : [{ code, says: says ?? '', next: next ?? '', from: from ?? '' }];
  });
}

export function sectionsIn(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ title: text.slice(0, text.indexOf('\n')), rows: rowsOf(text) }))
    .filter(({ rows }) => rows.length > 0);
}

/** The page with these sections; what stands before its first section is a person's and stays. */
export function withSections(page: string, sections: readonly Section[]): string {
  const tables = sections.map(({ title, rows }) =>
    [
      `## ${title}`,
      '',
      '| code | what happened | what to do | from |',
      '| --- | --- | --- | --- |',
      ...rows.map(({ code, says, next, from }) => `| \`${code}\` | ${says} | ${next} | ${from} |`),
      '',
    ].join('\n'),
  );
  const start = page.search(/^## /m);
  return `${(start < 0 ? page : page.slice(0, start)).trimEnd()}\n\n${tables.join('\n')}`;
}
