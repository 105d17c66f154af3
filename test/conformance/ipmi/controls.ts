import type { Stand } from '../../../drivers/conformance/index.ts';
import { impostors } from './impostors.ts';
import { type Leaving, type Tap, withinSession } from './tap.ts';

/** The encrypted part of an answer to Get Chassis Status ends before a trailer of padding, two bytes and at most 16 of integrity code. */
const TRAILER_BYTES = 20;

/** What a tap can do to any BMC behind it. */
export function tapControls(tap: Tap, twin: boolean) {
  const bend = (how: (reply: Uint8Array) => Uint8Array) => () => {
    tap.bend = (reply): readonly Leaving[] => [{ datagram: how(reply), from: 'bmc' }];
  };
  return {
    silence: () => {
      tap.silent = true;
    },
    halfOpen: () => {
      tap.halfOpen = true;
    },
    loseReplies: () => {
      tap.repliesLost = true;
    },
    keepBackReplies: () => tap.keepBack(),
    impostors: impostors(tap, twin),
    garble: {
      'cut to the header': bend((reply) => reply.subarray(0, 16)),
      empty: bend(() => new Uint8Array(0)),
      'one bit turned over': bend((reply) => withBitTurned(reply, reply.length - (withinSession(reply) ? TRAILER_BYTES : 1))),
    },
    heal: () => tap.heal(),
    logins: () => tap.logins,
  } satisfies Partial<Stand>;
}

const withBitTurned = (bytes: Uint8Array, which: number): Uint8Array => bytes.map((byte, at) => (at === which ? byte ^ 0x01 : byte));
