/** Who may do what. A face says who it is; what they may is decided here, and what a limit forbids in the core. */
import type { Problem } from '../vocabulary/index.ts';
import type { Principal } from './service.ts';

export type Wish = 'command' | 'approve' | 'deny' | 'attest' | 'set the epoch';

/** A problem: they may not, and nothing was done. */
export function forbidden({ name, role }: Principal, wish: Wish): Problem | undefined {
  if (role === 'person' || (role === 'program' && wish === 'command')) return undefined;
  return {
    code: 'not-allowed',
    says: `${name} is a ${role}, and a ${role} may not ${wish}.`,
    next: role === 'viewer' ? 'Nothing was done. Ask somebody who may.' : 'Nothing was done. A person must do it, under their name.',
  };
}
