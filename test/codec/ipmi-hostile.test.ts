/** Bytes that nobody sent on purpose: flipped bits, cut packets, noise. A decoder says no; it never throws. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CIPHER_SUITES,
  type Decoded,
  decodeAsf,
  decodeAuthCapabilities,
  decodeChassisStatus,
  decodeDeviceId,
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
  decodeRmcp,
  decodeSetup,
  decodeSuiteRecords,
  encodeLan15,
  encodePlus,
  encodeRakp1,
  encodeRequest,
  encodeResponse,
  openPlus,
  type SessionKeys,
  sealPlus,
  toHex,
} from '../../drivers/ipmi/codec/index.ts';
import { hex, keysOf, suiteById, vectors } from './ipmi-vectors.ts';

/** FUZZ_RUNS=300000 for a long run. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 3000);

const keysFor = (suite: (typeof CIPHER_SUITES)[number]): SessionKeys => ({
  suite,
  integrityKey: new Uint8Array(20).fill(7),
  aesKey: new Uint8Array(16).fill(9),
});
const allKeys = CIPHER_SUITES.map(keysFor);

const decoders: readonly ((bytes: Uint8Array) => Decoded<unknown>)[] = [
  decodeRmcp,
  decodeAsf,
  decodeLan15,
  decodePlus,
  decodeSetup,
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  decodeRakp1,
  decodeRakp2,
  decodeRakp3,
  decodeRakp4,
  decodeRequest,
  decodeResponse,
  decodeSuiteRecords,
  decodeChassisStatus,
  decodeDeviceId,
  decodeAuthCapabilities,
  ...allKeys.map((keys) => (bytes: Uint8Array) => openPlus(bytes, keys)),
];

const captured = vectors.flatMap(({ packets }) => packets.map((packet) => hex(packet.hex)));

/** Half noise, half captured packets with some damage. */
const datagrams = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .record({
      base: fc.constantFrom(...captured),
      cut: fc.oneof(fc.constant(0), fc.nat({ max: 120 })),
      grow: fc.uint8Array({ maxLength: 20 }),
      changes: fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 255 })), { maxLength: 4 }),
    })
    .map(({ base, cut, grow, changes }) => {
      const bytes = Uint8Array.from([...base.subarray(0, cut === 0 ? base.length : cut), ...grow]);
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      return bytes;
    }),
);

describe('every single flipped bit of a packet with integrity is rejected', () => {
  const protectedVectors = vectors.filter((each) => {
    const keys = keysOf(each);
    return keys !== undefined && keys.suite.integrity.codeLength > 0 && each.packets.some(({ plain }) => plain !== undefined);
  });

  test.each(protectedVectors.map((each) => [each.name, each] as const))('%s', (_, each) => {
    const keys = keysOf(each);
    if (keys === undefined) throw new Error('no keys');
    const packets = each.packets.filter(({ type, session }) => type === 'RMCP+ IPMI' && session?.sessionId !== '00000000').slice(0, 4);
    expect(packets.length).toBeGreaterThan(0);
    for (const packet of packets) {
      const datagram = hex(packet.hex);
      expect(openPlus(datagram, keys).ok).toBe(true);
      // Bytes 1 (reserved) and 2 (RMCP sequence) of the RMCP header lie outside the integrity code and change nothing.
      for (let bit = 0; bit < datagram.length * 8; bit += 1) {
        const at = bit >>> 3;
        if (at === 1 || at === 2) continue;
        const flipped = Uint8Array.from(datagram);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
        if (openPlus(flipped, keys).ok) throw new Error(`bit ${bit} of packet ${packet.n} does not matter`);
      }
    }
  });
});

test('cut packets with integrity are rejected at every length', () => {
  const each = vectors.find(({ name }) => name.startsWith('35-'));
  const keys = each === undefined ? undefined : keysOf(each);
  const packet = each?.packets.find(({ plain }) => plain !== undefined && plain.length > 16);
  if (keys === undefined || packet === undefined) throw new Error('no packet');
  const datagram = hex(packet.hex);
  for (let length = 0; length < datagram.length; length += 1) expect(openPlus(datagram.subarray(0, length), keys).ok).toBe(false);
});

test('a secure session takes neither plain nor unauthenticated packets', () => {
  const payload = encodeRequest({ netFn: 0, cmd: 1, rqSeq: 1, data: hex('') });
  const plain = { payloadType: 0, sessionId: 5, sequence: 1, payload };
  const iv = new Uint8Array(16);
  for (const other of allKeys) {
    const result = openPlus(sealPlus(plain, other, iv), keysFor(suiteById(17)));
    expect(result.ok).toBe(other.suite.id === 17);
  }
});

test('no bytes make a decoder throw', () => {
  fc.assert(
    fc.property(datagrams, (bytes) => {
      for (const decode of decoders) {
        const result = decode(bytes);
        if (!result.ok && result.why.length === 0) return false;
      }
      return true;
    }),
    { numRuns },
  );
}, 3_600_000);

test('what is decoded from noise re-encodes to the same bytes', () => {
  fc.assert(
    fc.property(datagrams, (bytes) => {
      // Bytes 1 (reserved) and 2 (sequence) of the RMCP header are not kept.
      const tail = toHex(bytes.subarray(3));
      const plus = decodePlus(bytes);
      if (plus.ok && toHex(encodePlus(plus.value)).slice(6) !== tail) return false;
      const lan15 = decodeLan15(bytes);
      return !lan15.ok || toHex(encodeLan15(lan15.value)).slice(6) === tail;
    }),
    { numRuns },
  );
}, 3_600_000);

const nibble6 = fc.nat({ max: 63 });
const byte = fc.nat({ max: 255 });

test('messages and packets of any content come back as they were', () => {
  const messages = fc.record({ netFn: nibble6, cmd: byte, rqSeq: nibble6, data: fc.uint8Array({ maxLength: 60 }), completionCode: byte });
  const packets = fc.record({
    keys: fc.constantFrom(...allKeys),
    sessionId: fc.nat(),
    sequence: fc.nat(),
    iv: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  });
  fc.assert(
    fc.property(messages, packets, ({ netFn, completionCode, ...rest }, { keys, sessionId, sequence, iv }) => {
      const request = encodeRequest({ netFn: netFn & 0x3e, ...rest });
      const response = encodeResponse({ netFn: netFn | 1, completionCode, ...rest });
      expect(decodeRequest(request)).toMatchObject({ ok: true, value: { netFn: netFn & 0x3e, ...rest } });
      expect(decodeResponse(response)).toMatchObject({ ok: true, value: { netFn: netFn | 1, completionCode, ...rest } });
      const plain = { payloadType: 0, sessionId, sequence, payload: response };
      expect(openPlus(sealPlus(plain, keys, iv), keys)).toEqual({ ok: true, value: plain });
    }),
    { numRuns: Math.min(numRuns, 20_000) },
  );
}, 3_600_000);

test('user names up to 16 bytes come back as they were', () => {
  const rakp1 = fc.record({
    tag: byte,
    bmcSessionId: fc.nat(),
    consoleRandom: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    role: byte,
    user: fc.uint8Array({ maxLength: 16 }),
  });
  fc.assert(
    fc.property(rakp1, (message) => {
      expect(decodeRakp1(encodeRakp1(message))).toEqual({ ok: true, value: message });
    }),
  );
});
