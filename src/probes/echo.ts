/**
 * ICMP echo as bytes (RFC 792, RFC 4443 4.1 and 4.2). A reply is known by its type and by a nonce of ours in its data, never by the
 * identifier alone: the kernel rewrites that of datagram sockets, and a raw socket sees the echoes of everybody, our own requests on the
 * loopback among them.
 */
import type { Family } from './address.ts';

export const NONCE_BYTES = 16;
const HEADER_BYTES = 8;

const REQUEST: Readonly<Record<Family, number>> = { 4: 8, 6: 128 };
const REPLY: Readonly<Record<Family, number>> = { 4: 0, 6: 129 };

/** RFC 1071: the one's complement of the one's complement sum of 16-bit words. */
export const checksum = (bytes: Buffer): number => {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

/** One request whose data is the nonce. The checksum of ICMPv6 covers addresses that only the kernel knows: it fills that in itself. */
export const echoRequest = (family: Family, identifier: number, sequence: number, nonce: Buffer): Buffer => {
  const packet = Buffer.alloc(HEADER_BYTES + nonce.length);
  packet.writeUInt8(REQUEST[family], 0);
  packet.writeUInt16BE(identifier & 0xffff, 4);
  packet.writeUInt16BE(sequence & 0xffff, 6);
  nonce.copy(packet, HEADER_BYTES);
  if (family === 4) packet.writeUInt16BE(checksum(packet), 2);
  return packet;
};

/** Raw IPv4 sockets hand out the IP header too (raw(7)); its length is in its first byte, in words of four bytes. */
export const withoutIpHeader = (packet: Buffer): Buffer => packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);

/** The nonce of an echo reply; undefined for everything else. */
export const nonceOfReply = (family: Family, message: Buffer): Buffer | undefined => {
  if (message.length < HEADER_BYTES + NONCE_BYTES || message[0] !== REPLY[family] || message[1] !== 0) return undefined;
  return message.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
};
