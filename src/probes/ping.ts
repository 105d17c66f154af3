/**
 * ICMP echo by the `ping` command. One lost echo says nothing, so several are sent, a little apart; the first answer settles it.
 * The arguments are those that the pings of iputils, BusyBox and GNU inetutils have in common, and so is the judgement: an answer is
 * exit 0 and a summary that counts one; none is exit 1 without a complaint. BusyBox ends with 1 for local faults too, and iputils where
 * the kernel refuses to send, so that whatever stands on its error output is a fault of ours and no silence.
 */
import type { Clock } from '../coordinator/ports.ts';
import { isAddress, isV6 } from './address.ts';
import type { Child, Ended, Run } from './child.ts';
import { calledOff, type Deadline, heard, type Probe, type Result, silent, unable } from './probe.ts';

interface PingSettings {
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

/** iputils: "1 packets transmitted, 1 received"; BusyBox and inetutils: "1 packets transmitted, 1 packets received". */
const RECEIVED = /\b([1-9]\d{0,3}) (?:packets )?received\b/;

const PING = 'ping';
const INSTALL = 'install the Debian package iputils-ping';

const localFault = (ended: Ended): string => {
  if (ended.failed === 'ENOENT') return `ping could not be run: it is not installed (${INSTALL})`;
  if (ended.failed !== undefined) return `ping could not be run (${ended.failed})`;
  const line = ended.complaint.split('\n', 1)[0]?.trim() ?? '';
  if (ended.code === 0) return `ping ended with 0 and told of no answer: this is no ping that is known here (${INSTALL})`;
  return line === '' ? `ping ended with ${ended.code ?? 'a signal'}` : line;
};

/** What one ended ping tells of the address. */
const judge = (ended: Ended): 'answered' | 'unanswered' | 'fault' => {
  if (ended.failed !== undefined) return 'fault';
  if (ended.code === 0) return RECEIVED.test(ended.said) ? 'answered' : 'fault';
  return ended.code === 1 && ended.complaint.trim() === '' ? 'unanswered' : 'fault';
};

/** One round of echoes to one address. */
class Round {
  readonly #settings: PingSettings;
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

  constructor(settings: PingSettings, address: string, ms: number, settle: (result: Result) => void) {
    this.#settings = settings;
    this.#address = address;
    this.#ms = ms;
    this.#settle = settle;
    const apart = settings.apartMs ?? APART_MS;
    // No echo that would have less time than the gap between two for its answer.
    this.#echoes = Math.max(1, Math.min(settings.echoes ?? ECHOES, Math.floor(ms / apart)));
    this.#timers.add(settings.clock.after(ms, () => this.#end(silent(PING, `no answer to ${this.#made()} within ${Math.round(ms)} ms`))));
    for (let i = 1; i < this.#echoes; i += 1) this.#timers.add(settings.clock.after(i * apart, () => this.#send()));
    this.#send();
  }

  abort(): void {
    this.#end(calledOff);
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
    const verdict = judge(ended);
    if (verdict === 'answered') return this.#end(heard(PING));
    if (verdict === 'unanswered') this.#unanswered += 1;
    else this.#fault = localFault(ended);
    if (ended.failed !== undefined) return this.#end(unable(localFault(ended), PING));
    if (this.#sent < this.#echoes || this.#children.size > 0) return;
    // Silence only where at least one echo went out and nobody answered it.
    const silence = this.#unanswered > 0 || this.#fault === undefined;
    this.#end(silence ? silent(PING, `no answer to ${this.#made()}`) : unable(this.#fault ?? 'ping failed', PING));
  }

  #end(result: Result): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const cancel of this.#timers) cancel();
    for (const child of this.#children) child.end();
    this.#settle(result);
  }
}

export const pingProbe = (address: string, settings: PingSettings): Probe => {
  if (!isAddress(address)) return () => Promise.resolve(unable(`"${address}" is neither an IP address nor a host name`));
  return ({ ms, signal }: Deadline) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(calledOff);
      const round = new Round(settings, address, ms, (result) => {
        signal.removeEventListener('abort', abort);
        resolve(result);
      });
      const abort = (): void => round.abort();
      signal.addEventListener('abort', abort, { once: true });
    });
};
