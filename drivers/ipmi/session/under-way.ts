/** Which command may have reached the BMC: the present one, and a changing one of which a copy may still be on its way. */
import { type Ask, sameAsk } from './terms.ts';

export class UnderWay {
  #changing: Ask | undefined;
  /** The present command may have arrived. */
  sent = false;

  /** A late copy of an off must not follow an on. */
  contradicts(ask: Ask): boolean {
    return ask.changes && this.#changing !== undefined && !sameAsk(this.#changing, ask);
  }

  leaves(ask: Ask | undefined): void {
    this.sent = true;
    if (ask?.changes === true) this.#changing = ask;
  }

  /** Answered after `sends` copies: where it was one, no other can follow. */
  answered(sends: number): void {
    if (sends === 1) this.#changing = undefined;
  }

  /** The session is closed: no copy is worth anything. */
  forget(): void {
    this.#changing = undefined;
  }
}
