/** Packets captured between strangers (see test/vectors/ipmi), as the tests read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { cipherSuite, fromHex, readU32, type SessionKeys, suiteOfAlgorithms } from '../../drivers/ipmi/codec/index.ts';

const FOLDER = new URL('../vectors/ipmi/', import.meta.url);

export interface VectorPacket {
  readonly n: number;
  readonly dir: 'console->bmc' | 'bmc->console';
  readonly hex: string;
  readonly type: string;
  readonly session?: {
    readonly authType: number;
    readonly payloadType?: number;
    readonly sessionId: string;
    readonly seq: number | string;
  };
  readonly message?: {
    readonly b0_addr: number;
    readonly netFn: number;
    readonly lun0: number;
    readonly b3_addr: number;
    readonly rqSeq: number;
    readonly lun1: number;
    readonly cmd: number;
    readonly data: string;
    readonly completionCode?: number;
    readonly name: string;
  };
  readonly open?: {
    readonly tag: number;
    readonly status?: number;
    readonly maxPriv: number | null;
    readonly consoleSessionId?: string;
    readonly bmcSessionId?: string;
    readonly auth?: number;
    readonly integrity?: number;
    readonly confidentiality?: number;
  };
  readonly rakp1?: {
    readonly tag: number;
    readonly bmcSessionId: string;
    readonly Rm: string;
    readonly role: number;
    readonly user: string;
  };
  readonly rakp2?: {
    readonly tag: number;
    readonly status: number;
    readonly consoleSessionId: string;
    readonly Rc?: string;
    readonly guid?: string;
    readonly keyExchangeAuthCode?: string;
    readonly hmacValidForPassword?: boolean;
  };
  readonly rakp3?: { readonly tag: number; readonly status: number; readonly bmcSessionId: string; readonly keyExchangeAuthCode?: string };
  readonly rakp4?: { readonly tag: number; readonly status: number; readonly consoleSessionId: string; readonly icv?: string };
  readonly cipher?: { readonly iv: string };
  readonly plain?: string;
  readonly asf?: { readonly tag: number; readonly msgType: number };
}

export interface Derived {
  readonly consoleSessionId: string;
  readonly bmcSessionId: string;
  readonly Rm: string;
  readonly Rc: string;
  readonly guid: string;
  readonly roleByte: number;
  readonly username: string;
  readonly SIK: string;
  readonly K1: string | null;
  readonly K2: string | null;
  readonly aesKey: string | null;
}

export interface Vector {
  readonly name: string;
  readonly description: string;
  readonly parameters: {
    readonly authAlg?: number;
    readonly integrityAlg?: number;
    readonly confAlg?: number;
    readonly username?: string;
    readonly password?: string;
    readonly kg?: string | null;
  };
  readonly derived: Derived | null;
  readonly packets: readonly VectorPacket[];
}

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));

export const vectors: readonly Vector[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && !file.startsWith('00-'))
  .sort()
  .map((file) => read(file) as Vector);

export const vector = (start: string): Vector => {
  const found = vectors.find((candidate) => candidate.name.startsWith(start));
  if (found === undefined) throw new Error(`no vector ${start}`);
  return found;
};

export const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
};

/** The four bytes of a session id as the number that the codec uses. */
export const idOf = (text: string): number => readU32(hex(text), 0);

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Keys of a vector's session, from its listed K1 and K2. */
export function keysOf(vectorOrSession: Vector): SessionKeys | undefined {
  const { parameters, derived } = vectorOrSession;
  const suite = suiteOfAlgorithms(parameters.authAlg ?? -1, parameters.integrityAlg ?? -1, parameters.confAlg ?? -1);
  if (suite === undefined || derived === null || derived === undefined) return undefined;
  return { suite, integrityKey: hex(derived.K1 ?? ''), aesKey: hex(derived.aesKey ?? '') };
}

export interface FixedCases {
  readonly checksum: readonly { readonly bytes: string; readonly checksum: string }[];
  readonly aesPad: readonly { readonly plainLen: number; readonly pad: string }[];
  readonly integrityPad: readonly { readonly payloadLen: number; readonly padBytes: string }[];
  readonly rakp: readonly {
    readonly authAlg: number;
    readonly username: string;
    readonly password: string;
    readonly kg: string | null;
    readonly roleByte: number;
    readonly consoleSessionId: string;
    readonly bmcSessionId: string;
    readonly Rm: string;
    readonly Rc: string;
    readonly guid: string;
    readonly rakp2Code: string;
    readonly rakp3Code: string;
    readonly SIK: string;
    readonly K1: string;
    readonly K2: string;
    readonly aesKey: string;
    readonly rakp4Icv: string;
  }[];
  readonly fixedSessions: readonly {
    readonly cipherSuite: number;
    readonly username: string;
    readonly password: string;
    readonly roleByte: number;
    readonly consoleSessionId: string;
    readonly bmcSessionId: string;
    readonly Rm: string;
    readonly Rc: string;
    readonly guid: string;
    readonly SIK: string;
    readonly K1: string;
    readonly K2: string;
    readonly packets: readonly {
      readonly dir: string;
      readonly name: string;
      readonly hex: string;
      readonly plain?: string;
      readonly iv?: string | null;
      readonly seq?: number;
    }[];
  }[];
  readonly cipherSuiteRecords: readonly {
    readonly note: string;
    readonly bytes: string;
    readonly error?: boolean;
    readonly parsed?: readonly {
      readonly id: number;
      readonly auth: number;
      readonly integ: readonly number[];
      readonly conf: readonly number[];
      readonly iana?: number;
    }[];
  }[];
  readonly sequenceWindow: { readonly cases: readonly { readonly highest: number; readonly seq: number; readonly accept: boolean }[] };
  readonly chassisStatus: readonly {
    readonly data: string;
    readonly power?: boolean;
    readonly restorePolicy?: number;
    readonly powerFault?: boolean;
    readonly powerControlFault?: boolean;
    readonly error?: boolean;
  }[];
  readonly ipmi15: readonly {
    readonly authType: number;
    readonly password: string;
    readonly sessionId: string;
    readonly seq: string;
    readonly message: string;
    readonly authCode: string;
    readonly packet: string;
  }[];
}

export const fixed = read('00-codec-fixed.json') as FixedCases;

export const suiteById = (id: number) => {
  const suite = cipherSuite(id);
  if (suite === undefined) throw new Error(`no suite ${id}`);
  return suite;
};
