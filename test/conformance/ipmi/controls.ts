import type { Stand } from '../../../drivers/conformance/index.ts';
import type { Tap } from '../tap.ts';
import { impostors } from './impostors.ts';
import { loginsIn, withinSession } from './session.ts';
import type { Twins } from './twin.ts';

/** The encrypted part of an answer to Get Chassis Status ends before a trailer of padding, two bytes and at most 16 of integrity code. */
const TRAILER_BYTES = 20;

/** What a tap can do to any BMC behind it. */
export function tapControls(tap: Tap, twins?: Twins) {
  const bend = (how: (reply: Uint8Array) => Uint8Array) => () => {
    tap.bend = (reply) => [{ datagram: how(reply), from: 'device' }];
  };
  return {
    ...tap.controls,
    impostors: impostors(tap, twins),
    garble: {
      'cut to the header': bend((reply) => reply.subarray(0, 16)),
      empty: bend(() => new Uint8Array(0)),
      'one bit turned over': bend((reply) => withBitTurned(reply, reply.length - (withinSession(reply) ? TRAILER_BYTES : 1))),
    },
    logins: () => loginsIn(tap.transcript),
  } satisfies Partial<Stand>;
}

const withBitTurned = (bytes: Uint8Array, which: number): Uint8Array => bytes.map((byte, at) => (at === which ? byte ^ 0x01 : byte));
