/**
 * What is known of a device's host key, gathered before each connection: pins, a known_hosts file, authorities and certificates. The device
 * is asked for certificates only where an authority is configured, no file holds them, and no key is known without; those by which it was
 * admitted are remembered, and checked again each time.
 */
import { readFile, stat } from 'node:fs/promises';
import type { DriverTools, Problem, Where } from '../kit/contract.ts';
import { type Authorities, judged } from './certificates.ts';
import { certificatesIn } from './codec/certificate.ts';
import {
  type Admitted,
  type HostKeyJudge,
  judgeHostKey,
  keysInKnownHosts,
  pinnedKeys,
  type PlainKeys,
  type Vouching,
} from './host-keys.ts';
import { keyName } from './key-names.ts';
import { keyscan, type Scan } from './keyscan.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { certificateUnreadable, knownHostsUnreadable } from './problems.ts';

const MOST_KNOWN_HOSTS = 4 * 1024 * 1024;
const MOST_CERTIFICATES = 256 * 1024;
/** Keys of one device whose certificates are remembered. */
const MOST_REMEMBERED = 8;

export interface TrustSettings {
  readonly host: string;
  readonly port: number;
  readonly hostKey: readonly string[] | undefined;
  readonly knownHosts: string | undefined;
  /** Public keys of authorities that are trusted for this device. */
  readonly authorities: readonly Uint8Array[];
  readonly certificateFile: string | undefined;
}

export interface Trust {
  readonly judge: HostKeyJudge;
  /** A refusal may be due to what was remembered or not asked for: ask for it again, once. */
  readonly improvable: boolean;
}

export class DeviceTrust {
  readonly #settings: TrustSettings;
  readonly #where: Where;
  readonly #tools: Pick<DriverTools, 'now'>;
  readonly #scan: Scan;
  /** By the name of the key that they are about. */
  readonly #remembered = new Map<string, Uint8Array>();

  constructor(settings: TrustSettings, where: Where, tools: Pick<DriverTools, 'now'>, scan: Scan = keyscan) {
    this.#settings = settings;
    this.#where = where;
    this.#tools = tools;
    this.#scan = scan;
  }

  /** Reads files and may ask the device; the caller does not wait beyond the deadline for it. */
  async gather(deadline: RunningDeadline, again = false): Promise<Trust | Problem> {
    const { host, authorities: configured } = this.#settings;
    const known = await this.#known();
    if ('code' in known) return known;
    const trusted = [...configured, ...known.authorities];
    if (trusted.length === 0) return { judge: judgeHostKey(this.#where, known.keys), improvable: false };
    const authorities = { name: host.toLowerCase(), trusted, revoked: known.keys.revoked, nowMs: this.#tools.now() };
    const vouching = await this.#vouching(authorities, again || known.keys.names.length === 0, again, deadline);
    if ('code' in vouching) return vouching;
    const judge = judgeHostKey(this.#where, known.keys, vouching);
    return { judge: this.#remembering(judge), improvable: !vouching.fresh };
  }

  /** `needed`: no key is known without a certificate. What is remembered will do unless it is to be had `again`. */
  async #vouching(
    authorities: Authorities,
    needed: boolean,
    again: boolean,
    deadline: RunningDeadline,
  ): Promise<(Vouching & { readonly fresh: boolean }) | Problem> {
    const { host, port, certificateFile } = this.#settings;
    if (certificateFile !== undefined) {
      const read = await readBounded(certificateFile, MOST_CERTIFICATES);
      const certificates = 'text' in read ? certificatesIn(read.text) : [];
      return certificates.length === 0
        ? certificateUnreadable(this.#where, certificateFile, 'text' in read ? 'it holds no certificate' : read.why)
        : { authorities, certificates, why: `those in ${certificateFile} are for other keys`, fresh: true };
    }
    const remembered = [...this.#remembered.values()];
    const good = judged(remembered, authorities).some(({ fault }) => fault === undefined);
    if (!again && (good || !needed)) return { authorities, certificates: remembered, why: 'it has another one', fresh: false };
    this.#remembered.clear();
    return { authorities, ...(await this.#scan({ host, port }, deadline)), fresh: true };
  }

  #remembering(judge: HostKeyJudge): HostKeyJudge {
    const remember = (blob: Uint8Array, result: Admitted | Problem): Admitted | Problem => {
      if ('by' in result && result.certificate !== undefined && this.#remembered.size < MOST_REMEMBERED)
        this.#remembered.set(keyName(blob), result.certificate);
      return result;
    };
    return { ...judge, judge: (blob) => remember(blob, judge.judge(blob)) };
  }

  async #known(): Promise<{ readonly keys: PlainKeys; readonly authorities: readonly Uint8Array[] } | Problem> {
    const { host, port, hostKey, knownHosts } = this.#settings;
    if (knownHosts === undefined) return { keys: pinnedKeys(hostKey ?? []), authorities: [] };
    const read = await readBounded(knownHosts, MOST_KNOWN_HOSTS);
    return 'text' in read ? keysInKnownHosts(host, port, read.text, knownHosts) : knownHostsUnreadable(this.#where, knownHosts, read.why);
  }
}

/** A file's text, or why there is none. */
async function readBounded(path: string, most: number): Promise<{ readonly text: string } | { readonly why: string }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return { why: 'it is no file' };
    if (found.size > most) return { why: `it is larger than ${most} bytes` };
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { why: error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason' };
  }
}
