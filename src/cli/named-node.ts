/** A node that a command names is one of the configuration, or the command ends before anything is opened. */
import type { Configuration } from '../config/index.ts';
import { didYouMean } from '../config/findings.ts';
import { refusal } from '../service/views.ts';
import type { Problem } from '../vocabulary/index.ts';
import { giveUp, type Io } from './io.ts';
import { report } from './result.ts';

/** An order for a node that does not exist is refused, by name, before anything is opened. */
export function admissible(io: Io, configuration: Configuration, node: string, json: boolean): boolean {
  if (configuration.nodes.has(node)) return true;
  report(io, refusal(unknownTarget(configuration, node)), { json });
  return false;
}

/** A question about a node that does not exist is a usage error. */
export function known(io: Io, configuration: Configuration, node: string, json: boolean): boolean {
  if (configuration.nodes.has(node)) return true;
  giveUp(io, unknownTarget(configuration, node), json);
  return false;
}

function meant(word: string, names: readonly string[]): string {
  const name = didYouMean(word, names);
  return name === undefined ? '' : `Did you mean ${name}? `;
}

export const unknownTarget = (configuration: Configuration, node: string): Problem => ({
  code: 'unknown-target',
  says: `${node} is not a node of cluster ${configuration.cluster}.`,
  next: `${meant(node, [...configuration.nodes.keys()])}Nodes are: ${[...configuration.nodes.keys()].join(', ')}.`,
});
