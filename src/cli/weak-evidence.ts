/**
 * Where nobody watches the progress, one line still tells that a round rested on weak answers alone: who orders a shot should know that
 * something answered in the name of the reference IPs, and that blindness may have gone unnoticed. That a reference IP is this machine
 * itself, the configuration's own warnings tell; how it was asked is told on a machine without ping, where a reader would wonder.
 */
import type { Event } from '../core/index.ts';
import { isOnPath, isThisMachine } from '../probes/index.ts';
import type { Io } from './io.ts';

export function weakEvidence(io: Pick<Io, 'err'>, hasPing = (): boolean => isOnPath('ping')): (event: Event) => void {
  const told = new Set<string>();
  return (event) => {
    if (event.kind !== 'assessed') return;
    const heard = event.assessment.observations.flatMap((seen) => (seen.probe === 'reference-ip' && seen.answer === 'heard' ? [seen] : []));
    if (heard.some(({ grade }) => grade !== 'weak')) return;
    for (const { address, via, says } of heard) {
      if (isThisMachine(address) && hasPing()) continue;
      const line = `Reference IP ${address} answered weakly: ${says ?? via ?? 'nobody knows who answered'}.`;
      if (!told.has(line)) io.err(line);
      told.add(line);
    }
  };
}
