/**
 * ICMP echo by the `ping` command, since Node has no ICMP and ping sockets are closed to users by default
 * (net.ipv4.ping_group_range). One lost echo says nothing, so several are sent, a little apart; the first answer settles it.
 * Exit codes (iputils ping(8)): 0 an answer, 1 none, 2 a local fault.
 */
import type { Clock } from '../coordinator/ports.ts';
import { isAddress, isV6 } from './address.ts';
import type { Child, Ended, Run } from './child.ts';
import { type Deadline, heard, type Probe, type Result, silent, unable } from './probe.ts';

export interface IcmpSettings {
  readonly clock: Clock;
  readonly run: Run;
  /** Echoes sent at most. */
  readonly echoes?: number;
  readonly apartMs?: number;
  readonly command?: string;
}

const ECHOES = 3;
const APART_MS = 300;

export const pingArguments = (address: string, ms: number): readonly string[] => {
  // Whole seconds, since older versions of ping take no fractions; our own timer is the deadline that counts.
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return [...(isV6(address) ? ['-6'] : []), '-n', '-q', '-c1', `-W${seconds}`, '--', address];
};

const localFault = (ended: Ended): string => {
  if (ended.failed === 'ENOENT') return 'the ping command is not installed';
  if (ended.failed !== undefined) return `ping could not be started (${ended.failed})`;
  const line = ended.complaint.split('\n', 1)[0]?.trim() ?? '';
  return line === '' ? `ping ended with ${ended.code ?? 'a signal'}` : line;
};

/** One round of echoes to one address. */
class Round {
  readonly #settings: IcmpSettings;
  readonly #address: string;
  readonly #ms: number;
  readonly #echoes: number;
  readonly #settle: (result: Result) => void;
  readonly #children = new Set<Child>();
  readonly #timers = new Set<() => void>();
  #sent = 0;
  #unanswered = 0;
  #fault: string | undefined;
  #settled = false;

  constructor(settings: IcmpSettings, address: string, ms: number, settle: (result: Result) => void) {
    this.#settings = settings;
    this.#address = address;
    this.#ms = ms;
    this.#settle = settle;
    const apart = settings.apartMs ?? APART_MS;
    // No echo that would have less time than the gap between two for its answer.
    this.#echoes = Math.max(1, Math.min(settings.echoes ?? ECHOES, Math.floor(ms / apart)));
    this.#timers.add(settings.clock.after(ms, () => this.#end(silent(`no answer to ${this.#made()} within ${Math.round(ms)} ms`))));
    for (let i = 1; i < this.#echoes; i += 1) this.#timers.add(settings.clock.after(i * apart, () => this.#send()));
    this.#send();
  }

  abort(): void {
    this.#end(unable('the probe was called off'));
  }

  #made(): string {
    return this.#sent === 1 ? '1 echo' : `${this.#sent} echoes`;
  }

  #send(): void {
    if (this.#settled) return;
    this.#sent += 1;
    const child = this.#settings.run(this.#settings.command ?? 'ping', pingArguments(this.#address, this.#ms));
    this.#children.add(child);
    void child.ended.then((ended) => this.#heardFrom(child, ended));
  }

  #heardFrom(child: Child, ended: Ended): void {
    this.#children.delete(child);
    if (this.#settled) return;
    if (ended.code === 0) return this.#end(heard);
    if (ended.failed !== undefined) return this.#end(unable(localFault(ended)));
    if (ended.code === 1) this.#unanswered += 1;
    else this.#fault = localFault(ended);
    if (this.#sent < this.#echoes || this.#children.size > 0) return;
    this.#end(this.#unanswered > 0 || this.#fault === undefined ? silent(`no answer to ${this.#made()}`) : unable(this.#fault));
  }

  #end(result: Result): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const cancel of this.#timers) cancel();
    for (const child of this.#children) child.end();
    this.#settle(result);
  }
}

export const icmpProbe = (address: string, settings: IcmpSettings): Probe => {
  if (!isAddress(address)) return () => Promise.resolve(unable(`"${address}" is neither an IP address nor a host name`));
  return ({ ms, signal }: Deadline) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(unable('the probe was called off'));
      const round = new Round(settings, address, ms, (result) => {
        signal.removeEventListener('abort', abort);
        resolve(result);
      });
      const abort = (): void => round.abort();
      signal.addEventListener('abort', abort, { once: true });
    });
};
