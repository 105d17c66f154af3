/**
 * Whatever arrives, the mock BMC neither throws nor hangs nor grows, and no stranger's datagram switches anything. The number of
 * cases is BAILIFF_FUZZ_RUNS (or FUZZ_RUNS); fast-check prints the seed of a failure.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, FAULT_FIELDS, type FaultKind } from '../../hardware-mocks/index.ts';
import { hex, vectors } from '../codec/ipmi-vectors.ts';
import { bmcInVirtualTime, OFF, TestConsole } from './console.ts';

const numRuns = Number(process.env['BAILIFF_FUZZ_RUNS'] ?? process.env['FUZZ_RUNS'] ?? 3000);
const recorded = vectors.flatMap(({ packets }) => packets ?? []).map((packet) => hex(packet.hex));

const noise = fc.uint8Array({ maxLength: 1600 });
/** RMCP and an authentication type in front, so that more of it is looked at. */
const headed = fc
  .tuple(fc.constantFrom(6, 7), fc.constantFrom(0, 6, 2, 4), noise)
  .map(([messageClass, type, rest]) => Uint8Array.of(6, 0, 0xff, messageClass, type, ...rest));
/** A recorded packet with some bytes changed, cut or grown. */
const mutated = fc
  .tuple(
    fc.constantFrom(...recorded),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    fc.option(fc.nat(200)),
    noise,
  )
  .map(([packet, changes, cut, tail]) => {
    const copy = packet.slice();
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return cut === null ? copy : cut % 2 === 0 ? copy.subarray(0, cut) : Uint8Array.from([...copy, ...tail]);
  });
/** A setup packet with a well-formed wrapper and nonsense within. */
const setup = fc
  .tuple(fc.constantFrom(0x00, 0x10, 0x12, 0x14, 0x15, 0x20), fc.uint8Array({ maxLength: 120 }))
  .map(([type, body]) => Uint8Array.of(6, 0, 0xff, 7, 6, type, 0, 0, 0, 0, 0, 0, 0, 0, body.length, 0, ...body));
const datagrams = fc.oneof(noise, headed, mutated, setup);

describe('garbage', () => {
  it('neither throws nor switches nor stays', () => {
    const { bmc, machine, clock } = bmcInVirtualTime();
    const kept = TestConsole.ready(bmc);
    fc.assert(
      fc.property(datagrams, (datagram) => {
        const answers = bmc.hear(datagram);
        expect(answers.length).toBeLessThanOrEqual(1);
        for (const { bytes } of answers) expect(bytes.length).toBeLessThan(200);
        expect(bmc.sessions).toBeLessThanOrEqual(4);
      }),
      { numRuns },
    );
    expect([machine.lamp, machine.carriedOut.off, clock.waiting]).toEqual([true, 0, 0]);
    expect(kept.power()).toBe('on');
    clock.advance(3000);
    expect(bmc.sessions).toBe(1);
  });

  it('inside a session is answered with a code or not at all', () => {
    const { bmc, machine } = bmcInVirtualTime();
    const console = TestConsole.ready(bmc);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 31 }), fc.nat(255), fc.array(fc.nat(255), { maxLength: 40 }), (half, cmd, data) => {
        const netFn = half * 2;
        fc.pre(!(netFn === 0 && cmd === 2) && !(netFn === 6 && [0x02, 0x03, 0x3b, 0x3c].includes(cmd)));
        const response = console.ask(netFn, cmd, ...data);
        expect(response).toMatchObject({ cmd, netFn: netFn | 1 });
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
    expect(machine.lampLog).toHaveLength(1);
  });

  it('under any fault plan leaves bounded answers', () => {
    const kinds = Object.keys(FAULT_FIELDS) as FaultKind[];
    const fault = fc.constantFrom(...kinds).map((kind): Fault => {
      const given = Object.entries(FAULT_FIELDS[kind]).flatMap(([name, field]) =>
        field.required === true ? [[name, field.type === 'word' ? field.of[0] : 3]] : [],
      );
      return { kind, ...Object.fromEntries(given) } as Fault;
    });
    fc.assert(
      fc.property(fc.nat(), fc.array(fault, { maxLength: 6 }), fc.array(datagrams, { maxLength: 12 }), (seed, faults, sent) => {
        const { bmc, clock } = bmcInVirtualTime();
        const console = TestConsole.ready(bmc);
        bmc.faults.apply({ seed, faults });
        for (const datagram of [...sent, console.request(0, 1), console.request(0, 2, OFF), ...sent]) {
          const answers = bmc.hear(datagram);
          expect(answers.length).toBeLessThanOrEqual(16);
          for (const { bytes } of answers) expect(bytes.length).toBeLessThanOrEqual(2000);
          clock.advance(1);
        }
        clock.advance(4_000_000);
        expect(clock.waiting).toBe(0);
      }),
      { numRuns: Math.ceil(numRuns / 20) },
    );
  });
});
