/**
 * An address of this machine itself, asked without any program: a datagram is sent to a socket of our own and comes back through the
 * kernel's loopback. It proves that this machine's network is up inside, and nothing about the network outside, so it is never more than
 * a weak answer.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Clock } from '../coordinator/ports.ts';
import { isV6 } from './address.ts';
import { calledOff, type Deadline, heardWeakly, type Probe, type Result, silent, unable } from './probe.ts';
import { codeOf } from './tcp.ts';

const VIA = 'loopback';
const PROVES = 'this machine itself, asked without ping: it proves nothing about the network';

/** The unspecified address can be bound, and means the loopback when it is sent to. */
const UNSPECIFIED: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

const NONCE_BYTES = 16;

export const loopbackProbe = (address: string, clock: Clock): Probe => {
  const to = UNSPECIFIED[address] ?? address;
  return ({ ms, signal }: Deadline) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(calledOff);
      const socket = createSocket(isV6(to) ? 'udp6' : 'udp4');
      const nonce = randomBytes(NONCE_BYTES);
      let settled = false;
      const settle = (result: Result): void => {
        if (settled) return;
        settled = true;
        cancel();
        signal.removeEventListener('abort', abort);
        socket.close();
        resolve(result);
      };
      const fault = (error: Error): void => settle(unable(`this machine's own loopback does not work (${codeOf(error)})`, VIA));
      const abort = (): void => settle(calledOff);
      const cancel = clock.after(ms, () =>
        settle(silent(VIA, `this machine's own loopback gave nothing back within ${Math.round(ms)} ms`)),
      );
      signal.addEventListener('abort', abort, { once: true });
      socket.on('error', fault);
      socket.on('message', (message) => {
        if (message.equals(nonce)) settle(heardWeakly(VIA, PROVES));
      });
      socket.bind({ address: to, port: 0, exclusive: true }, () => {
        if (!settled) socket.send(nonce, socket.address().port, to, (error) => (error === null ? undefined : fault(error)));
      });
    });
};
