/** Every captured packet decodes to the listed fields and re-encodes to the same bytes. */
import { describe, expect, test } from 'vitest';
import {
  type Decoded,
  decodeAsf,
  decodeLan15,
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  decodePlus,
  decodeRakp1,
  decodeRakp2,
  decodeRakp3,
  decodeRakp4,
  decodeRequest,
  decodeResponse,
  decodeSetup,
  encodeAsf,
  encodeLan15,
  encodeOpenSessionRequest,
  encodeOpenSessionResponse,
  encodePlus,
  encodeRakp1,
  encodeRakp2,
  encodeRakp3,
  encodeRakp4,
  encodeRequest,
  encodeResponse,
  encodeSetup,
  openPlus,
  sealPlus,
  toHex,
} from '../../drivers/ipmi/codec/index.ts';
import { hex, idOf, keysOf, text, type Vector, type VectorPacket, vectors } from './ipmi-vectors.ts';

function value<T>(result: Decoded<T>): T {
  if (!result.ok) throw new Error(`rejected: ${result.why}`);
  return result.value;
}

function checkMessage(bytes: Uint8Array, packet: VectorPacket): void {
  const listed = packet.message;
  if (listed === undefined) throw new Error('the vector lists no message');
  if (packet.dir === 'console->bmc') {
    const request = value(decodeRequest(bytes));
    expect(request).toEqual({
      rsAddr: listed.b0_addr,
      netFn: listed.netFn,
      rsLun: listed.lun0,
      rqAddr: listed.b3_addr,
      rqSeq: listed.rqSeq,
      rqLun: listed.lun1,
      cmd: listed.cmd,
      data: hex(listed.data),
    });
    expect(toHex(encodeRequest(request))).toBe(toHex(bytes));
    return;
  }
  const response = value(decodeResponse(bytes));
  expect(response).toEqual({
    rqAddr: listed.b0_addr,
    netFn: listed.netFn,
    rqLun: listed.lun0,
    rsAddr: listed.b3_addr,
    rqSeq: listed.rqSeq,
    rsLun: listed.lun1,
    cmd: listed.cmd,
    completionCode: listed.completionCode,
    data: hex(listed.data),
  });
  expect(toHex(encodeResponse(response))).toBe(toHex(bytes));
}

function checkLogin(packet: VectorPacket): string {
  const { payload, payloadType } = value(decodeSetup(hex(packet.hex)));
  const again = (bytes: Uint8Array): string => toHex(encodeSetup(payloadType, bytes));
  const { open, rakp1, rakp2, rakp3, rakp4 } = packet;
  if (packet.type === 'RMCP+ OpenSessionRequest') {
    const request = value(decodeOpenSessionRequest(payload));
    expect(request).toEqual({
      tag: open?.tag,
      privilege: open?.maxPriv,
      consoleSessionId: idOf(open?.consoleSessionId ?? ''),
      authentication: open?.auth,
      integrity: open?.integrity,
      confidentiality: open?.confidentiality,
    });
    return again(encodeOpenSessionRequest(request));
  }
  if (packet.type === 'RMCP+ OpenSessionResponse') {
    const response = value(decodeOpenSessionResponse(payload));
    expect(response.tag).toBe(open?.tag);
    if (response.kind === 'refused') expect(response.status).toBe(open?.status);
    else
      expect(response).toMatchObject({
        privilege: open?.maxPriv,
        bmcSessionId: idOf(open?.bmcSessionId ?? ''),
        authentication: open?.auth,
      });
    expect(response.kind).toBe(open?.status === 0 ? 'opened' : 'refused');
    return again(encodeOpenSessionResponse(response));
  }
  if (rakp1 !== undefined) {
    const decodedRakp1 = value(decodeRakp1(payload));
    const { tag, role } = rakp1;
    expect(decodedRakp1).toEqual({
      tag,
      role,
      bmcSessionId: idOf(rakp1.bmcSessionId),
      consoleRandom: hex(rakp1.Rm),
      user: text(rakp1.user),
    });
    return again(encodeRakp1(decodedRakp1));
  }
  if (rakp2 !== undefined) {
    const decodedRakp2 = value(decodeRakp2(payload));
    expect(decodedRakp2).toMatchObject({ tag: rakp2.tag, kind: rakp2.status === 0 ? 'accepted' : 'refused' });
    if (decodedRakp2.kind === 'accepted') {
      expect(toHex(decodedRakp2.bmcRandom)).toBe(rakp2.Rc);
      expect(toHex(decodedRakp2.guid)).toBe(rakp2.guid);
      expect(toHex(decodedRakp2.code)).toBe(rakp2.keyExchangeAuthCode ?? '');
    } else expect(decodedRakp2.status).toBe(rakp2.status);
    return again(encodeRakp2(decodedRakp2));
  }
  if (rakp3 !== undefined) {
    const decodedRakp3 = value(decodeRakp3(payload));
    const { tag, status } = rakp3;
    expect(decodedRakp3).toEqual({ tag, status, bmcSessionId: idOf(rakp3.bmcSessionId), code: hex(rakp3.keyExchangeAuthCode ?? '') });
    return again(encodeRakp3(decodedRakp3));
  }
  if (rakp4 === undefined) throw new Error(`a packet of type ${packet.type} is not known here`);
  const decodedRakp4 = value(decodeRakp4(payload));
  expect(decodedRakp4).toMatchObject({ tag: rakp4.tag, kind: rakp4.status === 0 ? 'accepted' : 'refused' });
  if (decodedRakp4.kind === 'accepted') expect(toHex(decodedRakp4.code)).toBe(rakp4.icv ?? '');
  return again(encodeRakp4(decodedRakp4));
}

function checkInSession(packet: VectorPacket, of: Vector): string {
  const datagram = hex(packet.hex);
  if (idOf(packet.session?.sessionId ?? '') === 0) {
    const sessionless = value(decodeSetup(datagram));
    checkMessage(sessionless.payload, packet);
    return toHex(encodeSetup(sessionless.payloadType, sessionless.payload));
  }
  const keys = keysOf(of);
  if (keys === undefined) throw new Error('the vector lists no keys');
  const opened = value(openPlus(datagram, keys));
  expect(opened).toMatchObject({ payloadType: 0, sequence: packet.session?.seq, sessionId: idOf(packet.session?.sessionId ?? '') });
  expect(toHex(opened.payload)).toBe(packet.plain);
  checkMessage(opened.payload, packet);
  return toHex(sealPlus(opened, keys, hex(packet.cipher?.iv ?? '')));
}

function check(packet: VectorPacket, of: Vector): void {
  const datagram = hex(packet.hex);
  if (packet.type === 'ASF') {
    const asf = value(decodeAsf(datagram));
    expect(asf).toMatchObject({ tag: packet.asf?.tag, kind: packet.asf?.msgType === 0x80 ? 'ping' : 'pong' });
    expect(toHex(encodeAsf(asf))).toBe(packet.hex);
  } else if (packet.type === 'IPMI1.5') {
    const wrapped = value(decodeLan15(datagram));
    expect(wrapped.authType).toBe(packet.session?.authType);
    checkMessage(wrapped.message, packet);
    expect(toHex(encodeLan15(wrapped))).toBe(packet.hex);
  } else {
    expect(toHex(encodePlus(value(decodePlus(datagram))))).toBe(packet.hex);
    expect(packet.type === 'RMCP+ IPMI' ? checkInSession(packet, of) : checkLogin(packet)).toBe(packet.hex);
  }
}

describe('captured packets decode to the listed fields and re-encode to the same bytes', () => {
  test('there are as many captures as were taken over', () => {
    expect(vectors.length).toBe(55);
    expect(vectors.reduce((count, { packets }) => count + packets.length, 0)).toBeGreaterThan(900);
  });

  test.each(vectors.map((each) => [each.name, each] as const))('%s', (_, each) => {
    for (const packet of each.packets) {
      try {
        check(packet, each);
      } catch (error) {
        throw new Error(`packet ${packet.n} (${packet.type}): ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
  });
});
