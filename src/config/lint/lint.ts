/**
 * Weighs a configuration that is well-formed: would it fence, could it prove it, and does one failure take the node and its fencing away
 * together? Errors must be mended before anything is fenced with it; warnings say what will not work on which day.
 */
import type { ConfigProblem, Configuration, Whereabouts } from '../configuration.ts';
import { collectFindings } from '../findings.ts';
import { ownAddresses } from '../places.ts';
import { lintDrivers } from './drivers.ts';
import { lintEvidence } from './evidence.ts';
import { lintPaths } from './paths.ts';
import { lintPolicy } from './policy.ts';
import { lintPower } from './power.ts';
import type { Rule } from './rule.ts';
import { lintTiming } from './timing.ts';

const RULES: readonly Rule[] = [lintDrivers, lintPower, lintEvidence, lintPaths, lintPolicy, lintTiming];

/** Sorted by line; `file` is how the user named the configuration, `own` are the addresses of this machine. */
export function lintConfiguration(
  configuration: Configuration,
  where: Whereabouts,
  file = configuration.file,
  own = ownAddresses(),
): readonly ConfigProblem[] {
  const findings = collectFindings(file, where);
  for (const rule of RULES) rule(configuration, (finding) => findings.add(finding), { own });
  return findings.sorted();
}
