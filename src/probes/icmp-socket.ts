/**
 * ICMP sockets, which Node does not have, by koffi: calls into the C library that is loaded already. This file alone knows koffi, and it
 * is loaded only where a child process has shown that it can be (native-proof.ts).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import type { Family } from './address.ts';
import { withoutIpHeader } from './echo.ts';

export interface EchoSocket {
  /** `raw` by CAP_NET_RAW, `datagram` where net.ipv4.ping_group_range lets our group (icmp(7)). */
  readonly kind: 'raw' | 'datagram';
  /** The kernel's error name where it did not send; undefined: it is on its way. */
  send(message: Buffer, address: string): string | undefined;
  close(): void;
}

/** `received` gets each ICMP message without its IP header, and the address from which it came, as `bytesOf` gives it. */
export type Received = (message: Buffer, from: Buffer) => void;

export interface EchoSockets {
  /** A text: why there can be none. */
  open(family: Family, received: Received): EchoSocket | string;
  /** An address as the bytes in which it stands in packets; undefined for what is no IP address. */
  bytesOf(address: string): Buffer | undefined;
}

type Native = (...args: readonly unknown[]) => number;

/** What is used of koffi. */
interface Koffi {
  load(path: null): { func(definition: string): Native };
  errno(): number;
  readonly os: { readonly errno: Readonly<Record<string, number>> };
  readonly node: { poll(fd: number, options: { readonly readable: true }, run: () => void): { close(): void } };
}

let required: NodeJS.Require | undefined;
/** From here, and made when it is first needed. */
const fromHere = (): NodeJS.Require => (required ??= createRequire(import.meta.url));

/** Where koffi is, and which; undefined where it is not installed (it is an optional dependency). */
export const findKoffi = (): { readonly path: string; readonly version: string } | undefined => {
  try {
    const path = fromHere().resolve('koffi');
    const { version } = JSON.parse(readFileSync(join(dirname(path), 'package.json'), 'utf8')) as { readonly version: string };
    return { path, version };
  } catch {
    return undefined;
  }
};

/** Linux's values, equal on every architecture for which koffi is built (include/uapi/asm-generic). */
const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 };
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK_CLOEXEC = 0o2004000;
const IPPROTO: Readonly<Record<Family, number>> = { 4: 1, 6: 58 };
const MSG_DONTWAIT = 0x40;

/** netinet/in.h: sockaddr_in is 16 bytes with the address at 4, sockaddr_in6 is 28 with the address at 8 and the scope at 24. */
const SOCKADDR: Readonly<Record<Family, { readonly bytes: number; readonly address: number; readonly length: number }>> = {
  4: { bytes: 16, address: 4, length: 4 },
  6: { bytes: 28, address: 8, length: 16 },
};
const SCOPE_AT = 24;

const MOST_BYTES = 2_048;
/** Of what others send: a flood must not keep us from the timers. */
const MOST_AT_ONCE = 64;

const LITTLE = endianness() === 'LE';
const put16 = (into: Buffer, value: number, at: number): unknown =>
  LITTLE ? into.writeUInt16LE(value, at) : into.writeUInt16BE(value, at);
const put32 = (into: Buffer, value: number, at: number): unknown =>
  LITTLE ? into.writeUInt32LE(value, at) : into.writeUInt32BE(value, at);

/** Loads koffi into this process. Throws where it cannot be loaded. */
export const loadEchoSockets = (): EchoSockets => {
  const koffi = fromHere()('koffi') as Koffi;
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int, int, int)');
  const sendto = libc.func('intptr_t sendto(int, void*, size_t, int, void*, uint32_t)');
  const recvfrom = libc.func('intptr_t recvfrom(int, void*, size_t, int, void*, void*)');
  const close = libc.func('int close(int)');
  const pton = libc.func('int inet_pton(int, str, void*)');
  const indexOf = libc.func('unsigned int if_nametoindex(str)');
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const failure = (): string => names.get(koffi.errno()) ?? `error ${koffi.errno()}`;

  /** sockaddr_in or sockaddr_in6, with the interface of a zone (`fe80::1%eth0`) as its scope. */
  const sockaddr = (family: Family, address: string): Buffer | undefined => {
    const [plain = '', zone] = address.split('%');
    const made = Buffer.alloc(SOCKADDR[family].bytes);
    put16(made, AF[family], 0);
    if (pton(AF[family], plain, made.subarray(SOCKADDR[family].address)) !== 1) return undefined;
    if (family === 6 && zone !== undefined) put32(made, /^\d+$/.test(zone) ? Number(zone) : indexOf(zone), SCOPE_AT);
    return made;
  };
  const addressIn = (family: Family, made: Buffer): Buffer => made.subarray(SOCKADDR[family].address).subarray(0, SOCKADDR[family].length);

  const receive = (fd: number, family: Family, raw: boolean, received: Received): void => {
    for (let i = 0; i < MOST_AT_ONCE; i += 1) {
      const packet = Buffer.alloc(MOST_BYTES);
      const from = Buffer.alloc(SOCKADDR[6].bytes);
      const length = Buffer.alloc(4);
      put32(length, from.length, 0);
      const bytes = recvfrom(fd, packet, packet.length, MSG_DONTWAIT, from, length);
      if (bytes < 0) return;
      const message = packet.subarray(0, bytes);
      received(raw && family === 4 ? withoutIpHeader(message) : message, addressIn(family, from));
    }
  };

  const open = (family: Family, received: Received): EchoSocket | string => {
    let kind: EchoSocket['kind'] = 'raw';
    let fd = socket(AF[family], SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, IPPROTO[family]);
    if (fd < 0) {
      kind = 'datagram';
      fd = socket(AF[family], SOCK_DGRAM | SOCK_NONBLOCK_CLOEXEC, IPPROTO[family]);
    }
    if (fd < 0) return `no ICMP socket (${failure()}): neither CAP_NET_RAW nor net.ipv4.ping_group_range allows it`;
    const poll = koffi.node.poll(fd, { readable: true }, () => receive(fd, family, kind === 'raw', received));
    let closed = false;
    return {
      kind,
      send: (message, address) => {
        const to = sockaddr(family, address);
        if (to === undefined) return 'EINVAL';
        return sendto(fd, message, message.length, MSG_DONTWAIT, to, to.length) < 0 ? failure() : undefined;
      },
      close: () => {
        if (closed) return;
        closed = true;
        poll.close();
        close(fd);
      },
    };
  };
  return {
    open,
    bytesOf: (address) => {
      const family: Family = address.includes(':') ? 6 : 4;
      const made = sockaddr(family, address);
      return made === undefined ? undefined : addressIn(family, made);
    },
  };
};
