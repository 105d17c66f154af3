/**
 * What devices call the machine behind them, against the configuration: two controllers that were swapped, or a label on the outlet of another
 * node. Each entry works, each GUID is its own, and the wrong node is cut.
 */
import type { Problem } from '../vocabulary/index.ts';

/** The node that a told name means where it is none of `own`; undefined where it means one of them, or nobody that is known here. */
export function anotherNode(told: string, own: readonly string[], nodes: readonly string[]): string | undefined {
  if (own.some((node) => names(told, node))) return undefined;
  return nodes.filter((node) => !own.includes(node)).find((node) => names(told, node));
}

/** As a word of its own: `db2` in `DB2 psu a` and `db2.example.org`, not in `db21`. */
function names(told: string, node: string): boolean {
  const [text, word] = [told.toLowerCase(), node.toLowerCase().replace(/\.$/, '')];
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isLetter(text[at - 1]) && !isLetter(text[at + word.length])) return true;
  }
  return false;
}

const isLetter = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);

/** Of a controller that tells the name of the machine in which it sits. */
export const tellsAnotherNode = (device: string, told: string, node: string, own: readonly string[]): Problem => ({
  code: 'tells-another-node',
  says: `${device} says that its machine is called ${told}, which is ${node} and not ${own.join(' or ')}: cutting ${own.join(' or ')} would cut ${node}.`,
  next: 'Look at the machine itself: either the address is that of another one, or the name that is kept there is old. Until then trust neither.',
});

/** Of an outlet whose label names another node. */
export const labelledForAnother = (outlet: string, label: string, node: string, own: readonly string[]): Problem => ({
  code: 'tells-another-node',
  says: `${outlet} is labelled "${label}", which is ${node} and not ${own.join(' or ')}.`,
  next: 'Follow the cord; then mend the label, or the outlet in the fence level.',
});
