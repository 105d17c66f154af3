/**
 * Reads a source file with a real parser (oxc) into the few facts that the rules of this folder ask about.
 */
import { type Comment, parseSync } from 'oxc-parser';

/** A node of the syntax tree: ESTree with TypeScript's additions. Offsets count UTF-16 units. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** One way by which a file names another module. */
export interface Import {
  /** What stands between the quotes; undefined for `import(expression)` and `require(expression)`. */
  readonly from: string | undefined;
  readonly how: 'import' | 're-export' | 'dynamic import' | 'type import' | 'require';
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Source {
  /** Path from the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly program: Node;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  readonly lineOf: (offset: number) => number;
}

/** What a rule found: always the file and line, what stands there, and the rule that it breaks. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
  readonly rule: string;
}

export function printViolation({ path, line, what, rule }: Violation): string {
  return `${path}:${line}: ${what} (${rule})`;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** The nodes directly below a node, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'parent') return [];
    return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
  });
}

/** Calls `visit` for every node, parents first. `above` lists the ancestors, nearest last. */
export function walk(node: Node, visit: (node: Node, above: readonly Node[]) => void, above: readonly Node[] = []): void {
  visit(node, above);
  const inner = [...above, node];
  for (const child of childrenOf(node)) walk(child, visit, inner);
}

function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value'];
  if (value.type === 'TSLiteralType') return literal(value['literal']);
  // `import(`./a.ts`)`: a template without expressions is a literal by another name.
  if (value.type !== 'TemplateLiteral' || (value['expressions'] as unknown[]).length > 0) return undefined;
  return (value['quasis'] as { value: { cooked: string } }[])[0]?.value.cooked;
}

function everySpecifierIsType(node: Node, kind: 'importKind' | 'exportKind'): boolean {
  if (node[kind] === 'type') return true;
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
  return specifiers.length > 0 && specifiers.every((specifier) => specifier[kind] === 'type');
}

function importOf(node: Node): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { from: literal(node['source']), how: 'import', typeOnly: everySpecifierIsType(node, 'importKind') };
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      if (!isNode(node['source'])) return undefined;
      return { from: literal(node['source']), how: 're-export', typeOnly: everySpecifierIsType(node, 'exportKind') };
    case 'ImportExpression':
      return { from: literal(node['source']), how: 'dynamic import', typeOnly: false };
    case 'TSImportType':
      return { from: literal(node['source'] ?? node['argument']), how: 'type import', typeOnly: true };
    case 'TSExternalModuleReference':
      return { from: literal(node['expression']), how: 'require', typeOnly: false };
    case 'CallExpression': {
      const callee = node['callee'];
      if (!isNode(callee) || callee.type !== 'Identifier' || callee['name'] !== 'require') return undefined;
      return { from: literal((node['arguments'] as unknown[])[0]), how: 'require', typeOnly: false };
    }
    default:
      return undefined;
  }
}

/** Parses one file. Throws when it is no TypeScript at all. */
export function readSource(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text);
  const [first] = errors;
  if (first !== undefined) throw new Error(`${path} does not parse: ${first.message}`);
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lineOf = (offset: number): number => lineStarts.findLastIndex((start) => start <= offset) + 1;
  const root = program as unknown as Node;
  const imports: Import[] = [];
  walk(root, (node) => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(node.start) });
  });
  return { path, text, lines: lineStarts.length - (text.endsWith('\n') ? 1 : 0), program: root, comments, imports, lineOf };
}
