/** One machine, however it is written: IP addresses and host names in one form each. Nothing is resolved here. */
import { isIPv4, SocketAddress } from 'node:net';
import { networkInterfaces } from 'node:os';

/** By inet_pton(3), as a socket would take it: what is behind Node's `isIPv6` is compiled anew in each process, which takes 6 ms. */
function isV6(text: string): boolean {
  if (!text.includes(':')) return false;
  try {
    return new SocketAddress({ address: text, family: 'ipv6' }).family === 'ipv6';
  } catch {
    return false;
  }
}

/**
 * An IP address in one spelling: IPv6 in lower case and compressed (RFC 5952), an IPv4 address that is wrapped in IPv6 (mapped, RFC 4291,
 * 2.5.5.2, or the well-known prefix of RFC 6052) as the IPv4 address that it leads to. A zone stays. A host name in lower case without its
 * last dot (RFC 4343).
 */
export function plainPlace(text: string): string {
  const [address = '', zone] = text.toLowerCase().split('%', 2);
  if (!isV6(address)) return text.toLowerCase().replace(/(?<=.)\.$/, '');
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const wrapped = /^(?:::ffff:([0-9a-f]{1,4}):|64:ff9b::(?:([0-9a-f]{1,4}):)?)([0-9a-f]{1,4})$/.exec(short);
  if (wrapped === null) return zone === undefined ? short : `${short}%${zone}`;
  const [high, low] = [wrapped[1] ?? wrapped[2] ?? '0', wrapped[3] ?? '0'].map((part) => Number.parseInt(part, 16)) as [number, number];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** 127.0.0.0/8, ::1 and the names that mean them (RFC 6761, 6.3). */
export function isLoopback(host: string): boolean {
  const place = plainPlace(host);
  return place === '::1' || place === 'localhost' || place.endsWith('.localhost') || (isIPv4(place) && place.startsWith('127.'));
}

/** An address that this machine answers itself, whatever its network does: loopback, nothing at all (0.0.0.0, ::), or one of its own. */
export function isOwn(address: string, own: ReadonlySet<string>): boolean {
  const place = plainPlace(address);
  const [zoneless = place] = place.split('%', 1);
  return isLoopback(place) || place === '::' || (isIPv4(place) && place.startsWith('0.')) || own.has(zoneless);
}

/** Multicast (RFC 5771, RFC 4291) and the limited broadcast: whoever hears the question may answer, this machine too. */
export function isOfMany(address: string): boolean {
  const place = plainPlace(address);
  return place.startsWith('ff') || (isIPv4(place) && (Number(place.split('.', 1)[0]) >> 4 === 14 || place === '255.255.255.255'));
}

/** The addresses of this machine's interfaces, now, without zones. */
export function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => plainPlace(address).replace(/%.*$/, '')));
}
