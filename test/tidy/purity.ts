/** The core is a function of policy, state and event: no waiting, no time but the event's, no random, no system. */
import { isNode, type Node, type Source, type Violation, walk } from './source.ts';

const outside = new Map(
  [
    ['time', ['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask']],
    ['waiting', ['Promise', 'AbortController', 'AbortSignal']],
    ['dice', ['crypto', 'Crypto']],
    ['the system', ['process', 'globalThis', 'global', 'console', 'fetch', 'require', 'Buffer', 'WebSocket', 'eval', 'Function']],
  ].flatMap(([what, names]) => (names as string[]).map((name) => [name, what as string] as const)),
);

/** True when an identifier only names a member or a key: `order.process`, `{ process: 1 }`. */
function isMemberName(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent['computed'] === true || parent['shorthand'] === true) return false;
  return parent['property'] === node || (parent['key'] === node && parent['value'] !== node);
}

function impurity(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true)) return 'waits';
  if (node['async'] === true) return 'is async';
  if (node.type === 'MemberExpression' && isNode(node['object']) && node['object']['name'] === 'Math') {
    const property = node['property'];
    const name = isNode(property) ? (property['name'] ?? property['value']) : undefined;
    return name === 'random' ? 'throws random (Math.random)' : undefined;
  }
  if (node.type !== 'Identifier' || isMemberName(node, parent)) return undefined;
  const reach = outside.get(node['name'] as string);
  return reach === undefined ? undefined : `reaches for ${reach} (${node['name'] as string})`;
}

/** Every place of one file of the core that is not pure. Imports are the arrows' business. */
export function checkPurity({ path, program, lineOf }: Source): Violation[] {
  const found: Violation[] = [];
  walk(program, (node, above) => {
    const what = impurity(node, above.at(-1));
    if (what !== undefined) found.push({ path, line: lineOf(node.start), what, rule: 'the core decides and touches nothing' });
  });
  return found;
}
