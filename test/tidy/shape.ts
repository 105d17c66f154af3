/** Sizes and folder names: one idea per file, one page per function, and no drawer for things without a name. */
import { isNode, type Node, type Source, type Violation, walk } from './source.ts';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 80;

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
/** A group of tests is a table of contents, not a function with a thought of its own. */
const groups = new Set(['describe', 'describeWithStrangers']);
const drawers = /^(?:utils?|helpers?|misc|common|shared|lib|stuff)$/i;

function calleeName(node: Node): string | undefined {
  const callee = node['callee'];
  if (!isNode(callee)) return undefined;
  if (callee.type === 'Identifier') return callee['name'] as string;
  // describe.each(...)(...), describe.skipIf(...)(...): the first name counts.
  if (callee.type === 'CallExpression') return calleeName(callee);
  if (callee.type === 'MemberExpression') return isNode(callee['object']) ? (callee['object']['name'] as string | undefined) : undefined;
  return undefined;
}

function isGroupBody(above: readonly Node[]): boolean {
  const parent = above.at(-1);
  return parent?.type === 'CallExpression' && groups.has(calleeName(parent) ?? '');
}

/** Files and functions that are longer than a reader's patience. */
export function checkSizes(source: Source): Violation[] {
  const { path, lines, program, lineOf } = source;
  const found: Violation[] = [];
  if (lines > MAX_FILE_LINES) found.push({ path, line: 1, what: `${lines} lines`, rule: `a file has at most ${MAX_FILE_LINES} lines` });
  walk(program, (node, above) => {
    if (!functions.has(node.type) || isGroupBody(above)) return;
    const length = lineOf(node.end - 1) - lineOf(node.start) + 1;
    if (length <= MAX_FUNCTION_LINES) return;
    found.push({ path, line: lineOf(node.start), what: `${length} lines`, rule: `a function has at most ${MAX_FUNCTION_LINES} lines` });
  });
  return found;
}

/** A path with a folder or file that is named for nothing in particular. */
export function checkPath(path: string): Violation[] {
  const drawer = path.split('/').find((part) => drawers.test(part.split('.')[0] ?? ''));
  return drawer === undefined
    ? []
    : [{ path, line: 1, what: `'${drawer}'`, rule: 'name a file for its one idea, a folder for what lives there' }];
}
