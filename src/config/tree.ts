/**
 * YAML text to plain values, with the place of every key. The yaml package lives only here. Its own messages quote the text, which may
 * hold a secret written in the wrong place; so each of its codes has our own words.
 */
import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml';
import type { Whereabouts } from './configuration.ts';
import { LIMITS } from './defaults.ts';
import { type Finding, type Path, showKey } from './findings.ts';
import { readPlainly } from './plain-yaml.ts';

interface Tree {
  /** Maps are objects without a prototype, lists are arrays, scalars are string, number, boolean or null. */
  readonly value: unknown;
  readonly where: Whereabouts;
  /** Problems of the text itself; `fatal` where the rest of the tree means nothing. */
  readonly findings: readonly Finding[];
  readonly fatal: boolean;
}

const NO_ANCHOR = 'an alias (*name) names no anchor (&name) above it';
const QUOTE_STAR = 'put a text that starts with * in quotes';

const SYNTAX: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot carry an anchor or a tag',
  BAD_ALIAS: NO_ANCHOR,
  BAD_COLLECTION_TYPE: 'a tag does not fit the map or list that it stands on',
  BAD_DIRECTIVE: 'a line that starts with % is a YAML directive, and this one is malformed',
  BAD_DQ_ESCAPE: 'a double-quoted text holds an unknown escape after a backslash',
  BAD_INDENT: 'the indentation does not fit the lines above, or a { or [ above is not closed',
  BAD_PROP_ORDER: 'an anchor or tag stands in the wrong place',
  BAD_SCALAR_START: 'a plain text cannot start with this character',
  BLOCK_AS_IMPLICIT_KEY:
    'a map or list stands where a key is expected: a line above may lack its indentation, or this one has a colon too many',
  BLOCK_IN_FLOW: 'an indented block cannot stand inside { } or [ ]',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'a quote, bracket, comma, colon or space is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line: a colon may be missing on this line',
  MULTIPLE_ANCHORS: 'a value has two anchors',
  MULTIPLE_DOCS: 'the file holds a second document (---)',
  MULTIPLE_TAGS: 'a value has two tags',
  NON_STRING_KEY: 'a key must be a plain name',
  RESOURCE_EXHAUSTION: 'the text is nested too deeply',
  TAB_AS_INDENT: 'a tab is used for indentation',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known here',
  UNEXPECTED_TOKEN: 'something stands here that does not belong',
};

const REMEDY: Readonly<Record<string, string>> = {
  BAD_SCALAR_START: 'put the text in quotes',
  BAD_ALIAS: QUOTE_STAR,
  TAG_RESOLVE_FAILED: 'put a text that starts with ! in quotes',
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'keep one document per file',
};

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Walk {
  readonly places: Map<string, Place>;
  readonly findings: Finding[];
  readonly placeOf: (offset: number) => Place;
  /** The last node of each anchor above this place. */
  readonly anchors: Map<string, Node>;
  /** Aliases that are being followed. */
  following: number;
  values: number;
  /** Set once the rest of the tree means nothing. */
  broken: boolean;
  overflown: boolean;
}

const START: Place = { line: 1, column: 1 };

const keyOf = (path: Path): string => JSON.stringify(path);

/** Never throws, whatever the text is. */
export function readTree(text: string): Tree {
  const plainly = readPlainly(text, LIMITS);
  return plainly === undefined ? readByPackage(text) : { ...plainly, findings: [], fatal: false };
}

/** Reads by the yaml package alone, which knows all of YAML and says what is wrong. */
export function readByPackage(text: string): Tree {
  try {
    return read(text, placesIn(text));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const says = 'the text is nested too deeply';
    return {
      value: undefined,
      where: () => START,
      findings: [{ code: 'config-too-large', path: [], says, next: 'flatten it' }],
      fatal: true,
    };
  }
}

/** Offsets to lines and columns. (The package's own LineCounter misses newlines after some errors.) */
function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function read(text: string, placeOf: (offset: number) => Place): Tree {
  const composed = compose(text);
  if (typeof composed === 'number') {
    const says = 'maps and lists are nested too deeply';
    const found: Finding = { code: 'config-too-large', path: [], says, next: 'write the file more plainly', place: placeOf(composed) };
    return { value: undefined, where: () => START, findings: [found], fatal: true };
  }
  const syntax = composed.flatMap((document, index): Finding[] => {
    const wrong = [...document.errors, ...document.warnings];
    const found = wrong.map(({ code, pos }) => syntaxFinding(code, placeOf(pos[0])));
    return index === 1 ? [syntaxFinding('MULTIPLE_DOCS', placeOf(document.range[0])), ...found] : found;
  });
  if (syntax.length > 0) return { value: undefined, where: () => START, findings: syntax, fatal: true };
  const walk: Walk = {
    places: new Map([[keyOf([]), START]]),
    findings: [],
    placeOf,
    anchors: new Map(),
    following: 0,
    values: 0,
    broken: false,
    overflown: false,
  };
  const value = plain(composed[0]?.contents, [], walk);
  return { value, where: finder(walk.places), findings: walk.findings, fatal: walk.broken };
}

function syntaxFinding(code: string, place: Place): Finding {
  const says = SYNTAX[code] ?? 'the text is not valid YAML';
  return { code: 'config-syntax', path: [], says, next: REMEDY[code] ?? 'mend this place', place };
}

const DEEPEST_COLUMN = 240;

/**
 * Lexer, parser and composer of the package, one token at a time; the documents, or the offset at which nesting goes beyond any real file.
 * The composer recurses, and V8 may end the process instead of throwing when the stack runs out within a regular expression; so depth is
 * bounded on the tokens, before anything deep is composed. In blocks every level stands further right, so the column of an indicator
 * bounds the depth. Duplicate keys are found while walking: the package compares each key with each other one.
 */
function compose(text: string): readonly Document.Parsed[] | number {
  const parser = new Parser();
  const composer = new Composer({ uniqueKeys: false, stringKeys: true });
  const documents: Document.Parsed[] = [];
  let offset = 0;
  let lineStart = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1;
    else if ((token === ']' || token === '}') && depth > 0) depth -= 1;
    else if ((token === '-' || token === '?' || token === ':') && depth === 0 && offset - lineStart > DEEPEST_COLUMN) return offset;
    if (depth > LIMITS.depth) return offset;
    if (!isMark(token)) {
      offset += token.length;
      const newline = token.lastIndexOf('\n');
      if (newline >= 0) lineStart = offset - token.length + newline + 1;
    }
    for (const part of parser.next(token)) documents.push(...composer.next(part));
  }
  for (const part of parser.end()) documents.push(...composer.next(part));
  documents.push(...composer.end(true, text.length));
  return documents;
}

/** Tokens of the lexer that stand for something but are no part of the text: byte order mark, document, flow end, scalar. */
const isMark = (token: string): boolean => token === '\u0002' || token === '\u0018' || token === '\u001f';

/** The place of a path, or of its nearest ancestor that stands in the file. */
function finder(places: ReadonlyMap<string, Place>): Whereabouts {
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const place = places.get(keyOf(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return START;
  };
}

function plain(node: unknown, path: Path, walk: Walk): unknown {
  if (walk.overflown) return null;
  walk.values += 1;
  if (walk.values > LIMITS.values || path.length > LIMITS.depth) {
    overflow(path, walk);
    return null;
  }
  if (isAlias(node)) return aliased(node, path, walk);
  if (isNode(node) && node.anchor !== undefined && walk.following === 0) walk.anchors.set(node.anchor, node);
  if (isScalar(node)) return node.value;
  if (isMap(node)) return mapOf(node, path, walk);
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      const at = [...path, index];
      mark(at, item, walk);
      return plain(item, at, walk);
    });
  }
  return null;
}

/** Looked up here: the package searches the whole document for each alias. Loops end at the depth limit, bombs at the value limit. */
function aliased(alias: Alias, path: Path, walk: Walk): unknown {
  const node = walk.anchors.get(alias.source);
  if (node === undefined) {
    const place = alias.range ? { place: walk.placeOf(alias.range[0]) } : {};
    walk.broken = true;
    walk.findings.push({ code: 'config-syntax', path, says: NO_ANCHOR, next: QUOTE_STAR, ...place });
    return null;
  }
  walk.following += 1;
  const value = plain(node, path, walk);
  walk.following -= 1;
  return value;
}

function mapOf(map: YAMLMap, path: Path, walk: Walk): Record<string, unknown> {
  const value = Object.create(null) as Record<string, unknown>;
  for (const pair of map.items as readonly Pair[]) {
    if (walk.overflown) break;
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const at = [...path, key];
    const place = isScalar(pair.key) && pair.key.range ? walk.placeOf(pair.key.range[0]) : undefined;
    if (key === '<<' || key === '__proto__') {
      const next = key === '<<' ? 'merge keys are not part of this format: write the keys out' : 'choose another name';
      walk.findings.push({
        code: 'unknown-key',
        path,
        says: `${JSON.stringify(key)} is not allowed as a key`,
        next,
        ...(place && { place }),
      });
      continue;
    }
    if (Object.hasOwn(value, key)) {
      const first = walk.places.get(keyOf(at));
      const says = `${showKey(key)} stands twice in this map${first === undefined ? '' : `, first in line ${first.line}`}`;
      walk.findings.push({ code: 'duplicate-key', path: at, says, next: 'keep one of the two', ...(place && { place }) });
      continue;
    }
    if (place !== undefined) walk.places.set(keyOf(at), place);
    value[key] = plain(pair.value, at, walk);
  }
  return value;
}

function mark(path: Path, node: unknown, walk: Walk): void {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
  if (range) walk.places.set(keyOf(path), walk.placeOf(range[0]));
}

function overflow(path: Path, walk: Walk): void {
  if (walk.overflown) return;
  walk.overflown = true;
  walk.broken = true;
  const says =
    path.length > LIMITS.depth
      ? `maps and lists are nested deeper than ${LIMITS.depth}`
      : `the file expands to more than ${LIMITS.values} values`;
  walk.findings.push({
    code: 'config-too-large',
    path: path.slice(0, 2),
    says,
    next: 'use fewer aliases, or write the file more plainly',
  });
}
