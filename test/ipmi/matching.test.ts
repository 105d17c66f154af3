/** Which packets of a session count as the answer to a request: session id, sequence, payload type, network function, command, number. */
import { describe, expect, test } from 'vitest';
import {
  AES_CBC_128,
  cipherSuite,
  COMMAND,
  decodeRequest,
  encodeResponse,
  NOTHING,
  openPlus,
  PAYLOAD,
  sealPlus,
  sessionKeys,
  toHex,
} from '../../drivers/ipmi/codec/index.ts';
import { NO_QUIRKS } from '../../drivers/ipmi/quirks.ts';
import { Established } from '../../drivers/ipmi/session/established.ts';
import { seeded, seededBytes } from './virtual.ts';

const CONSOLE_ID = 0xa1b2c3d4;
const BMC_ID = 0x01020304;
const suite = cipherSuite(17);
if (suite === undefined) throw new Error('suite 17 is spoken here');
const keys = sessionKeys(suite, new Uint8Array(32).fill(9), new TextEncoder().encode('pw'));

function session(): Established {
  const random = seeded(5);
  return new Established(keys, CONSOLE_ID, BMC_ID, NO_QUIRKS, { random, bytes: seededBytes(random) });
}

interface Said {
  readonly sessionId?: number;
  readonly sequence?: number;
  readonly payloadType?: number;
  readonly netFn?: number;
  readonly cmd?: number;
  readonly rqSeq?: number;
}

/** The answer "the power is on" to the first request, but for what is said otherwise. */
function answer({ sessionId = CONSOLE_ID, sequence = 1, payloadType = PAYLOAD.ipmi, netFn = 1, cmd = 1, rqSeq = 1 }: Said): Uint8Array {
  const payload = encodeResponse({ netFn, cmd, completionCode: 0, data: Uint8Array.of(1, 0, 0), rqSeq });
  return sealPlus({ payloadType, sessionId, sequence, payload }, keys, new Uint8Array(AES_CBC_128.ivLength).fill(3));
}

describe('an answer that', () => {
  test.each<readonly [string, Said]>([
    ['is for another session', { sessionId: CONSOLE_ID ^ 1 }],
    ['is addressed by the id of the BMC', { sessionId: BMC_ID }],
    ['has no sequence number', { sequence: 0 }],
    ['is far ahead', { sequence: 16 }],
    ['is Serial over LAN', { payloadType: PAYLOAD.sol }],
    ['is of another network function', { netFn: 7 }],
    ['is a request', { netFn: 0 }],
    ['is to another command', { cmd: 2 }],
    ['is to a request that was never made', { rqSeq: 2 }],
    ['is to a request of long ago', { rqSeq: 60 }],
  ])('%s is none, and does not spoil the right one', (_, said) => {
    const established = session();
    const request = established.request(COMMAND.getChassisStatus, NOTHING);
    expect(established.receive(answer(said), request, 10)).toBeUndefined();
    expect(established.receive(answer({ sequence: 2 }), request, 20)).toEqual({ completionCode: 0, data: Uint8Array.of(1, 0, 0) });
  });

  test('comes a second time is none', () => {
    const established = session();
    const request = established.request(COMMAND.getChassisStatus, NOTHING);
    expect(established.receive(answer({}), request, 10)).toMatchObject({ completionCode: 0 });
    expect(established.receive(answer({}), request, 20)).toBeUndefined();
  });
});

test('a request sent again keeps its number and gets a new session sequence number and a new IV', () => {
  const established = session();
  const request = established.request(COMMAND.chassisControl, Uint8Array.of(0));
  const copies = [established.seal(request), established.seal(request), established.seal(request)];
  const opened = copies.map((copy) => openPlus(copy, keys)).map((each) => (each.ok ? each.value : undefined));
  expect(opened.map((each) => each?.sequence)).toEqual([1, 2, 3]);
  expect(new Set(opened.map((each) => toHex(each?.payload ?? NOTHING))).size).toBe(1);
  const inner = decodeRequest(opened[0]?.payload ?? NOTHING);
  expect(inner).toMatchObject({ ok: true, value: { netFn: 0, cmd: 2, rqSeq: 1, data: Uint8Array.of(0) } });
  expect(new Set(copies.map((copy) => toHex(copy.subarray(16, 32)))).size).toBe(3);
});
