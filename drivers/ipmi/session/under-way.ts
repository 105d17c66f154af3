/** Which command may have reached the BMC: the present one, and a changing one of which a copy may still be on its way. */
import { type Ask, sameAsk } from './terms.ts';

export class UnderWay {
  #changing: Ask | undefined;
  /** Copies of it that left in this session, for whichever call, and were not answered: the network may deliver each of them yet. */
  #unanswered = 0;
  /** The present command may have arrived. */
  sent = false;

  /** A late copy of an off must not follow an on. */
  contradicts(ask: Ask): boolean {
    return ask.changes && this.#changing !== undefined && !sameAsk(this.#changing, ask);
  }

  leaves(ask: Ask | undefined): void {
    this.sent = true;
    if (ask?.changes !== true) return;
    this.#changing = ask;
    this.#unanswered += 1;
  }

  /** One copy of `ask` has arrived, for it was answered. What is said to a command that changes nothing tells nothing of the others. */
  answered(ask: Ask | undefined): void {
    if (ask?.changes !== true) return;
    this.#unanswered -= 1;
    if (this.#unanswered <= 0) this.forget();
  }

  /** The session is closed: no copy is worth anything. */
  forget(): void {
    this.#changing = undefined;
    this.#unanswered = 0;
  }
}
