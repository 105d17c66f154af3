/**
 * What is known of the credentials before the BMC has let us in. A code that does not fit, or a refusal, is a verdict only where every
 * message was heard once: BMCs that heard one twice may speak of other randoms or other keys. Then it is tried again with one copy of each.
 */
import type { Failure } from './terms.ts';

/** So many logins of which single copies were heard have failed: a verdict. Codes of one login are no more than one, for they have the same causes. */
const ENOUGH = 2;
/** Where the network was seen to double datagrams a copy of it may have gone unseen as well. */
const ENOUGH_DOUBLED = 3;

export class Trial {
  /** Logins with single copies that failed, before RAKP 2 has fitted and after it. */
  #passwords = 0;
  #proofs = 0;
  /** By status: logins that were refused with it before RAKP 2. */
  readonly #refusals = new Map<number, number>();
  #suspicion: { readonly failure: Failure; readonly ofPassword: boolean } | undefined;
  #careful = false;
  #unhurried = false;
  #doubled = false;

  /** Send no RAKP 3 twice: begin another login instead. */
  get careful(): boolean {
    return this.#careful;
  }

  /** Wait for the answer to an Open Session as long as a slow BMC takes: one was answered after the next had left, and did not fit. */
  get unhurried(): boolean {
    return this.#unhurried;
  }

  /** A login is to confirm what one before it has said: a copy of its Open Session would make it worthless. */
  get confirming(): boolean {
    return this.#passwords + this.#proofs > 0;
  }

  /** What to say where the call ends before a verdict: never silence about a code that did not fit. */
  get suspicion(): Failure | undefined {
    return this.#suspicion?.failure;
  }

  /** A code or our proof failed: what to say meanwhile, where nothing better comes. `single` as below. */
  suspect(failure: Failure, single: boolean, otherwise: Failure, ofPassword: boolean): void {
    this.#careful = true;
    const counted = ofPassword ? this.#passwords : this.#proofs;
    if (!single && counted > 0) return;
    this.#suspicion = { failure: { ...(single ? failure : otherwise), lasting: false, credentials: false }, ofPassword };
  }

  /** A login ends because the code of RAKP 2 did not fit. `single`: the BMC heard no Open Session of it twice, nor one after it. True: a verdict. */
  wrongCode(single: boolean): boolean {
    this.#unhurried ||= !single;
    if (single) this.#passwords += 1;
    return this.#passwords >= this.#enough;
  }

  /** RAKP 2 fitted, so that the password is right: whoever said otherwise was somebody else. */
  rightCode(): void {
    this.#passwords = 0;
    this.#refusals.clear();
    if (this.#suspicion?.ofPassword === true) this.#suspicion = undefined;
  }

  /** A login ends because the code of RAKP 4 did not fit, or our proof was refused. `single`: the BMC heard RAKP 1 and 3 once. True: a verdict. */
  wrongProof(single: boolean): boolean {
    if (single) this.#proofs += 1;
    return this.#proofs >= this.#enough;
  }

  /** A login ends because of a refusal that may not be about the user. True: a second login has heard the same. */
  refused(status: number): boolean {
    const logins = (this.#refusals.get(status) ?? 0) + 1;
    this.#refusals.set(status, logins);
    return logins >= ENOUGH;
  }

  /** The BMC has answered more copies than were sent. */
  doubled(): void {
    this.#doubled = true;
  }

  /** A session was opened and nothing in it is answered: the BMC may have made other keys of a second RAKP 3. */
  mute(): void {
    this.#careful = true;
  }

  /** The BMC let us in, or told why not, or the credentials are others now. */
  over(): void {
    this.#passwords = 0;
    this.#proofs = 0;
    this.#refusals.clear();
    this.#suspicion = undefined;
    this.#careful = false;
    this.#unhurried = false;
    this.#doubled = false;
  }

  get #enough(): number {
    return this.#doubled ? ENOUGH_DOUBLED : ENOUGH;
  }
}
