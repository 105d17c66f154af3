/** One file ends the process and says with which exit code: an exit code of 0 is a promise, and must not be made in passing. */
import { isNode, type Source, type Violation, walk } from './source.ts';

const OURS = /^(?:src|drivers|hardware-mocks)\//;
const END = 'src/cli/ending.ts';
const ends = new Set(['exit', 'exitCode', 'reallyExit', 'abort']);

export function checkEnd({ path, program, lineOf }: Source): Violation[] {
  if (!OURS.test(path) || path === END) return [];
  const found: Violation[] = [];
  walk(program, (node) => {
    if (node.type !== 'MemberExpression' || !isNode(node['object']) || !isNode(node['property'])) return;
    const name = node['property']['name'] ?? node['property']['value'];
    if (node['object']['name'] !== 'process' || typeof name !== 'string' || !ends.has(name)) return;
    found.push({ path, line: lineOf(node.start), what: `process.${name}`, rule: `only ${END} ends the process; a command says io.ends` });
  });
  return found;
}
