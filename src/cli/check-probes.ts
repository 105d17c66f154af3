/** What a fencing would ask before it shoots, asked now: every reference IP and every link of every node. Switches nothing. */
import type { Configuration } from '../config/index.ts';
import { realClock } from '../main/clock.ts';
import { linksOf } from '../main/links.ts';
import { type Everything, probeEverything } from '../probes/index.ts';

export async function checkProbes(configuration: Configuration): Promise<Everything> {
  const { self, verify } = configuration;
  return await probeEverything(
    {
      clock: realClock(),
      self,
      referenceIps: verify.referenceIps,
      links: linksOf(configuration),
      need: verify.need,
    },
    { ms: verify.within },
  );
}

/** As things stand now a fencing would not be withheld as blind. */
export const canSee = ({ findings }: Everything): boolean => findings.every(({ stops }) => !stops);
