import type { MockBmc } from '../../../hardware-mocks/index.ts';
import type { Behind, Datagram } from '../tap.ts';
import { withinSession } from './session.ts';

/** A BMC with a twin that hears all that it hears. */
export interface Twins extends Behind {
  /** What the twin said to the last request: right in every byte, only that the power is off. */
  readonly falseReply: Datagram | undefined;
  /** What it said within a session before that. */
  readonly earlierFalse: Datagram | undefined;
}

/** `twin` has drawn the same random bytes as `bmc`, so that it has the same keys; its machine is off. */
export function twins(bmc: MockBmc, twin: MockBmc): Twins {
  let falseReply: Datagram | undefined;
  let earlierFalse: Datagram | undefined;
  return {
    get falseReply() {
      return falseReply;
    },
    get earlierFalse() {
      return earlierFalse;
    },
    hear: (datagram, answer) => {
      if (falseReply !== undefined && withinSession(falseReply)) earlierFalse = falseReply;
      falseReply = twin.hear(datagram)[0]?.bytes;
      for (const { bytes } of bmc.hear(datagram)) answer(bytes);
    },
    stop: () => Promise.resolve(),
  };
}
