/**
 * Our own routing table, asked by connecting a UDP socket, which sends nothing: the kernel either knows a way or says why not. It tells a
 * fault of ours (no route, a route of kind unreachable, prohibit or blackhole) from silence outside, which has the same error names.
 */
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { isV6 } from './address.ts';

/** The kernel's error name, such as ENETUNREACH; undefined where it knows a way. Names that are no IP address are not looked up: undefined. */
export type Route = (address: string) => Promise<string | undefined>;

/** RFC 863: no datagram is ever sent, so any port would do. */
const DISCARD = 9;

export const ownRoute: Route = (address) =>
  new Promise((resolve) => {
    if (isIP(address) === 0) return resolve(undefined);
    const socket = createSocket(isV6(address) ? 'udp6' : 'udp4');
    let settled = false;
    const settle = (fault: string | undefined): void => {
      if (settled) return;
      settled = true;
      socket.close();
      resolve(fault);
    };
    const judge = (error?: NodeJS.ErrnoException | null): void => settle(error?.code ?? error?.message);
    socket.on('error', judge);
    socket.connect(DISCARD, address, judge);
  });
