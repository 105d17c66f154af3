/** What is good while working and must not stay: notes to oneself, silenced checkers, tests that are switched off. */
import { isNode, type Source, type Violation, walk } from './source.ts';

const notes: readonly (readonly [RegExp, string])[] = [
  [/\b(?:TODO|FIXME|XXX|HACK)\b/, 'do it, or write down in docs/ that it is missing'],
  [/@ts-(?:ignore|expect-error|nocheck)\b/, 'mend the type'],
  [/(?:biome-ignore|oxlint-disable|eslint-disable)(?![^\n]*(?::|--)\s*\S+ \S+)/, 'say why a rule is silenced'],
];
const runners = new Set(['it', 'test', 'describe']);
const switches = new Set(['skip', 'only', 'todo', 'fails']);

export function checkLeftovers({ path, program, comments, lineOf }: Source): Violation[] {
  const found: Violation[] = [];
  for (const { value, start } of comments) {
    const note = notes.find(([pattern]) => pattern.test(value));
    if (note !== undefined) found.push({ path, line: lineOf(start), what: `comment '${value.trim().slice(0, 60)}'`, rule: note[1] });
  }
  walk(program, (node) => {
    if (node.type !== 'MemberExpression' || !isNode(node['object']) || !isNode(node['property'])) return;
    const [runner, name] = [node['object']['name'], node['property']['name']];
    if (typeof runner !== 'string' || typeof name !== 'string' || !runners.has(runner) || !switches.has(name)) return;
    found.push({ path, line: lineOf(node.start), what: `${runner}.${name}`, rule: 'every test runs' });
  });
  return found;
}
