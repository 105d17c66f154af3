/** Strangers who try to make the IPMI driver believe that the power is off. */
import type { Leaving, Tap } from '../tap.ts';
import { unauthenticatedOff } from './forged.ts';
import { sessionId, withinSession } from './session.ts';
import type { Twins } from './twin.ts';

/** Each says that the power is off, right before the true answer. A twin's have the right keys as well. */
export function impostors(tap: Tap, twins?: Twins): Readonly<Record<string, () => void>> {
  const before = (forge: (reply: Uint8Array) => readonly Leaving[]) => () => {
    tap.bend = (reply) => {
      const truth = own(reply);
      return withinSession(reply) ? [...forge(reply), truth] : [truth];
    };
  };
  const keyless = {
    'answers without session and authentication': before(() => unauthenticatedOff(undefined).map(own)),
    'answers within the session, neither authenticated nor encrypted': before((reply) => unauthenticatedOff(sessionId(reply)).map(own)),
  };
  if (twins === undefined) return keyless;
  const twinSays = (how: (falseReply: Uint8Array) => Leaving) =>
    before(() => (twins.falseReply === undefined ? [] : [how(twins.falseReply)]));
  return {
    ...keyless,
    'an answer with the right keys from another address': twinSays((datagram) => ({ datagram, from: 'stranger' })),
    'an answer to an earlier request, with the right keys': before(() =>
      twins.earlierFalse === undefined ? [] : [own(twins.earlierFalse)],
    ),
    'an answer of another session': twinSays((falseReply) => own(ofAnotherSession(falseReply))),
  };
}

const own = (datagram: Uint8Array): Leaving => ({ datagram, from: 'device' });

function ofAnotherSession(datagram: Uint8Array): Uint8Array {
  const other = Uint8Array.from(datagram);
  const id = sessionId(other);
  id[0] = (id[0] ?? 0) ^ 0xff;
  return other;
}
