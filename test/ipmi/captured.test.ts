/** The console against what real BMCs said in captured sessions: with the same randoms it must say what the captured client said. */
import { describe, expect, test } from 'vitest';
import {
  type CipherSuite,
  COMMAND,
  decodeRequest,
  decodeResponse,
  encodeResponse,
  openPlus,
  PAYLOAD,
  sealPlus,
  suiteOfAlgorithms,
  toHex,
} from '../../drivers/ipmi/codec/index.ts';
import { NO_QUIRKS } from '../../drivers/ipmi/quirks.ts';
import { BmcConsole } from '../../drivers/ipmi/session/console.ts';
import { LoginAllowance } from '../../drivers/ipmi/session/login-allowance.ts';
import { Pace } from '../../drivers/ipmi/session/pace.ts';
import { SuiteChoice } from '../../drivers/ipmi/session/suites.ts';
import type { Answer } from '../../drivers/ipmi/session/terms.ts';
import { Trial } from '../../drivers/ipmi/session/trial.ts';
import { hex, keysOf, text, type Vector, type VectorPacket, vector } from '../codec/ipmi-vectors.ts';

const suiteOf = ({ packets }: Vector): CipherSuite => {
  const asked = packets.find(({ type }) => type === 'RMCP+ OpenSessionRequest')?.open;
  const suite = suiteOfAlgorithms(asked?.auth ?? -1, asked?.integrity ?? -1, asked?.confidentiality ?? -1);
  if (suite === undefined) throw new Error('unknown suite');
  return suite;
};

/** A console whose random bytes are those of the captured client. */
function consoleLike(captured: Vector, password = captured.parameters.password ?? ''): BmcConsole {
  const open = captured.packets.find(({ type }) => type === 'RMCP+ OpenSessionRequest')?.open;
  const rakp1 = captured.packets.find(({ rakp1: found }) => found !== undefined)?.rakp1;
  const tag = open?.tag ?? 0;
  const bytes = [hex(open?.consoleSessionId ?? ''), hex(rakp1?.Rm ?? ''), Uint8Array.of(tag === 0 ? 254 : tag - 1)];
  const chance = { random: () => 0.5, bytes: (length: number) => bytes.shift() ?? new Uint8Array(length).fill(0x5a) };
  const privilege = (rakp1?.role ?? 0) & 0x0f;
  const settings = { user: text(captured.parameters.username ?? ''), privilege, suites: [suiteOf(captured)], quirks: NO_QUIRKS };
  const known = { pace: new Pace(), allowance: new LoginAllowance(), way: { lossy: false, lost: () => undefined }, trial: new Trial() };
  const machine = new BmcConsole(settings, chance, new SuiteChoice(settings.suites), known, () => undefined);
  const { kg = null } = captured.parameters;
  const credentials = { password: text(password), ...(kg === null ? {} : { kg: text(kg) }) };
  machine.begin({ command: COMMAND.getChassisStatus, data: new Uint8Array(0), deadline: 10_000, changes: false }, 0, credentials);
  return machine;
}

const payloadType = (packet: VectorPacket): number => packet.session?.payloadType ?? -1;
const isLogin = (packet: VectorPacket): boolean => payloadType(packet) >= PAYLOAD.openSessionRequest;

/** Plays the captured login; gives what the console sent, by payload type. */
function login(captured: Vector, machine: BmcConsole): ReadonlyMap<number, string> {
  const said = new Map<number, string>();
  const hear = (): void => {
    for (const datagram of machine.out.drain()) said.set((datagram[5] ?? 0) & 0x3f, toHex(datagram));
  };
  hear();
  for (const packet of captured.packets) {
    if (!isLogin(packet) || packet.dir === 'console->bmc') continue;
    machine.receive(hex(packet.hex), 1);
    hear();
  }
  return said;
}

/** FreeIPMI's tags grow by one from message to message, as ours do; the privilege byte of Open Session differs (0 there). */
describe('FreeIPMI sessions: RAKP 1 and RAKP 3 have the very same bytes, and the session works', () => {
  const names = ['01-', '02-', '16-', '30-', '32-', '35-', '51-'];
  test.each(names.map((start) => [vector(start).name, vector(start)] as const))('%s', (_, captured) => {
    const machine = consoleLike(captured);
    const said = login(captured, machine);
    for (const type of [PAYLOAD.rakp1, PAYLOAD.rakp3]) {
      expect(said.get(type)).toBe(captured.packets.find((packet) => payloadType(packet) === type)?.hex);
    }
    const keys = keysOf(captured);
    if (keys === undefined) throw new Error('no keys');
    const answer = inSession(captured, machine, said.get(PAYLOAD.ipmi) ?? '');
    expect(answer).toMatchObject({ kind: 'answered', completionCode: 0 });
    const status = captured.packets.findLast(({ message, dir }) => message?.cmd === 1 && message.netFn === 1 && dir === 'bmc->console');
    expect(answer.kind === 'answered' && toHex(answer.data)).toBe(status?.message?.data);
  });
});

/** The captured answers to Set Session Privilege and Get Chassis Status, with our message numbers in place of the captured client's. */
function inSession(captured: Vector, machine: BmcConsole, first: string): Answer {
  const keys = keysOf(captured);
  if (keys === undefined) throw new Error('no keys');
  let sent = hex(first);
  let sequence = 0;
  for (let turn = 0; turn < 2; turn += 1) {
    const opened = openPlus(sent, keys);
    const request = opened.ok ? decodeRequest(opened.value.payload) : opened;
    if (!opened.ok || !request.ok) throw new Error('our own packet does not open');
    const { cmd, netFn, rqSeq } = request.value;
    const packet = captured.packets.findLast(
      ({ message, dir }) => dir === 'bmc->console' && message?.cmd === cmd && message.netFn === netFn + 1,
    );
    const heard = openPlus(hex(packet?.hex ?? ''), keys);
    const response = heard.ok ? decodeResponse(heard.value.payload) : heard;
    if (!heard.ok || !response.ok) throw new Error('the captured answer does not open');
    sequence += 1;
    const payload = encodeResponse({ ...response.value, rqSeq });
    machine.receive(sealPlus({ ...heard.value, sequence, payload }, keys, hex(packet?.cipher?.iv ?? '')), 2 + turn);
    const answer = machine.takeAnswer();
    if (answer !== undefined) return answer;
    sent = machine.out.drain().at(-1) ?? sent;
  }
  throw new Error('no answer after two turns');
}

describe('what captured BMCs refused', () => {
  const failure = (captured: Vector, password?: string) => {
    const machine = consoleLike(captured, password);
    login(captured, machine);
    // A refusal is believed where nothing better comes in the time that this BMC takes.
    machine.wake(machine.wakeAt ?? 0);
    const answer = machine.takeAnswer();
    return answer?.kind === 'failed' ? answer.failure : undefined;
  };

  // These clients used tag 0 for every message, ours never does: the answers are given our tags, which no code covers.
  const retagged = (captured: Vector, open: number, rakp1: number): Vector => ({
    ...captured,
    packets: captured.packets.map((packet) => {
      const tag = payloadType(packet) === PAYLOAD.openSessionResponse ? open : rakp1;
      return isLogin(packet) && packet.dir === 'bmc->console'
        ? { ...packet, hex: `${packet.hex.slice(0, 32)}${toHex(Uint8Array.of(tag))}${packet.hex.slice(34)}` }
        : packet;
    }),
  });

  test('an unknown user (ipmi_sim)', () => {
    expect(failure(retagged(vector('61-'), 255, 1))).toMatchObject({
      step: 'RAKP 2',
      code: 'ipmi-user-refused',
      lasting: true,
      credentials: true,
    });
  });

  test('the last suite, in two bytes that name no session (ipmi_sim): another login is to confirm it', () => {
    expect(failure(retagged(vector('64-'), 255, 1))).toBeUndefined();
  });

  test('a code that does not fit is no verdict, however often one login hears it', () => {
    const once = retagged(vector('60-'), 255, 1);
    expect(failure(once, 'wrongpass')).toBeUndefined();
    const other = once.packets.findLast((packet) => payloadType(packet) === PAYLOAD.rakp2);
    if (other === undefined) throw new Error('no RAKP 2');
    expect(failure({ ...once, packets: [...once.packets, other] }, 'wrongpass')).toBeUndefined();
  });
});
