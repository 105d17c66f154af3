/**
 * Every problem code that the program can give, found in its sources with a real parser: the `code` of object literals that also say what
 * happened, and what is handed to functions that make such objects. A code that is put together in any other way is reported as hidden.
 */
import { isNode, type Node, type Source, walk } from '../tidy/source.ts';

export interface Said {
  readonly code: string;
  /** What the source says, with its inserted values as words in capitals; empty where it is put together elsewhere. */
  readonly says: string;
  readonly next: string;
  /** A finding in the configuration that does not stop bailiff. */
  readonly warning: boolean;
  readonly path: string;
  readonly line: number;
}

export interface Found {
  readonly said: readonly Said[];
  /** Places whose code cannot be read off the source: `path:line`. */
  readonly hidden: readonly string[];
}

const CODE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$|^[a-z]+$/;

const child = (node: Node, key: string): Node | undefined => (isNode(node[key]) ? node[key] : undefined);
const children = (node: Node, key: string): Node[] => (Array.isArray(node[key]) ? (node[key] as unknown[]).filter(isNode) : []);
const nameOf = (node: Node | undefined): string | undefined =>
  node !== undefined && (node.type === 'Identifier' || node.type === 'PrivateIdentifier') ? String(node['name']) : undefined;

/** `as const`, `satisfies T`, `!` and brackets change nothing at run time. */
function bare(node: Node | undefined): Node | undefined {
  const wraps = ['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'ParenthesizedExpression'];
  return node !== undefined && wraps.includes(node.type) ? bare(child(node, 'expression')) : node;
}

/** The strings that an expression can be, where it is a literal, a choice of literals, or a template without insertions. */
export function literals(given: Node | undefined): string[] | undefined {
  const node = bare(given);
  if (node === undefined) return undefined;
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? [node['value']] : undefined;
  if (node.type === 'ConditionalExpression') {
    const sides = [literals(child(node, 'consequent')), literals(child(node, 'alternate'))];
    return sides.every((side) => side !== undefined) ? sides.flat() : undefined;
  }
  if (node.type !== 'TemplateLiteral' || children(node, 'expressions').length > 0) return undefined;
  return [words(node)];
}

/** A value inserted into a sentence, as a word in capitals: `${outlet.plug}` is PLUG. */
function insertion(given: Node): string {
  const node = bare(given);
  if (node === undefined) return '…';
  const plain = (name: string | undefined): string => {
    if (name === undefined) return '…';
    return name === 'where' || name === 'at' ? 'DEVICE' : name.replace(/([a-z])([A-Z])/g, '$1-$2').toUpperCase();
  };
  if (node.type === 'Identifier') return plain(nameOf(node));
  if (node.type === 'MemberExpression') return plain(nameOf(child(node, 'property')));
  if (node.type !== 'CallExpression') return '…';
  const [first] = children(node, 'arguments');
  return first === undefined ? '…' : insertion(first);
}

/** The sentence that an expression makes, as a template for people; constants nearby are looked up. */
export function words(given: Node | undefined, above: readonly Node[] = []): string {
  const node = bare(given);
  if (node === undefined) return '';
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : '';
  if (node.type === 'Identifier') return words(constantNamed(nameOf(node), above));
  if (node.type === 'ConditionalExpression') return words(child(node, 'consequent'), above);
  if (node.type === 'BinaryExpression' && node['operator'] === '+')
    return words(child(node, 'left'), above) + words(child(node, 'right'), above);
  if (node.type !== 'TemplateLiteral') return '';
  const inserted = children(node, 'expressions').map(insertion);
  const quasis = (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
  return quasis.map((text, index) => text + (inserted[index] ?? '')).join('');
}

interface Maker {
  readonly name: string;
  readonly code: number;
  readonly says: number;
  readonly next: number;
}

const isFunction = (node: Node): boolean => /^(?:Arrow)?Function(?:Expression|Declaration)$|^ArrowFunctionExpression$/.test(node.type);

function parameters(node: Node): (string | undefined)[] {
  return children(node, 'params').map((one) => nameOf(one.type === 'AssignmentPattern' ? child(one, 'left') : one));
}

/** What a function is called: its own name, its variable's, its member's. */
function called(node: Node, above: Node | undefined): string | undefined {
  if (node.type === 'FunctionDeclaration') return nameOf(child(node, 'id'));
  if (above?.type === 'VariableDeclarator') return nameOf(child(above, 'id'));
  return above === undefined ? undefined : nameOf(child(above, 'key'));
}

interface Fields {
  readonly code: Node;
  readonly says: Node | undefined;
  readonly next: Node | undefined;
  readonly severity: Node | undefined;
}

/** The fields of an object that looks like a problem: it has a code, and words beside it. */
function fieldsOf(node: Node): Fields | undefined {
  if (node.type !== 'ObjectExpression') return undefined;
  const all = new Map<string, Node>();
  for (const property of children(node, 'properties')) {
    const key = property.type === 'Property' ? nameOf(child(property, 'key')) : undefined;
    if (key !== undefined) all.set(key, property);
  }
  const code = all.get('code');
  const value = code === undefined ? undefined : child(code, 'value');
  if (code === undefined || value === undefined || !(all.has('says') || all.has('next'))) return undefined;
  const part = (key: string): Node | undefined => {
    const property = all.get(key);
    return property === undefined ? undefined : child(property, 'value');
  };
  return { code: value, says: part('says'), next: part('next'), severity: part('severity') };
}

const calleeName = (node: Node): string | undefined => {
  const callee = child(node, 'callee');
  return callee?.type === 'MemberExpression' ? nameOf(child(callee, 'property')) : nameOf(callee);
};

/** The nearest function around a node that has a parameter of this name. */
function makerAround(above: readonly Node[], parameter: string | undefined): Maker | undefined {
  for (let index = above.length - 1; index >= 0; index -= 1) {
    const node = above[index] as Node;
    if (!isFunction(node)) continue;
    const names = parameters(node);
    const at = parameter === undefined ? -1 : names.indexOf(parameter);
    const name = called(node, above[index - 1]);
    if (at >= 0 && name !== undefined) return { name, code: at, says: names.indexOf('says'), next: names.indexOf('next') };
  }
  return undefined;
}

/** Every `const` that is in force at a node, nearest block first: its pattern and its value. */
function constants(above: readonly Node[]): Node[] {
  const blocks = above.filter(({ type }) => type === 'BlockStatement' || type === 'SwitchCase' || type === 'Program').toReversed();
  const statements = blocks.flatMap((block) => children(block, block.type === 'SwitchCase' ? 'consequent' : 'body'));
  return statements.flatMap((one) => (one.type === 'VariableDeclaration' ? children(one, 'declarations') : []));
}

function constantNamed(name: string | undefined, above: readonly Node[]): Node | undefined {
  const constant = name === undefined ? undefined : constants(above).find((one) => nameOf(child(one, 'id')) === name);
  return constant === undefined ? undefined : child(constant, 'init');
}

/** Literals, also by way of a constant nearby. */
const values = (given: Node | undefined, above: readonly Node[]): string[] | undefined =>
  literals(constantNamed(nameOf(bare(given)), above) ?? given);

/** A code that is handed on from a problem made elsewhere: `problem.code`, or `code` taken out of one. */
function handedOn(given: Node | undefined, above: readonly Node[]): boolean {
  const code = bare(given);
  if (code?.type === 'MemberExpression') return nameOf(child(code, 'property')) === 'code';
  if (nameOf(code) !== 'code') return false;
  const takes = (pattern: Node | undefined): boolean =>
    pattern?.type === 'ObjectPattern' && children(pattern, 'properties').some((one) => nameOf(child(one, 'key')) === 'code');
  return (
    above.some((node) => isFunction(node) && children(node, 'params').some(takes)) ||
    constants(above).some((one) => takes(child(one, 'id')))
  );
}

/** Names that a file imports from other files of the project. */
function importedNames(source: Source): Set<string> {
  const names = new Set<string>();
  walk(source.program, (node) => {
    const name = node.type === 'ImportSpecifier' ? nameOf(child(node, 'imported')) : undefined;
    if (name !== undefined) names.add(name);
  });
  return names;
}

interface Told {
  readonly says: Node | undefined;
  readonly next: Node | undefined;
  readonly severity?: Node | undefined;
}

type Add = (node: Node, above: readonly Node[], codes: readonly string[], told: Told) => void;

interface Reading {
  readonly source: Source;
  readonly makers: Map<string, Maker>;
  readonly met: Set<number>;
  readonly add: Add;
  readonly hide: (node: Node) => void;
}

function readObjects({ source, makers, add, hide }: Reading): void {
  walk(source.program, (node, above) => {
    const fields = fieldsOf(node);
    if (fields === undefined) return;
    const codes = values(fields.code, above);
    const maker = codes === undefined ? makerAround(above, nameOf(bare(fields.code))) : undefined;
    if (codes !== undefined) add(node, above, codes, fields);
    else if (maker !== undefined) makers.set(maker.name, maker);
    else if (!handedOn(fields.code, above)) hide(node);
  });
}

/** One pass over the calls of makers; true where a function turned out to be a maker because it hands its parameter on to one. */
function readCalls({ source, makers, met, add, hide }: Reading): boolean {
  const before = makers.size;
  walk(source.program, (node, above) => {
    const maker = node.type === 'CallExpression' ? makers.get(calleeName(node) ?? '') : undefined;
    if (maker === undefined || met.has(node.start)) return;
    met.add(node.start);
    const given = children(node, 'arguments');
    const argument = given[maker.code];
    const codes = values(argument, above);
    const outer = codes === undefined ? makerAround(above, nameOf(bare(argument))) : undefined;
    if (codes !== undefined) add(node, above, codes, { says: given[maker.says], next: given[maker.next] });
    else if (outer !== undefined) makers.set(outer.name, outer);
    else if (!handedOn(argument, above)) hide(node);
  });
  return makers.size > before;
}

/** Every code of the given files. A maker is known by its name in its own file and where that name is imported. */
export function problemCodes(sources: readonly Source[]): Found {
  const said: Said[] = [];
  const hidden: string[] = [];
  const readings = sources.map((source): Reading => {
    const place = (node: Node): { path: string; line: number } => ({ path: source.path, line: source.lineOf(node.start) });
    const add: Add = (node, above, codes, { says, next, severity }) => {
      const told = { says: words(says, above), next: words(next, above), warning: values(severity, above)?.includes('warning') === true };
      for (const code of codes) if (CODE.test(code)) said.push({ code, ...told, ...place(node) });
    };
    const hide = (node: Node): number => hidden.push(`${place(node).path}:${place(node).line}`);
    return { source, makers: new Map(), met: new Set(), add, hide };
  });
  for (const reading of readings) readObjects(reading);
  for (let grew = true; grew; ) {
    const own = new Map(readings.flatMap(({ makers }) => [...makers]));
    for (const { source, makers } of readings)
      for (const name of importedNames(source)) if (own.has(name) && !makers.has(name)) makers.set(name, own.get(name) as Maker);
    grew = readings.map((reading) => readCalls(reading)).includes(true);
  }
  return { said, hidden };
}
