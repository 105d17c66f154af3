/** Questions to an agent and what comes back, free of any library. */

/** One object as a device answered it. `absent`: noSuchObject, noSuchInstance or endOfMibView, which are never a value. */
export type Answer =
  | { readonly oid: string; readonly kind: 'integer' | 'unsigned'; readonly number: number }
  | { readonly oid: string; readonly kind: 'text'; readonly text: string }
  | { readonly oid: string; readonly kind: 'oid'; readonly text: string }
  | { readonly oid: string; readonly kind: 'absent' }
  | { readonly oid: string; readonly kind: 'other' };

export interface Assignment {
  readonly oid: string;
  readonly kind: 'integer' | 'unsigned';
  readonly value: number;
}

export type Question =
  | { readonly ask: 'get'; readonly oids: readonly string[] }
  | { readonly ask: 'next'; readonly oids: readonly string[] }
  | { readonly ask: 'bulk'; readonly oid: string; readonly rows: number }
  | { readonly ask: 'set'; readonly values: readonly Assignment[] };

/** What has left of one question so far, whichever sessions it took. */
export interface Left {
  /** A SET has left. */
  acted: boolean;
}

/** Where a version 3 exchange went wrong. */
export type Stage = 'engine discovery' | 'clock' | 'user' | 'security level' | 'authentication' | 'privacy';

export type Reply =
  | { readonly reply: 'answers'; readonly answers: readonly Answer[] }
  /** The agent's own error: error-status (RFC 3416 section 3) and the place, from 1, of the object it complains about; 0 where it names none. */
  | { readonly reply: 'error'; readonly error: number; readonly index: number }
  | { readonly reply: 'security'; readonly stage: Stage }
  /** An answer came, and cannot be believed or understood. */
  | { readonly reply: 'malformed'; readonly says: string }
  /** The request could not be put into bytes or sent. */
  | { readonly reply: 'unsent'; readonly says: string };
