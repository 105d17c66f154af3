/**
 * The mock BMC against packets captured between strangers: given the randoms of the recorded BMC, it must answer the recorded
 * requests with exactly the recorded bytes.
 */
import { describe, expect, it } from 'vitest';
import { type BmcOptions, Machine, MockBmc, VirtualClock } from '../../hardware-mocks/index.ts';
import { hex, type Vector, vector } from '../codec/ipmi-vectors.ts';

/** The recorded BMC's random bytes in the order in which it drew them: session id, RAKP random, one vector per sealed packet. */
function recordedBytes({ derived, packets }: Vector): (length: number) => Uint8Array {
  const ivs = packets.flatMap(({ dir, cipher }) => (dir === 'bmc->console' && cipher !== undefined ? [hex(cipher.iv)] : []));
  const drawn = [hex(derived?.bmcSessionId ?? ''), hex(derived?.Rc ?? ''), ...ivs];
  return (length) => {
    // Answers that were lost are not in the trace: past its end anything will do, and no longer equal anything.
    const next = drawn.shift() ?? new Uint8Array(length);
    if (next?.length !== length) throw new Error(`the mock asked for ${length} bytes out of turn`);
    return next;
  };
}

interface Replayed {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly machine: Machine;
  readonly bmc: MockBmc;
}

function replay(name: string, options: Partial<BmcOptions> = {}): Replayed {
  const recorded = vector(name);
  const { parameters, derived, packets } = recorded;
  const clock = new VirtualClock(1000);
  const machine = new Machine({ name: 'recorded', clock, restore: 'always-on' });
  const kg = parameters.kg;
  const bmc = new MockBmc({
    machine,
    clock,
    bytes: recordedBytes(recorded),
    users: [{ name: parameters.username ?? '', password: parameters.password ?? '', privilege: 'administrator' }],
    ...(kg === null || kg === undefined ? {} : { kg: new TextEncoder().encode(kg) }),
    cipherSuites: [3, 7, 8, 15, 16, 17],
    insecureSuites: true,
    guid: hex(derived?.guid ?? ''),
    advertised: { authTypes: 0x14, extended: 0x03 },
    ...options,
  });
  const ours = packets
    .filter(({ dir }) => dir === 'console->bmc')
    .flatMap((packet) => bmc.hear(hex(packet.hex)).map(({ bytes }) => Buffer.from(bytes).toString('hex')));
  const theirs = packets.filter(({ dir }) => dir === 'bmc->console').map((packet) => packet.hex);
  return { ours, theirs, machine, bmc };
}

describe('recorded sessions, byte for byte', () => {
  it.each(['40-', '41-', '42-', '43-', '44-', '45-', '50-'])('ipmitool reads the status (vector %s)', (name) => {
    const { ours, theirs, machine, bmc } = replay(name);
    expect(ours).toEqual(theirs);
    expect(machine.lamp).toBe(true);
    expect(bmc.count.sessions).toMatchObject({ activated: 1, closed: 1 });
  });

  it.each(['30-', '31-', '32-', '33-', '34-', '35-'])('FreeIPMI cuts the power and reads it off (vector %s)', (name) => {
    const { ours, theirs, machine, bmc } = replay(name);
    expect(ours).toEqual(theirs);
    expect([machine.lamp, machine.carriedOut.off, bmc.sessions]).toEqual([false, 1, 0]);
  });

  it('FreeIPMI logs in with a Kg (vector 51)', () => {
    const { ours, theirs } = replay('51-');
    expect(ours).toEqual(theirs);
  });

  it('pyghmi logs in, reads, cuts and reads again (vector 36)', () => {
    const { ours, theirs, machine } = replay('36-');
    expect(ours).toEqual(theirs);
    expect(machine.lamp).toBe(false);
  });

  it('ipmitool asks for the suites and finds 17 (vector 54)', () => {
    const { ours, theirs } = replay('54-', { cipherSuites: [1, 2, 3, 15, 16, 17] });
    expect(ours).toEqual(theirs);
  });

  it('ipmitool misreads a list of short records and takes suite 3 (vector 52)', () => {
    const { ours, theirs } = replay('52-', { suiteRecords: 'short', cipherSuites: [0, 1, 2, 3, 6, 7, 8, 15, 16, 17] });
    expect(ours).toEqual(theirs);
  });

  it('repeats RAKP 4 for FreeIPMI, whose first one was lost (vector 71)', () => {
    const { ours, theirs } = replay('71-');
    expect(ours).toHaveLength(theirs.length + 1);
    expect(ours).toEqual(expect.arrayContaining([...theirs]));
  });

  it('answers a presence ping (vector 80)', () => {
    const ping = vector('80-').packets.filter(({ dir }) => dir === 'console->bmc');
    const pong = vector('80-').packets.filter(({ dir }) => dir === 'bmc->console');
    const clock = new VirtualClock();
    const bmc = new MockBmc({ machine: new Machine({ name: 'a', clock }), clock });
    expect(ping.flatMap(({ hex: bytes }) => bmc.hear(hex(bytes)).map((each) => Buffer.from(each.bytes).toString('hex')))).toEqual(
      pong.map((packet) => packet.hex),
    );
  });

  it('executes a repeated Chassis Control twice, as the recorded BMCs did (vectors 72 and 73)', () => {
    for (const name of ['72-', '73-']) {
      const recorded = vector(name);
      const { machine } = replay(name);
      const control = recorded.packets.filter(({ dir, message }) => dir === 'console->bmc' && message?.netFn === 0 && message.cmd === 2);
      expect(control).toHaveLength(2);
      expect(Object.values(machine.carriedOut).reduce((sum, times) => sum + times, 0)).toBe(2);
    }
  });
});
