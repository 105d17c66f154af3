/**
 * What is known of the credentials before the BMC has let us in. A code that does not fit, or a refusal, is a verdict only where every
 * message was sent once: BMCs that heard one twice may speak of other randoms or other keys. Then it is tried again with one copy of each.
 */
import type { Failure } from './terms.ts';

/** Single copies have failed so often: a verdict. */
const ENOUGH = 2;

export class Trial {
  /** Single copies that failed, before RAKP 2 has fitted and after it. */
  #passwords = 0;
  #proofs = 0;
  #suspicion: { readonly failure: Failure; readonly ofPassword: boolean } | undefined;
  #careful = false;
  #unhurried = false;

  /** Send no RAKP 3 twice: begin another login instead. */
  get careful(): boolean {
    return this.#careful;
  }

  /** Wait for the answer to an Open Session as long as a slow BMC takes: one was answered after the next had left, and did not fit. */
  get unhurried(): boolean {
    return this.#unhurried;
  }

  /** What to say where the call ends before a verdict: never silence about a code that did not fit. */
  get suspicion(): Failure | undefined {
    return this.#suspicion?.failure;
  }

  /** The code of RAKP 2 did not fit. `single`: no Open Session had left after the one of this login. True: that is a verdict. */
  wrongCode(failure: Failure, single: boolean, otherwise: Failure): boolean {
    this.#unhurried ||= !single;
    if (single) this.#passwords += 1;
    this.#suspect(single ? failure : otherwise, single || this.#passwords === 0, true);
    return this.#passwords >= ENOUGH;
  }

  /** RAKP 2 fitted, so that the password is right: whoever said otherwise was somebody else. */
  rightCode(): void {
    this.#passwords = 0;
    if (this.#suspicion?.ofPassword === true) this.#suspicion = undefined;
  }

  /** The code of RAKP 4 did not fit, or our proof was refused. `single`: RAKP 1 and 3 were sent once. True: that is a verdict. */
  wrongProof(failure: Failure, single: boolean, otherwise: Failure): boolean {
    if (single) this.#proofs += 1;
    this.#suspect(single ? failure : otherwise, single || this.#proofs === 0, false);
    return this.#proofs >= ENOUGH;
  }

  /** A session was opened and nothing in it is answered: the BMC may have made other keys of a second RAKP 3. */
  mute(): void {
    this.#careful = true;
  }

  /** The BMC let us in, or told why not, or the credentials are others now. */
  over(): void {
    this.#passwords = 0;
    this.#proofs = 0;
    this.#suspicion = undefined;
    this.#careful = false;
    this.#unhurried = false;
  }

  #suspect(failure: Failure, telling: boolean, ofPassword: boolean): void {
    this.#careful = true;
    if (telling) this.#suspicion = { failure: { ...failure, lasting: false, credentials: false }, ofPassword };
  }
}
