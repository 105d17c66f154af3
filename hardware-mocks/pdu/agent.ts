/** The SNMP agent of a mock PDU: bytes in, bytes out. Errors are those of real agents: v1 spoils the whole answer, v2c names each object. */
import type { Faulty } from '../faulty.ts';
import { BadBytes, element, elements, expectTag, integer, octets, readInteger, TAG } from './ber.ts';
import type { Engine } from './engine.ts';
import { type Request, readRequest, type Response, type Value, type Varbind, writeResponse } from './request.ts';
import type { Leaf, Tree } from './tree.ts';

export type PduVersion = '1' | '2c' | '3';

interface AgentOptions {
  readonly tree: () => Tree;
  readonly engine: Engine;
  readonly faults: Faulty;
  readonly versions: readonly PduVersion[];
  /** Community to right. */
  readonly communities: Readonly<Record<string, 'read' | 'write'>>;
  /** Greatest answer in bytes before it is tooBig; default 1472. */
  readonly maxBytes: number;
  /** Objects in one SET at most; more are tooBig, as on small cards. */
  readonly maxSet: number;
  /** A SET of an object that does not exist is answered noError and does nothing, as net-snmp for Node does. */
  readonly lenient: boolean;
  /** How far an answer's outlet is off, as an object name. */
  readonly shift: (oid: string, by: number) => string;
}

const ERROR = {
  tooBig: 1,
  noSuchName: 2,
  badValue: 3,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongValue: 10,
  noCreation: 11,
  resourceUnavailable: 13,
  notWritable: 17,
} as const;

const MOST_ROWS = 100;

export class Agent {
  readonly #options: AgentOptions;
  /** Requests that were answered, by kind; refused logins. */
  readonly count = { get: 0, getNext: 0, getBulk: 0, set: 0, wrongCommunity: 0 };

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** The answer, or undefined where a real agent says nothing. Never throws, whatever arrives. */
  answer(bytes: Uint8Array): Uint8Array | undefined {
    try {
      const [message] = elements(bytes);
      const [version, community, pdu] = elements(expectTag(message, TAG.sequence).content);
      const number = readInteger(version);
      if (number === 3) return this.#answerV3(bytes);
      if (number > 1 || community === undefined || pdu === undefined) return undefined;
      return this.#answerCommunity(number === 0, expectTag(community, TAG.octets).content, element(pdu.tag, pdu.content));
    } catch (error) {
      if (error instanceof BadBytes) return undefined;
      throw error;
    }
  }

  #answerCommunity(v1: boolean, community: Uint8Array, pdu: Uint8Array): Uint8Array | undefined {
    if (!this.#options.versions.includes(v1 ? '1' : '2c')) return undefined;
    if (this.#options.faults.login() !== 'allowed') return undefined;
    const name = new TextDecoder().decode(community);
    const right = Object.hasOwn(this.#options.communities, name) ? this.#options.communities[name] : undefined;
    if (right === undefined) {
      this.count.wrongCommunity += 1;
      this.#options.faults.badPassword();
      return undefined;
    }
    const answer = this.#carryOut(pdu, v1, right === 'write');
    return answer === undefined ? undefined : element(TAG.sequence, integer(v1 ? 0 : 1), octets(community), answer);
  }

  #answerV3(bytes: Uint8Array): Uint8Array | undefined {
    if (!this.#options.versions.includes('3') || this.#options.faults.login() !== 'allowed') return undefined;
    const admitted = this.#options.engine.admit(bytes);
    if (admitted === undefined) return undefined;
    if ('report' in admitted) return admitted.report;
    const answer = this.#carryOut(admitted.pdu, false, admitted.write);
    return answer === undefined ? undefined : admitted.dress(answer);
  }

  #carryOut(pdu: Uint8Array, v1: boolean, mayWrite: boolean): Uint8Array | undefined {
    const request = readRequest(pdu);
    if (v1 && request.kind === 'getBulk') return undefined;
    this.count[request.kind] += 1;
    const { faults, maxBytes } = this.#options;
    let response = this.#respond(request, v1, mayWrite);
    const offset = faults.answerPlugOffset();
    if (offset !== 0) response = { ...response, varbinds: response.varbinds.map((varbind) => this.#aboutAnother(varbind, offset)) };
    const id = faults.wrongSession() ? request.id ^ 0x5a5a : request.id;
    const bytes = writeResponse(id, response);
    if (bytes.length <= maxBytes) return bytes;
    return writeResponse(id, { error: ERROR.tooBig, index: 0, varbinds: v1 ? request.varbinds : [] });
  }

  #respond(request: Request, v1: boolean, mayWrite: boolean): Response {
    const failed = (error: number, index: number): Response => ({ error, index, varbinds: request.varbinds });
    if (this.#options.faults.busy()) return failed(v1 || request.kind !== 'set' ? ERROR.genErr : ERROR.resourceUnavailable, 1);
    switch (request.kind) {
      case 'get':
        return this.#each(request, v1, (varbind) => this.#get(varbind.oid));
      case 'getNext':
        return this.#each(request, v1, (varbind) => this.#next(varbind.oid));
      case 'getBulk':
        return this.#bulk(request);
      case 'set':
        return mayWrite ? this.#set(request, v1) : failed(v1 ? ERROR.noSuchName : ERROR.noAccess, 1);
    }
  }

  #get(oid: string): Varbind {
    const tree = this.#options.tree();
    const leaf = tree.find(oid);
    return { oid, value: leaf?.read() ?? { type: tree.knows(oid) ? 'noSuchInstance' : 'noSuchObject' } };
  }

  #next(oid: string): Varbind {
    const leaf = this.#options.tree().after(oid);
    return leaf === undefined ? { oid, value: { type: 'endOfMibView' } } : { oid: leaf.oid, value: leaf.read() };
  }

  #each(request: Request, v1: boolean, answer: (varbind: Varbind) => Varbind): Response {
    const varbinds = request.varbinds.map(answer);
    const missing = varbinds.findIndex(
      ({ value }) => value.type === 'noSuchObject' || value.type === 'noSuchInstance' || value.type === 'endOfMibView',
    );
    if (v1 && missing >= 0) return { error: ERROR.noSuchName, index: missing + 1, varbinds: request.varbinds };
    return { error: 0, index: 0, varbinds };
  }

  #bulk(request: Request): Response {
    const varbinds = request.varbinds.slice(0, request.nonRepeaters).map(({ oid }) => this.#next(oid));
    let row = request.varbinds.slice(request.nonRepeaters).map(({ oid }) => oid);
    for (let at = 0; at < Math.min(request.repetitions, MOST_ROWS) && row.length > 0; at += 1) {
      const found = row.map((oid) => this.#next(oid));
      const size = writeResponse(request.id, { error: 0, index: 0, varbinds: [...varbinds, ...found] }).length;
      if (size > this.#options.maxBytes) break;
      varbinds.push(...found);
      row = found.map(({ oid }) => oid);
    }
    return { error: 0, index: 0, varbinds };
  }

  /** All or nothing: every object is tested before any is written (RFC 3416 section 4.2.5). */
  #set(request: Request, v1: boolean): Response {
    const failed = (error: number, index: number): Response => ({ error, index, varbinds: request.varbinds });
    if (request.varbinds.length > this.#options.maxSet) return failed(ERROR.tooBig, 0);
    const writes: Array<() => void> = [];
    for (const [at, { oid, value }] of request.varbinds.entries()) {
      const leaf = this.#options.tree().find(oid);
      if (leaf === undefined && this.#options.lenient) continue;
      const error = this.#mayWrite(leaf, oid, value, v1);
      if (error !== 0) return failed(error, at + 1);
      if ('number' in value) writes.push(() => leaf?.write?.(value.number));
    }
    for (const write of writes) write();
    return { error: 0, index: 0, varbinds: request.varbinds };
  }

  #mayWrite(leaf: Leaf | undefined, oid: string, value: Value, v1: boolean): number {
    if (leaf === undefined) return v1 ? ERROR.noSuchName : this.#options.tree().knows(oid) ? ERROR.noCreation : ERROR.notWritable;
    if (leaf.write === undefined) return v1 ? ERROR.noSuchName : ERROR.notWritable;
    if (value.type !== leaf.type || !('number' in value)) return v1 ? ERROR.badValue : ERROR.wrongType;
    const error = leaf.test?.(value.number) ?? 0;
    return v1 && error !== 0 ? ERROR.badValue : error;
  }

  /** The answer that belongs to another outlet, under its own name. */
  #aboutAnother(varbind: Varbind, offset: number): Varbind {
    const oid = this.#options.shift(varbind.oid, offset);
    return { oid, value: this.#options.tree().find(oid)?.read() ?? varbind.value };
  }
}
