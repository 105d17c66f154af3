/**
 * A raw BMC of its own on UDP, which is slow on purpose: cipher suite 3 by node:crypto alone, sharing nothing with the driver or the mock. It
 * answers every message of a login and of a session after so many milliseconds, draws new randoms for each RAKP 1, answers nothing outside of a
 * login unless it is told to, and counts what it is made to hold.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface SlowBmcOptions {
  readonly user: string;
  readonly password: string;
  /** From a message to its answer. */
  readonly takesMs: number;
  /** Answers Get Channel Authentication Capabilities at once; else not at all. */
  readonly answersOutside: boolean;
}

export interface SlowBmc {
  readonly port: number;
  readonly count: { heard: number; opened: number; halfOpen: number; most: number; refused: number; orders: number };
  on: boolean;
  stop(): Promise<void>;
}

interface Session {
  readonly console: Buffer;
  readonly own: Buffer;
  consoleRandom?: Buffer;
  ownRandom?: Buffer;
  tail?: Buffer;
  k1?: Buffer;
  k2?: Buffer;
  sent: number;
}

const GUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const OPEN = 0x10;
const RAKP1 = 0x12;
const RAKP3 = 0x14;
const sha1 = (key: Buffer, ...parts: readonly Buffer[]): Buffer => createHmac('sha1', key).update(Buffer.concat(parts)).digest();
const frame = (type: number, payload: Buffer): Buffer => {
  const head = Buffer.from([6, 0, 0xff, 7, 6, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16LE(payload.length, 14);
  return Buffer.concat([head, payload]);
};

class Machine implements SlowBmc {
  readonly count = { heard: 0, opened: 0, halfOpen: 0, most: 0, refused: 0, orders: 0 };
  readonly sessions = new Map<string, Session>();
  readonly options: SlowBmcOptions;
  readonly socket = createSocket('udp4');
  port = 0;
  on = true;
  #stopped = false;

  constructor(options: SlowBmcOptions) {
    this.options = options;
  }

  say(answer: Buffer, port: number, address: string): void {
    if (!this.#stopped) this.socket.send(answer, port, address, () => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.socket.close();
    await once(this.socket, 'close');
  }

  hear(datagram: Buffer): Buffer | undefined {
    this.count.heard += 1;
    if (datagram[4] === 0) return this.options.answersOutside ? outside(datagram) : undefined;
    if (datagram[4] !== 6) return undefined;
    const type = (datagram[5] ?? 0) & 0x3f;
    const payload = datagram.subarray(16);
    if (type === OPEN) return this.#open(payload);
    if (type === RAKP1) return this.#rakp1(payload);
    if (type === RAKP3) return this.#rakp3(payload);
    return this.#inSession(datagram);
  }

  #counted(): void {
    this.count.halfOpen = [...this.sessions.values()].filter(({ k1 }) => k1 === undefined).length;
    this.count.most = Math.max(this.count.most, this.count.halfOpen);
  }

  #open(asked: Buffer): Buffer {
    const session: Session = { console: Buffer.from(asked.subarray(4, 8)), own: randomBytes(4), sent: 0 };
    const suites = [1, 1, 1];
    if (suites.some((id, at) => asked[12 + 8 * at] !== id)) return frame(OPEN | 1, Buffer.from([asked[0] ?? 0, 0x11]));
    this.sessions.set(session.own.toString('hex'), session);
    this.count.opened += 1;
    this.#counted();
    return frame(OPEN | 1, Buffer.concat([Buffer.from([asked[0] ?? 0, 0, 4, 0]), session.console, session.own, asked.subarray(8, 32)]));
  }

  #rakp1(said: Buffer): Buffer {
    const session = this.sessions.get(said.toString('hex', 4, 8));
    if (session === undefined) return frame(RAKP1 | 1, Buffer.from([said[0] ?? 0, 2, 0, 0, 0, 0, 0, 0]));
    session.consoleRandom = Buffer.from(said.subarray(8, 24));
    session.ownRandom = randomBytes(16);
    session.tail = Buffer.concat([said.subarray(24, 25), said.subarray(27)]);
    const { console: id, own, consoleRandom, ownRandom, tail } = session;
    const code = sha1(Buffer.from(this.options.password), id, own, consoleRandom, ownRandom, GUID, tail);
    return frame(RAKP1 | 1, Buffer.concat([Buffer.from([said[0] ?? 0, 0, 0, 0]), id, ownRandom, GUID, code]));
  }

  #rakp3(said: Buffer): Buffer | undefined {
    const session = this.sessions.get(said.toString('hex', 4, 8));
    const { consoleRandom, ownRandom, tail } = session ?? {};
    if (session === undefined || consoleRandom === undefined || ownRandom === undefined || tail === undefined) return undefined;
    if (said[1] !== 0) {
      this.sessions.delete(session.own.toString('hex'));
      this.#counted();
      return undefined;
    }
    const password = Buffer.from(this.options.password);
    if (!sha1(password, ownRandom, session.console, tail).equals(said.subarray(8))) {
      this.count.refused += 1;
      return frame(RAKP3 | 1, Buffer.concat([Buffer.from([said[0] ?? 0, 0x0f, 0, 0]), session.console]));
    }
    const sik = sha1(password, consoleRandom, ownRandom, tail);
    session.k1 = sha1(sik, Buffer.alloc(20, 1));
    session.k2 = sha1(sik, Buffer.alloc(20, 2)).subarray(0, 16);
    this.#counted();
    const check = sha1(sik, consoleRandom, session.own, GUID).subarray(0, 12);
    return frame(RAKP3 | 1, Buffer.concat([Buffer.from([said[0] ?? 0, 0, 0, 0]), session.console, check]));
  }

  #inSession(datagram: Buffer): Buffer | undefined {
    const session = this.sessions.get(datagram.toString('hex', 6, 10));
    if (session?.k1 === undefined || session.k2 === undefined) return undefined;
    const length = datagram.readUInt16LE(14);
    const sealed = datagram.subarray(16, 16 + length);
    const decipher = createDecipheriv('aes-128-cbc', session.k2, sealed.subarray(0, 16)).setAutoPadding(false);
    const request = Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]);
    const answer = this.#command(request, session);
    if (answer === undefined) return undefined;
    session.sent += 1;
    return seal(session, answer);
  }

  #command(request: Buffer, session: Session): Buffer | undefined {
    const [netFn, cmd, first] = [(request[1] ?? 0) >> 2, request[5] ?? 0, request[6] ?? 0];
    if (netFn === 0 && cmd === 1) return response(request, [0, this.on ? 1 : 0, 0, 0]);
    if (netFn === 0 && cmd === 2) {
      this.count.orders += 1;
      this.on = first !== 0;
      return response(request, [0]);
    }
    if (netFn === 6 && cmd === 0x3b) return response(request, [0, first]);
    if (netFn === 6 && cmd === 0x3c) this.sessions.delete(session.own.toString('hex'));
    return response(request, [netFn === 6 && cmd === 0x3c ? 0 : 0xc1]);
  }
}

const checksum = (bytes: readonly number[]): number => -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;

/** completion code and data, as the answer to this request. */
function response(request: Buffer, said: readonly number[]): Buffer {
  const head = [request[3] ?? 0, (request[1] ?? 0) | 0x04];
  const body = [request[0] ?? 0, request[4] ?? 0, request[5] ?? 0, ...said];
  return Buffer.from([...head, checksum(head), ...body, checksum(body)]);
}

function outside(datagram: Buffer): Buffer {
  const answer = response(datagram.subarray(14), [0, 1, 0x80, 4, 2, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from([6, 0, 0xff, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, answer.length]), answer]);
}

function seal({ console: id, k1, k2, sent }: Session, plain: Buffer): Buffer {
  if (k1 === undefined || k2 === undefined) throw new Error('no keys yet');
  const pad = (16 - ((plain.length + 1) % 16)) % 16;
  const padded = Buffer.concat([plain, Buffer.from(Array.from({ length: pad }, (_, at) => at + 1)), Buffer.from([pad])]);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', k2, iv).setAutoPadding(false);
  const payload = Buffer.concat([iv, cipher.update(padded), cipher.final()]);
  const head = Buffer.from([6, 0, 0xff, 7, 6, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  id.copy(head, 6);
  head.writeUInt32LE(sent, 10);
  head.writeUInt16LE(payload.length, 14);
  const fill = (4 - ((12 + payload.length + 2) % 4)) % 4;
  const signed = Buffer.concat([head.subarray(4), payload, Buffer.alloc(fill, 0xff), Buffer.from([fill, 7])]);
  return Buffer.concat([head.subarray(0, 4), signed, sha1(k1, signed).subarray(0, 12)]);
}

export async function startSlowBmc(options: SlowBmcOptions): Promise<SlowBmc> {
  const bmc = new Machine(options);
  bmc.socket.on('message', (datagram, from) => {
    const answer = bmc.hear(datagram);
    const takes = datagram[4] === 6 ? options.takesMs : 0;
    if (answer !== undefined) setTimeout(() => bmc.say(answer, from.port, from.address), takes).unref();
  });
  bmc.socket.bind(0, '127.0.0.1');
  await once(bmc.socket, 'listening');
  bmc.port = bmc.socket.address().port;
  return bmc;
}
