/**
 * Where nobody watches the progress, one line still tells that a round rested on weak answers alone: who orders a shot should know that
 * something answered in the name of the reference IPs, and that blindness may have gone unnoticed. That a reference IP is this machine
 * itself, the configuration's own warnings tell; how it was asked is told on a machine without ping, where a reader would wonder.
 */
import { isOnPath, isThisMachine } from '../probes/index.ts';
import type { Happened } from '../service/progress.ts';
import type { Io } from './io.ts';

export function weakEvidence(io: Pick<Io, 'err'>, hasPing = (): boolean => isOnPath('ping')): (happened: Pick<Happened, 'weak'>) => void {
  const told = new Set<string>();
  return ({ weak }) => {
    for (const { address, says } of weak) {
      if (isThisMachine(address) && hasPing()) continue;
      const line = `Reference IP ${address} answered weakly: ${says}.`;
      if (!told.has(line)) io.err(line);
      told.add(line);
    }
  };
}
