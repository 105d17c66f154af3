/** Which types the exported declarations of a module name, followed through the sources: what a reader meets must have a name to import. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { childrenOf, isNode, type Node, readSource } from '../tidy/source.ts';

/** Where something is declared. */
interface Place {
  readonly path: string;
  readonly name: string;
}

interface Module {
  readonly declared: ReadonlyMap<string, Node>;
  /** By its name here. */
  readonly imported: ReadonlyMap<string, Place>;
  /** By the name under which others import it. */
  readonly exported: ReadonlyMap<string, Place>;
  /** Modules all of whose exports are this module's too. */
  readonly wholly: readonly string[];
}

const nodes = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []);
const nameIn = (value: unknown): string => (isNode(value) && typeof value['name'] === 'string' ? value['name'] : '');

/** Answers for one tree of sources. */
export class NamedTypes {
  readonly #root: string;
  readonly #modules = new Map<string, Module>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Each type that an exported declaration names and neither the module nor one beside it exports: `NAME, which OWNER names`. */
  missing(path: string, beside: readonly string[] = []): readonly string[] {
    const exported = this.#exportsOf(path);
    const known = new Set([path, ...beside].flatMap((each) => [...this.#exportsOf(each).values()]).map(idOf));
    return [...exported].flatMap(([owner, place]) =>
      this.#namedBy(place)
        .filter((named) => !known.has(idOf(named)))
        .map(({ name }) => `${name}, which ${owner} names`),
    );
  }

  /** Every export of a module, each where it is declared. */
  #exportsOf(path: string): ReadonlyMap<string, Place> {
    const { exported, wholly } = this.#module(path);
    const all = new Map(wholly.flatMap((each) => [...this.#exportsOf(each)]));
    for (const [name, place] of exported) all.set(name, this.#declarationOf(place) ?? place);
    return all;
  }

  /** Through imports and re-exports. Undefined: it is no word of this project. */
  #declarationOf({ path, name }: Place): Place | undefined {
    const { declared, imported, exported, wholly } = this.#module(path);
    if (declared.has(name)) return { path, name };
    const next = imported.get(name) ?? exported.get(name);
    if (next !== undefined) return this.#declarationOf(next);
    for (const each of wholly) {
      const found = this.#declarationOf({ path: each, name });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #namedBy({ path, name }: Place): readonly Place[] {
    const declaration = this.#module(path).declared.get(name);
    if (declaration === undefined) return [];
    return [...new Set(typeNames(declaration))].flatMap((each) => this.#declarationOf({ path, name: each }) ?? []);
  }

  #module(path: string): Module {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const read = moduleOf(path, readSource(path, readFileSync(join(this.#root, path), 'utf8')).program);
    this.#modules.set(path, read);
    return read;
  }
}

const idOf = ({ path, name }: Place): string => `${path}:${name}`;

function moduleOf(path: string, program: Node): Module {
  const declared = new Map<string, Node>();
  const imported = new Map<string, Place>();
  const exported = new Map<string, Place>();
  const wholly: string[] = [];
  for (const statement of nodes(program['body'])) {
    const { type, declaration, specifiers } = statement;
    const source = isNode(statement['source']) ? String(statement['source']['value']) : undefined;
    // Types of Node and of packages are had from them.
    if (source !== undefined && !source.startsWith('.')) continue;
    const from = source === undefined ? path : join(dirname(path), source);
    if (type === 'ExportAllDeclaration') wholly.push(from);
    else if (type === 'ImportDeclaration')
      for (const each of nodes(specifiers)) imported.set(nameIn(each['local']), { path: from, name: nameIn(each['imported']) });
    else if (type === 'ExportNamedDeclaration')
      for (const each of nodes(specifiers)) exported.set(nameIn(each['exported']), { path: from, name: nameIn(each['local']) });
    const made = isNode(declaration) ? declaration : statement;
    const named = made.type === 'VariableDeclaration' ? nodes(made['declarations']) : [made];
    for (const each of named) {
      const name = nameIn(each['id']);
      if (name === '') continue;
      declared.set(name, each);
      if (type === 'ExportNamedDeclaration') exported.set(name, { path, name });
    }
  }
  return { declared, imported, exported, wholly };
}

/** Names of types in what others see of a declaration: not in bodies and values, nor in what is private or protected. Its own parameters are none. */
function typeNames(node: Node): readonly string[] {
  if (hidden(node)) return [];
  const own = nodes(isNode(node['typeParameters']) ? node['typeParameters']['params'] : []).map(({ name }) => nameIn(name));
  const here =
    node.type === 'TSTypeReference' ? nameIn(node['typeName']) : node.type === 'TSInterfaceHeritage' ? nameIn(node['expression']) : '';
  const base = node.type === 'ClassDeclaration' ? nameIn(node['superClass']) : '';
  const below = childrenOf(node).flatMap(typeNames);
  return [here, base, ...below].filter((name) => name !== '' && !own.includes(name));
}

const hidden = (node: Node): boolean => {
  const { type, accessibility, key } = node;
  if (
    type === 'BlockStatement' ||
    accessibility === 'private' ||
    accessibility === 'protected' ||
    (isNode(key) && key.type === 'PrivateIdentifier')
  )
    return true;
  return type === 'ObjectExpression' || type === 'CallExpression' || type === 'NewExpression' || type === 'TSTypeQuery';
};
