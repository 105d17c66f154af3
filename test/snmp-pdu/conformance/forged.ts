/**
 * False answers that say "off", right in every byte that a stranger could know, and in some that only the device knows. A driver that
 * believes one of them has looked at the message before it knew who sent it.
 */
import { element, elements, integer, octets, TAG } from '../../../hardware-mocks/pdu/ber.ts';
import { Engine, type PduUser } from '../../../hardware-mocks/pdu/engine.ts';
import { readRequest, type Value, writeResponse } from '../../../hardware-mocks/pdu/request.ts';
import type { MockPdu } from '../../../hardware-mocks/pdu/index.ts';

export type Impostor = (asked: Uint8Array, truth: Uint8Array) => Uint8Array | undefined;

/** A version 3 request without the engine's id: nothing about power is in it or in its answer. */
export function isDiscovery(datagram: Uint8Array): boolean {
  const parts = elements(elements(datagram)[0]?.content ?? new Uint8Array());
  if (parts[0]?.content[0] !== 3) return false;
  const security = elements(elements(parts[2]?.content ?? new Uint8Array())[0]?.content ?? new Uint8Array());
  return security[0]?.content.length === 0;
}

/** The answer of `twin`, a PDU like the right one whose outlets are all off. */
export const twinSays =
  (twin: MockPdu): Impostor =>
  (asked) =>
    isDiscovery(asked) ? undefined : twin.hear(asked)[0]?.bytes;

/** What the twin said to the question before. */
export function replay(twin: MockPdu): Impostor {
  let earlier: Uint8Array | undefined;
  return (asked) => {
    const before = earlier;
    earlier = isDiscovery(asked) ? earlier : (twin.hear(asked)[0]?.bytes ?? earlier);
    return before;
  };
}

/** The right numbers, the right names, the right engine, and no protection: whoever sent it did not need a key. */
export function unprotected(users: readonly PduUser[], twin: MockPdu): Impostor {
  return (asked, truth) => {
    if (isDiscovery(asked)) return undefined;
    const [, header, security] = elements(elements(truth)[0]?.content ?? new Uint8Array());
    const [engineId, boots, time] = elements(elements(security?.content ?? new Uint8Array())[0]?.content ?? new Uint8Array());
    const id = engineId?.content ?? new Uint8Array();
    const opener = new Engine({
      id,
      users,
      bytes: (length) => new Uint8Array(length),
      faults: twin.faults,
      wrongPrivacy: 'silent',
      now: () => 0,
    });
    const admitted = opener.admit(asked);
    if (admitted === undefined || 'report' in admitted) return undefined;
    const request = readRequest(admitted.pdu);
    const off = (oid: string): Value => twin.peek(oid) ?? { type: 'noSuchInstance' };
    const pdu = writeResponse(request.id, { error: 0, index: 0, varbinds: request.varbinds.map(({ oid }) => ({ oid, value: off(oid) })) });
    const messageId = elements(header?.content ?? new Uint8Array())[0]?.content ?? new Uint8Array();
    return element(
      TAG.sequence,
      integer(3),
      element(TAG.sequence, element(TAG.integer, messageId), integer(65_507), octets(Uint8Array.of(0)), integer(3)),
      octets(
        element(
          TAG.sequence,
          octets(id),
          element(TAG.integer, boots?.content ?? new Uint8Array()),
          element(TAG.integer, time?.content ?? new Uint8Array()),
          octets(users[0]?.name ?? ''),
          octets(''),
          octets(''),
        ),
      ),
      element(TAG.sequence, octets(id), octets(''), pdu),
    );
  };
}
