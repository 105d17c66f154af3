/** Addresses as they come from the configuration: checked again here, since they become arguments of another program. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const HOSTNAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?$/i;
const ZONE = /%[a-z0-9_.-]{1,32}$/i;

/** An IP address (IPv6 with a zone where needed) or a host name; never anything that begins with a dash. */
export const isAddress = (text: string): boolean => {
  if (isIPv4(text) || isV6(text)) return !text.includes('%') || ZONE.test(text);
  return HOSTNAME.test(text);
};

/** Node's own test is a large expression, compiled anew in each process: it is asked only where there can be an address. */
export const isV6 = (text: string): boolean => text.includes(':') && isIPv6(text);

export type Family = 4 | 6;

export const familyOf = (text: string): Family => (isV6(text) ? 6 : 4);

/** `host:port` or `[v6]:port`. */
export const splitPort = (text: string): { readonly address: string; readonly port: number } | undefined => {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address === undefined || !isAddress(address) || port < 1 || port > 65_535) return undefined;
  return { address, port };
};

/** RFC 1122 3.2.1.3 and RFC 4291 2.5: the loopback, and the address that Linux takes for this machine when it is asked for. */
const THIS_MACHINE = new BlockList();
THIS_MACHINE.addSubnet('127.0.0.0', 8, 'ipv4');
THIS_MACHINE.addAddress('0.0.0.0', 'ipv4');
THIS_MACHINE.addAddress('::1', 'ipv6');
THIS_MACHINE.addAddress('::', 'ipv6');

/** Packets to it never leave this machine: IPv4 written as IPv6 (`::ffff:127.0.0.1`) counts as what it means. */
export const isThisMachine = (text: string): boolean =>
  isV6(text) ? THIS_MACHINE.check(text, 'ipv6') : isIPv4(text) && THIS_MACHINE.check(text, 'ipv4');

/** An IPv4 address that is written as IPv6 (RFC 4291 2.5.5.2), as what it means; every other address as it is. */
export const unmapped = (text: string): string => /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text)?.[1] ?? text;
