/** What everything in this driver needs to talk about one PDU: its name, its profile, its client, and who it logs in as. */
import type { DriverTools, Problem } from '../kit/contract.ts';
import type { Place } from './addressing.ts';
import type { Heard, SnmpClient } from './client.ts';
import type { Login } from './credentials.ts';
import { problemOf } from './problems.ts';
import type { Profile } from './profile.ts';

interface PduParts {
  readonly device: string;
  readonly profile: Profile;
  readonly client: Pick<SnmpClient, 'ask' | 'close'>;
  readonly login: Login;
  readonly tools: DriverTools;
  /** Unit, tower ... where a plug leaves them out. */
  readonly defaults: Place;
  /** Plug in its shortest form (plugOf) to the name that the outlet must have. */
  readonly expectedNames: ReadonlyMap<string, string>;
}

export interface Pdu extends PduParts {
  problem(step: string, heard: Exclude<Heard, { readonly reply: 'answers' }>): Problem;
}

export function pduOf(parts: PduParts): Pdu {
  const secured = { v3: parts.login.version === '3', priv: parts.login.version === '3' && parts.login.priv !== undefined };
  return { ...parts, problem: (step, heard) => problemOf(parts.device, step, heard, secured) };
}
