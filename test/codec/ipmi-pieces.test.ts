/** Checksums, pads, the sequence window, status bytes, cipher suite records and the codes of IPMI 1.5. */
import { describe, expect, test } from 'vitest';
import {
  admit,
  aesPad,
  CIPHER_SUITES,
  checksum,
  decodeChassisStatus,
  decodeDeviceId,
  decodeLan15,
  decodeOpenSessionResponse,
  decodeSuiteRecords,
  encodeLan15,
  encodeOpenSessionResponse,
  encodeSessionless15,
  freshWindow,
  integrityPad,
  isInsecure,
  meaningOfCompletion,
  meaningOfPrivilegeRefusal,
  meaningOfStatus,
  nextSequence,
  refusal,
  shortRefusal,
  toHex,
  type ReceiveWindow,
} from '../../drivers/ipmi/codec/index.ts';
import { fixed, hex, idOf } from './ipmi-vectors.ts';

test('checksums', () => {
  for (const each of fixed.checksum) expect(checksum(hex(each.bytes))).toBe(Number.parseInt(each.checksum, 16));
});

test('pads of AES and of the integrity trailer', () => {
  for (const each of fixed.aesPad) expect(toHex(aesPad(each.plainLen))).toBe(each.pad);
  for (const each of fixed.integrityPad) expect(toHex(integrityPad(each.payloadLen))).toBe(each.padBytes);
});

describe('the receive window', () => {
  const windowAt = (highest: number): ReceiveWindow => ({ highest, seen: 1 });

  test.each(fixed.sequenceWindow.cases)('$seq after $highest: $accept', ({ highest, seq, accept }) => {
    expect(admit(windowAt(highest), seq) !== undefined).toBe(accept);
  });

  test('takes each number once, in any order within the window', () => {
    let window = freshWindow;
    for (const sequence of [3, 1, 2, 10, 9, 4]) {
      const next = admit(window, sequence);
      if (next === undefined) throw new Error(`${sequence} was dropped`);
      expect(admit(next, sequence)).toBeUndefined();
      window = next;
    }
    expect(window.highest).toBe(10);
  });

  test('zero and numbers from before the session are never taken', () => {
    expect(admit(freshWindow, 0)).toBeUndefined();
    expect(admit(freshWindow, 0xffff_ffff)).toBeUndefined();
    expect(admit(freshWindow, 16)).toBeUndefined();
    expect(admit(freshWindow, 15)).toBeDefined();
  });

  test('a number that fell out of the window stays out, and the wrap skips zero', () => {
    const moved = admit(admit(windowAt(100), 115) ?? freshWindow, 130);
    if (moved === undefined) throw new Error('not admitted');
    expect(admit(moved, 113)).toBeUndefined();
    expect(admit(moved, 114)).toBeDefined();
    expect(admit(moved, 115)).toBeUndefined();
    expect(nextSequence(0xffff_ffff)).toBe(1);
    expect(nextSequence(0)).toBe(1);
  });
});

describe('commands', () => {
  test('chassis status', () => {
    const policies = ['stay-off', 'previous', 'always-on', 'unknown'];
    for (const each of fixed.chassisStatus) {
      const status = decodeChassisStatus(hex(each.data));
      expect(status.ok).toBe(each.error !== true);
      if (!status.ok) continue;
      expect(status.value.on).toBe(each.power);
      expect(status.value.restorePolicy).toBe(policies[each.restorePolicy ?? -1]);
      if (each.powerFault !== undefined) expect(status.value.fault).toBe(each.powerFault);
      if (each.powerControlFault !== undefined) expect(status.value.controlFault).toBe(each.powerControlFault);
    }
  });

  test('the power is bit 0 of the first byte and nothing else; fewer than three bytes say nothing', () => {
    for (let first = 0; first < 256; first += 1) {
      for (const rest of [0x00, 0xff]) {
        const status = decodeChassisStatus(Uint8Array.of(first, rest, rest));
        expect([first, status.ok && status.value.on]).toEqual([first, first % 2 === 1]);
      }
    }
    for (const bytes of [[], [0], [0, 0]]) expect(decodeChassisStatus(Uint8Array.from(bytes)).ok).toBe(false);
  });

  test('device id', () => {
    const bytes = hex('0908029f9112000f000000'.padEnd(30, '0'));
    const device = decodeDeviceId(bytes);
    if (!device.ok) throw new Error(device.why);
    expect(device.value).toMatchObject({ id: 9, revision: 8, firmwareMajor: 2, firmwareMinor: 0x9f, ipmiVersion: 0x91, updating: false });
    expect(decodeDeviceId(bytes.slice(0, 10)).ok).toBe(false);
  });

  test.each(fixed.cipherSuiteRecords)('cipher suite records: $note', ({ bytes, parsed, error }) => {
    const records = decodeSuiteRecords(hex(bytes));
    expect(records.ok).toBe(error !== true);
    if (!records.ok) return;
    expect(records.value).toEqual(
      parsed?.map(({ id, auth, integ, conf, iana }) => ({
        id,
        enterprise: iana,
        authentication: auth,
        integrity: integ,
        confidentiality: conf,
      })),
    );
  });
});

test('only suites with password, integrity and encryption are secure', () => {
  expect(CIPHER_SUITES.filter((suite) => !isInsecure(suite)).map(({ id }) => id)).toEqual([3, 8, 12, 17]);
});

test('refusals of two, eight and many bytes', () => {
  for (const refused of [shortRefusal(7, 4), refusal(7, 0x0d, 0x01020304)]) {
    expect(decodeOpenSessionResponse(encodeOpenSessionResponse(refused))).toEqual({ ok: true, value: refused });
  }
  expect(decodeOpenSessionResponse(hex('c7')).ok).toBe(false);
  expect(decodeOpenSessionResponse(hex('0000')).ok).toBe(false);
});

test('every status and completion code has words and a next step', () => {
  for (let code = 1; code < 256; code += 1) {
    for (const meaning of [meaningOfStatus(code), meaningOfCompletion(code), meaningOfPrivilegeRefusal(code)]) {
      expect(meaning.code).toMatch(/^ipmi-[a-z-]+$/);
      expect(meaning.says.length).toBeGreaterThan(10);
      expect(meaning.next.length).toBeGreaterThan(10);
    }
  }
  expect(meaningOfStatus(0x0d).means).toBe('credentials');
  expect(meaningOfStatus(0x11).means).toBe('suite');
  expect(meaningOfCompletion(0xd5).code).toBe('ipmi-illegal-in-this-state');
  expect(meaningOfPrivilegeRefusal(0x81).means).toBe('privilege');
});

describe('IPMI 1.5', () => {
  test.each(fixed.ipmi15)('authentication type $authType', (each) => {
    const message = hex(each.message);
    const sequence = idOf(each.seq);
    const sessionId = idOf(each.sessionId);
    const packet = { authType: each.authType, sequence, sessionId, authCode: hex(each.authCode), message, legacyPad: false };
    expect(toHex(encodeLan15(packet))).toBe(each.packet);
  });

  test('the legacy pad is tolerated, other trailing bytes are not', () => {
    const datagram = encodeSessionless15(new Uint8Array(42));
    const decodedPadded = decodeLan15(Uint8Array.from([...datagram, 0]));
    expect(decodedPadded.ok && decodedPadded.value.legacyPad).toBe(true);
    expect(decodeLan15(Uint8Array.from([...datagram, 1])).ok).toBe(false);
    expect(decodeLan15(Uint8Array.from([...datagram, 0, 0])).ok).toBe(false);
  });
});
