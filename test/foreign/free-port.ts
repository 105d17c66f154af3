/**
 * Ports for programs that cannot tell which one they got, so that it has to be chosen before they start. Between the choice and their
 * start everybody else's sockets get ports too: the kernel draws those from its ephemeral range, so ours lie outside of it, and each
 * worker of the test run has a slice of its own.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Linux' default, where it cannot be read (ip(7), ip_local_port_range). */
const USUAL_RANGE = '32768 60999';
const LOWEST = 20_000;
const HIGHEST = 65_535;
/** More than there are workers. */
const SLICES = 16;

interface Slice {
  readonly from: number;
  readonly size: number;
}

/** Our worker's part of the larger half outside of the ephemeral range; undefined where that leaves too little. */
export function sliceOutside(ephemeral: string, worker: number): Slice | undefined {
  const [low = Number.NaN, high = Number.NaN] = ephemeral.trim().split(/\s+/).map(Number);
  const below = { from: LOWEST, size: Math.floor((low - LOWEST) / SLICES) };
  const above = { from: high + 1, size: Math.floor((HIGHEST - high) / SLICES) };
  const { from, size } = below.size >= above.size ? below : above;
  return size >= 64 ? { from: from + (worker % SLICES) * size, size } : undefined;
}

function ephemeralRange(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  } catch {
    return USUAL_RANGE;
  }
}

/** Workers of one run have one parent; another run on this machine most likely begins elsewhere. */
const slice = sliceOutside(ephemeralRange(), Number(process.env['VITEST_POOL_ID'] ?? 0) + process.ppid);
/** Not the port that the file before us has just given back. */
let next = process.pid;

/** A port of 127.0.0.1 that nobody listens on, and that nobody is given unasked. */
export async function freePort(protocol: 'udp' | 'tcp'): Promise<number> {
  for (let tries = 0; tries < (slice?.size ?? 1); tries += 1) {
    next += 1;
    const port = slice === undefined ? 0 : slice.from + (next % slice.size);
    const free = protocol === 'udp' ? await udpPort(port) : await tcpPort(port);
    if (free !== undefined) return free;
  }
  throw new Error(`no ${protocol} port is free`);
}

async function udpPort(port: number): Promise<number | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return socket.address().port;
  } catch {
    return undefined;
  } finally {
    const gone = once(socket, 'close');
    socket.close();
    await gone;
  }
}

async function tcpPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  const gone = once(server, 'close');
  server.close();
  await gone;
  return typeof address === 'object' ? address?.port : undefined;
}
