/** Addresses as they come from the configuration: checked again here, since they become arguments of another program. */
import { isIP, isIPv6 } from 'node:net';

const HOSTNAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?$/i;
const ZONE = /%[a-z0-9_.-]{1,32}$/i;

/** An IP address (IPv6 with a zone where needed) or a host name; never anything that begins with a dash. */
export const isAddress = (text: string): boolean => {
  if (isIP(text) !== 0) return !text.includes('%') || ZONE.test(text);
  return HOSTNAME.test(text);
};

export const isV6 = (text: string): boolean => isIPv6(text);

/** `host:port` or `[v6]:port`. */
export const splitPort = (text: string): { readonly address: string; readonly port: number } | undefined => {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address === undefined || !isAddress(address) || port < 1 || port > 65_535) return undefined;
  return { address, port };
};
