/**
 * One reference IP, by the best way that this machine has. An address of this machine needs no program. An ICMP echo comes first: it is
 * answered by the address itself. Where no echo can be sent, weak ways are left, and they say so. A service that is configured is asked
 * as it is configured: accepting is a full answer, refusing a weak one.
 */
import { familyOf, isThisMachine } from './address.ts';
import type { Controls } from './control.ts';
import { loopbackProbe } from './loopback.ts';
import type { Doors, ReferenceIp } from './doors.ts';
import { pingProbe } from './ping.ts';
import { type Deadline, type Probe, type Result, unable } from './probe.ts';
import { tcpProbe } from './tcp.ts';
import { controlled, weakProbe } from './weak.ts';

/** Ways in their order: the next is tried only where the one before could not be used. What kept it from being used is told. */
const firstUsable = (ways: readonly Probe[], clock: Doors['clock']): Probe => {
  return async ({ ms, signal }: Deadline) => {
    const until = clock.now() + ms;
    const why: string[] = [];
    let last: Result | undefined;
    for (const way of ways) {
      const left = until - clock.now();
      if (left <= 0 || signal.aborted) break;
      last = await way({ ms: left, signal });
      if (last.answer !== 'unable') break;
      if (last.says !== undefined) why.push(last.says);
    }
    if (last === undefined) return unable('there was no time to ask');
    if (last.answer !== 'unable' && last.says !== undefined) why.push(last.says);
    return why.length === 0 ? last : { ...last, says: why.join('; ') };
  };
};

const serviceProbe = (address: string, port: number, doors: Doors, controls: Controls): Probe => {
  const ask = { protocol: 'tcp', port } as const;
  return async (deadline: Deadline) => {
    // Begun before the question itself: refusals may be rate limited, and the control must not go without.
    void controls.faultOf('tcp', familyOf(address), port, deadline.ms);
    const result = await tcpProbe(address, port, doors)(deadline);
    return await controlled(result, address, ask, controls, deadline.ms);
  };
};

export const referenceProbe = (reference: ReferenceIp, doors: Doors, controls: Controls): Probe => {
  const { kind, address } = reference;
  if (kind === 'tcp')
    return isThisMachine(address) ? tcpProbe(address, reference.port, doors) : serviceProbe(address, reference.port, doors, controls);
  if (isThisMachine(address)) return loopbackProbe(address, doors.clock);
  return firstUsable([pingProbe(address, doors), weakProbe(address, { ...doors, controls })], doors.clock);
};
