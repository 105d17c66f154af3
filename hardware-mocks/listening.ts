/** How everything simulated takes its place on the network, and gives it back. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Server } from 'node:net';

/** Where to listen: an address of this machine (loopback where none is given) and a port (a free one), or the path of a socket. */
export type ListenAt = { readonly port?: number | undefined; readonly address?: string | undefined } | { readonly path: string };

/** Rejects where the place is taken. What goes wrong on it later ends the connection that it is about, and nothing else. */
export async function listen(server: Server, at: ListenAt): Promise<void> {
  server.on('error', () => undefined);
  if ('path' in at) server.listen(at.path);
  else server.listen(at.port ?? 0, at.address ?? '127.0.0.1');
  await once(server, 'listening');
}

/** A UDP socket that listens. Rejects where the port is taken. */
export async function listenUdp(port = 0, address = '127.0.0.1'): Promise<UdpSocket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => undefined);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** Settles when nothing listens there any more. Connections that are open keep a TCP server waiting: they are ended first. */
export async function closed(listening: Server | UdpSocket): Promise<void> {
  const gone = once(listening, 'close');
  listening.close();
  await gone;
}
