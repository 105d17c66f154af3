/** A TCP connection attempt. An open port and a refusal both prove that the address is alive. */
import { connect as netConnect } from 'node:net';
import type { Clock } from '../coordinator/ports.ts';
import { isAddress } from './address.ts';
import { type Deadline, heard, type Probe, type Result, silent, unable } from './probe.ts';

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
}

/** The answer came from the address itself. */
const ALIVE: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);
/** We asked, and nothing answered; EHOSTUNREACH is also what the kernel says when nobody answers ARP. */
const NOTHING: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN']);

const judge = (error: Error): Result => {
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  if (ALIVE.has(code)) return { answer: 'heard', says: 'the connection was refused, so something answers there' };
  if (NOTHING.has(code)) return silent(`no answer (${code})`);
  return unable(`could not be asked (${code})`);
};

export const tcpProbe = (address: string, port: number, settings: TcpSettings): Probe => {
  if (!isAddress(address)) return () => Promise.resolve(unable(`"${address}" is neither an IP address nor a host name`));
  return ({ ms, signal }: Deadline) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(unable('the probe was called off'));
      const attempt = settings.connect(address, port);
      const settle = (result: Result): void => {
        cancel();
        signal.removeEventListener('abort', abort);
        attempt.destroy();
        resolve(result);
      };
      const abort = (): void => settle(unable('the probe was called off'));
      const cancel = settings.clock.after(ms, () => settle(silent(`no answer within ${Math.round(ms)} ms`)));
      signal.addEventListener('abort', abort, { once: true });
      attempt.once('connect', () => settle(heard));
      attempt.on('error', (error) => settle(judge(error)));
    });
};
