/** Questions to a BMC outside any session: each sent a few times, the first fitting answer taken. Nothing here is authenticated. */
import type { DriverTools, Deadline } from '../kit/contract.ts';
import { SharedDeadline } from '../kit/deadline.ts';
import {
  type AsfMessage,
  byteAt,
  type Command,
  decodeAsf,
  decodeLan15,
  decodeResponse,
  decodeSetup,
  encodeAsf,
  encodeRequest,
  encodeSessionless15,
  encodeSetup,
  type IpmiResponse,
  isRmcpPlus,
  PAYLOAD,
} from './codec/index.ts';
import { abandoned, cannotSend, noAnswer, unreachable } from './session/failures.ts';
import type { Failure } from './session/terms.ts';
import type { OpenWire, Wire } from './transport.ts';

/** Enough for a slow BMC and a lost datagram or two. */
const TRIES = 4;
const GAP_MS = 600;
/** RMCP sequence numbers of ASF go to FEh; FFh means that no answer is wanted. */
const ASF_TAGS = 0xff;

type Answered = Pick<IpmiResponse, 'completionCode' | 'data'>;

interface Pending {
  readonly take: (datagram: Uint8Array) => void;
  readonly fail: (failure: (step: string, sends: number) => Failure) => void;
}

/** One question at a time, all under one deadline. */
export class Sessionless {
  readonly #tools: DriverTools;
  readonly #deadline: SharedDeadline;
  readonly #signal: AbortSignal | undefined;
  readonly #wire: Wire;
  #pending: Pending | undefined;
  #sequence = 0;

  constructor(host: string, port: number, tools: DriverTools, within: Deadline, openWire: OpenWire) {
    this.#tools = tools;
    this.#deadline = new SharedDeadline(tools, within);
    this.#signal = within.signal;
    this.#wire = openWire(host, port, {
      datagram: (bytes) => this.#pending?.take(bytes),
      refused: () => this.#pending?.fail((step) => unreachable(step)),
      failed: (reason) => this.#pending?.fail((step) => cannotSend(step, reason)),
    });
  }

  /** The ASF presence ping. Many BMCs do not answer it. */
  async ping(tries: number): Promise<Extract<AsfMessage, { kind: 'pong' }> | Failure> {
    const tag = byteAt(this.#tools.bytes(1), 0) % ASF_TAGS;
    return await this.#ask('ASF presence ping', encodeAsf({ kind: 'ping', tag }), tries, (datagram) => {
      const asf = decodeAsf(datagram);
      return asf.ok && asf.value.kind === 'pong' && asf.value.tag === tag ? asf.value : undefined;
    });
  }

  /** A command in the wrapper of IPMI 1.5, which every BMC takes, or in that of 2.0. */
  async command(command: Command, data: Uint8Array, wrapper: '1.5' | '2.0', tries = TRIES): Promise<Answered | Failure> {
    this.#sequence = (this.#sequence + 1) % 64;
    const rqSeq = this.#sequence;
    const message = encodeRequest({ netFn: command.netFn, cmd: command.cmd, data, rqSeq });
    const datagram = wrapper === '1.5' ? encodeSessionless15(message) : encodeSetup(PAYLOAD.ipmi, message);
    return await this.#ask(command.name, datagram, tries, (bytes) => {
      const inner = messageIn(bytes, wrapper);
      const response = inner === undefined ? undefined : decodeResponse(inner);
      if (response?.ok !== true) return undefined;
      const { netFn, cmd, completionCode, data: said } = response.value;
      const fits = netFn === (command.netFn | 1) && cmd === command.cmd && response.value.rqSeq === rqSeq;
      return fits ? { completionCode, data: said } : undefined;
    });
  }

  /** What is left of the deadline. */
  get left(): number {
    return this.#deadline.left.ms;
  }

  close(): void {
    this.#wire.close();
  }

  #ask<T>(step: string, datagram: Uint8Array, tries: number, read: (datagram: Uint8Array) => T | undefined): Promise<T | Failure> {
    if (this.#signal?.aborted === true) return Promise.resolve(abandoned(step));
    return new Promise((resolve) => {
      let sends = 0;
      let cancel = (): void => undefined;
      const settle = (end: T | Failure): void => {
        this.#pending = undefined;
        cancel();
        this.#signal?.removeEventListener('abort', onAbort);
        resolve(end);
      };
      const onAbort = (): void => settle(abandoned(step));
      const send = (): void => {
        if (sends >= tries || this.left <= 0) return settle(noAnswer(step, sends));
        sends += 1;
        cancel = this.#tools.after(Math.min(GAP_MS, this.left), send);
        this.#wire.send(datagram);
      };
      this.#pending = {
        take: (bytes) => {
          const answer = read(bytes);
          if (answer !== undefined) settle(answer);
        },
        fail: (failure) => settle(failure(step, sends)),
      };
      this.#signal?.addEventListener('abort', onAbort, { once: true });
      send();
    });
  }
}

function messageIn(datagram: Uint8Array, wrapper: '1.5' | '2.0'): Uint8Array | undefined {
  if (wrapper === '1.5') {
    const packet = decodeLan15(datagram);
    return packet.ok && packet.value.sessionId === 0 ? packet.value.message : undefined;
  }
  const packet = isRmcpPlus(datagram) ? decodeSetup(datagram) : undefined;
  return packet?.ok === true && packet.value.payloadType === PAYLOAD.ipmi ? packet.value.payload : undefined;
}
