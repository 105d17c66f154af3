/**
 * A TCP connection attempt. An open port is a full answer. A refusal is a weak one: a router or a firewall, our own among them, refuses
 * in the name of a dead host, so that it tells that somebody answered and never who.
 */
import { connect as netConnect } from 'node:net';
import type { Clock } from '../coordinator/ports.ts';
import { isAddress } from './address.ts';
import { calledOff, type Deadline, heard, heardWeakly, type Probe, type Result, silent, unable } from './probe.ts';
import type { Route } from './route.ts';

/** What is used of a net.Socket. */
export interface Attempt {
  once(event: 'connect', run: () => void): unknown;
  on(event: 'error', run: (error: Error) => void): unknown;
  destroy(): unknown;
}

export type Connect = (address: string, port: number) => Attempt;

export const tcpConnect: Connect = (address, port) => netConnect({ host: address, port, noDelay: true });

export interface TcpSettings {
  readonly clock: Clock;
  readonly connect: Connect;
  readonly route: Route;
}

export const OPEN = 'tcp connect';
export const REFUSED = 'tcp refused';

/** Somebody answered in the name of the address. */
export const REFUSALS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);
/** We asked, and nothing answered. */
export const NO_ANSWER: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTDOWN']);
/** Either nobody on the segment answered ARP (or a router said so), or our own routing table sends nobody there. */
export const UNREACHABLE = 'EHOSTUNREACH';

/** The system's name of what went wrong, such as ECONNREFUSED. */
export const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message;

/** What the error of an attempt means. Everything that is not known to come from outside is a fault of ours. */
const judge = async (error: Error, address: string, route: Route): Promise<Result> => {
  const code = codeOf(error);
  if (REFUSALS.has(code)) return heardWeakly(REFUSED, 'the connection was refused, by that address or by a firewall in its name');
  if (NO_ANSWER.has(code)) return silent(OPEN, `no answer (${code})`);
  if (code !== UNREACHABLE) return unable(`could not be asked (${code})`, OPEN);
  const own = await route(address);
  return own === undefined ? silent(OPEN, `no answer (${code})`) : unable(`our own routing table sends nobody there (${own})`, OPEN);
};

export const tcpProbe = (address: string, port: number, settings: TcpSettings): Probe => {
  if (!isAddress(address)) return () => Promise.resolve(unable(`"${address}" is neither an IP address nor a host name`));
  return ({ ms, signal }: Deadline) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(calledOff);
      const attempt = settings.connect(address, port);
      const settle = (result: Result): void => {
        cancel();
        signal.removeEventListener('abort', abort);
        attempt.destroy();
        resolve(result);
      };
      const abort = (): void => settle(calledOff);
      const cancel = settings.clock.after(ms, () => settle(silent(OPEN, `no answer within ${Math.round(ms)} ms`)));
      signal.addEventListener('abort', abort, { once: true });
      attempt.once('connect', () => settle(heard(OPEN)));
      attempt.on('error', (error) => void judge(error, address, settings.route).then(settle));
    });
};
