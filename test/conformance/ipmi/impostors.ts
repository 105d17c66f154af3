/** Strangers who try to make the IPMI driver believe that the power is off. */
import { unauthenticatedOff } from './forged.ts';
import { type Leaving, sessionId, type Tap, withinSession } from './tap.ts';

/** Each says that the power is off, right before the true answer. With a twin there are those that have the right keys as well. */
export function impostors(tap: Tap, twin: boolean): Readonly<Record<string, () => void>> {
  const before = (forge: (reply: Uint8Array, falseReply: Uint8Array | undefined) => readonly Leaving[]) => () => {
    tap.bend = (reply, falseReply) => {
      const truth: Leaving = { datagram: reply, from: 'bmc' };
      return withinSession(reply) ? [...forge(reply, falseReply), truth] : [truth];
    };
  };
  const own = (datagram: Uint8Array): Leaving => ({ datagram, from: 'bmc' });
  const keyless = {
    'answers without session and authentication': before(() => unauthenticatedOff(undefined).map(own)),
    'answers within the session, neither authenticated nor encrypted': before((reply) => unauthenticatedOff(sessionId(reply)).map(own)),
  };
  if (!twin) return keyless;
  return {
    ...keyless,
    'an answer with the right keys from another address': before((_reply, falseReply) =>
      falseReply === undefined ? [] : [{ datagram: falseReply, from: 'stranger' }],
    ),
    'an answer to an earlier request, with the right keys': before(() => (tap.earlierFalse === undefined ? [] : [own(tap.earlierFalse)])),
    'an answer of another session': before((_reply, falseReply) => (falseReply === undefined ? [] : [own(ofAnotherSession(falseReply))])),
  };
}

function ofAnotherSession(datagram: Uint8Array): Uint8Array {
  const other = Uint8Array.from(datagram);
  const id = sessionId(other);
  id[0] = (id[0] ?? 0) ^ 0xff;
  return other;
}
