/** The host keys that a device shows, so that a person can compare and pin them. Nothing is logged in to. */
import type { DriverTools, Problem, Within } from '../contract.ts';
import { askHostKey } from './client.ts';
import { fingerprint, keyType } from './host-keys.ts';
import { Limit } from './limit.ts';

export interface ShownHostKey {
  readonly type: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** What to write into hostKey: the type and the fingerprint. */
  readonly pin: string;
}

/** In the order in which they are to be preferred. */
const TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa', 'ssh-dss'];

/**
 * Asks for one key of each type, one connection after another, under one deadline. A problem when the device cannot be reached or the time
 * is up before any key was seen; what was seen by then otherwise.
 */
export async function shownHostKeys(
  to: { readonly device: string; readonly host: string; readonly port: number; readonly legacy?: boolean },
  tools: DriverTools,
  within: Within,
): Promise<readonly ShownHostKey[] | Problem> {
  const where = { device: to.device, address: `${to.host}:${to.port}` };
  const limit = new Limit(tools, where, within);
  const shown: ShownHostKey[] = [];
  let problem: Problem | undefined;
  try {
    for (const type of TYPES.filter((each) => to.legacy === true || each !== 'ssh-dss')) {
      const blob = await askHostKey({ where, host: to.host, port: to.port, type, legacy: to.legacy === true }, limit);
      if (blob === undefined) continue;
      if ('code' in blob) {
        problem = blob;
        break;
      }
      shown.push({ type: keyType(blob), fingerprint: fingerprint(blob), pin: `${keyType(blob)} ${fingerprint(blob)}` });
    }
  } finally {
    limit.end();
  }
  if (shown.length > 0 || problem === undefined) return shown;
  return problem;
}
