/**
 * The BMC without a socket: one datagram in, at most one out. Never throws, whatever comes, and keeps nothing of what it did not
 * understand.
 */
import { decodeLan15, encodeSessionless15, LAN15_NONE } from '../../drivers/ipmi/codec/lan15.ts';
import { decodeRequest, encodeResponse, type IpmiRequest } from '../../drivers/ipmi/codec/message.ts';
import { CLASS_ASF, decodeAsf, decodeRmcp, encodeAsf, RMCP_NO_ACK } from '../../drivers/ipmi/codec/rmcp.ts';
import { decodePlus, encodeSetup, isRmcpPlus, openPlus, PAYLOAD, type PlusPacket, sealPlus } from '../../drivers/ipmi/codec/rmcpplus.ts';
import { admit, nextSequence } from '../../drivers/ipmi/codec/sequence.ts';
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { Machine } from '../machine.ts';
import { type BmcContext, COMMANDS, GET_CHANNEL_CIPHER_SUITES } from './application.ts';
import { type ChassisMemory, chassisMemory } from './chassis.ts';
import { type CommandAnswer, COMPLETION, NETFN, refused, runCommand } from './commands.ts';
import { Login } from './login.ts';
import { type Session, SessionTable } from './sessions.ts';
import type { BmcSettings } from './settings.ts';

const BMC_ADDRESS = 0x20;

export interface BrainParts {
  readonly machine: Machine;
  readonly clock: MockClock;
  readonly settings: BmcSettings;
  readonly faults: Faulty;
}

export class BmcBrain {
  readonly sessions: SessionTable;
  readonly chassis: ChassisMemory = chassisMemory();
  readonly #parts: BrainParts;
  readonly #login: Login;

  constructor(parts: BrainParts) {
    this.#parts = parts;
    this.sessions = new SessionTable(parts.settings, parts.clock);
    this.#login = new Login(parts.settings, this.sessions, parts.faults);
  }

  /** The answer to one datagram; undefined: none. */
  answer(datagram: Uint8Array): Uint8Array | undefined {
    const rmcp = decodeRmcp(datagram);
    if (!rmcp.ok || rmcp.value.sequence !== RMCP_NO_ACK) return undefined;
    if (rmcp.value.messageClass === CLASS_ASF) return this.#pong(datagram);
    return isRmcpPlus(datagram) ? this.#plus(datagram) : this.#sessionless15(datagram);
  }

  #pong(datagram: Uint8Array): Uint8Array | undefined {
    const asf = decodeAsf(datagram);
    if (!asf.ok || asf.value.kind !== 'ping') return undefined;
    return encodeAsf({ kind: 'pong', tag: asf.value.tag, enterprise: 4542, oem: 0, entities: 0x81, interactions: 0 });
  }

  #sessionless15(datagram: Uint8Array): Uint8Array | undefined {
    const packet = decodeLan15(datagram);
    if (!packet.ok || packet.value.authType !== LAN15_NONE || packet.value.sessionId !== 0) return undefined;
    const response = this.#command(packet.value.message, undefined);
    return response === undefined ? undefined : encodeSessionless15(response);
  }

  #plus(datagram: Uint8Array): Uint8Array | undefined {
    const packet = decodePlus(datagram);
    if (!packet.ok) return undefined;
    if (packet.value.sessionId !== 0) return this.#inSession(datagram, packet.value);
    const { payloadType, payload, encrypted, authenticated } = packet.value;
    if (encrypted || authenticated) return undefined;
    const answer = this.#setup(payloadType, payload);
    return answer === undefined ? undefined : encodeSetup(...answer);
  }

  #setup(payloadType: number, payload: Uint8Array): readonly [number, Uint8Array] | undefined {
    const about = (type: number, answer: Uint8Array | undefined): readonly [number, Uint8Array] | undefined =>
      answer === undefined ? undefined : [type, answer];
    if (payloadType === PAYLOAD.openSessionRequest) return about(PAYLOAD.openSessionResponse, this.#login.open(payload));
    if (payloadType === PAYLOAD.rakp1) return about(PAYLOAD.rakp2, this.#login.rakp1(payload));
    if (payloadType === PAYLOAD.rakp3) return about(PAYLOAD.rakp4, this.#login.rakp3(payload));
    return payloadType === PAYLOAD.ipmi ? about(PAYLOAD.ipmi, this.#command(payload, undefined)) : undefined;
  }

  #inSession(datagram: Uint8Array, packet: PlusPacket): Uint8Array | undefined {
    const session = this.sessions.find(packet.sessionId);
    if (session?.keys === undefined || packet.payloadType !== PAYLOAD.ipmi) return undefined;
    const opened = openPlus(datagram, session.keys);
    if (!opened.ok) return undefined;
    const window = admit(session.window, opened.value.sequence);
    if (window === undefined) return undefined;
    session.window = window;
    this.sessions.touch(session);
    const response = this.#command(opened.value.payload, session);
    if (response === undefined) return undefined;
    session.sent = nextSequence(session.sent);
    const ivLength = session.suite.confidentiality.ivLength;
    const iv = ivLength === 0 ? new Uint8Array(0) : this.#parts.settings.bytes(ivLength);
    const sessionId = Buffer.from(session.consoleId).readUInt32LE(0);
    const wrong = this.#parts.faults.wrongSession();
    const plain = { payloadType: PAYLOAD.ipmi, sessionId: wrong ? ~sessionId >>> 0 : sessionId, sequence: session.sent, payload: response };
    return sealPlus(plain, session.keys, iv);
  }

  #command(message: Uint8Array, session: Session | undefined): Uint8Array | undefined {
    const request = decodeRequest(message);
    if (!request.ok || request.value.rsAddr !== BMC_ADDRESS) return undefined;
    const { netFn, cmd, rqSeq, rsAddr, rsLun, rqAddr, rqLun } = request.value;
    if (this.#ignores(request.value, session)) return undefined;
    const answer = this.#run(request.value, session);
    const otherRequest = session === undefined ? 0 : this.#parts.faults.answerPlugOffset();
    return encodeResponse({
      netFn: netFn | 1,
      cmd,
      completionCode: answer.completion,
      data: Uint8Array.from(answer.data ?? []),
      rqSeq: (rqSeq + otherRequest) & 0x3f,
      rsAddr,
      rsLun,
      rqAddr,
      rqLun,
    });
  }

  /** A BMC without suite discovery says nothing at all outside a session (ipmi_sim 2.0.33). */
  #ignores(request: IpmiRequest, session: Session | undefined): boolean {
    const discovery = request.netFn === NETFN.application && request.cmd === GET_CHANNEL_CIPHER_SUITES;
    return session === undefined && discovery && this.#parts.settings.suiteRecords === 'none';
  }

  #run(request: IpmiRequest, session: Session | undefined): CommandAnswer {
    const { machine, clock, settings, faults } = this.#parts;
    if (session !== undefined && faults.busy()) return refused(COMPLETION.busy);
    const context: BmcContext = {
      machine,
      clock,
      settings,
      faults,
      session,
      sessions: this.sessions,
      chassis: this.chassis,
      refusesWhenAlready: settings.refusesWhenAlready,
      restartSoon: () => void clock.after(0, () => faults.reboot(settings.bootMs)),
    };
    settings.onCommand(request);
    return runCommand(COMMANDS, request, session?.privilege ?? 0, context);
  }
}
