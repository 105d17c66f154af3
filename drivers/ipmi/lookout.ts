/** The scout's own port: there are BMCs that tell consoles apart by it, and a question outside of a login must not end one. */
import type { LineTools } from './line.ts';
import type { Scout } from './session/scout.ts';
import type { Time } from './session/terms.ts';
import type { Wire } from './transport.ts';

export interface LookoutEvents {
  /** A question was answered after `ms`; `back`: for the first time after a long silence. */
  answered(ms: number, back: boolean): void;
  /** ICMP says that nothing listens there. */
  refused(): void;
}

export class Lookout {
  readonly #scout: Scout;
  readonly #tools: LineTools;
  readonly #events: LookoutEvents;
  #wire: Wire | undefined;
  #question: Uint8Array | undefined;

  constructor(scout: Scout, tools: LineTools, events: LookoutEvents) {
    this.#scout = scout;
    this.#tools = tools;
    this.#events = events;
  }

  look(now: Time): void {
    this.#question = this.#scout.ask(now);
  }

  flush(mayLeave: () => boolean): void {
    const question = this.#question;
    this.#question = undefined;
    if (question !== undefined) this.#open().send(question, mayLeave);
  }

  hangUp(): void {
    this.#wire?.close();
    this.#wire = undefined;
    this.#scout.forget();
  }

  #open(): Wire {
    this.#wire ??= this.#tools.open({
      datagram: (bytes) => {
        const answer = this.#scout.receive(bytes, this.#tools.now());
        if (answer !== undefined) this.#events.answered(answer.ms, answer.back);
      },
      refused: () => this.#events.refused(),
      // The login's own line says so too.
      failed: () => this.hangUp(),
    });
    return this.#wire;
  }
}
