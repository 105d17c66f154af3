/** The loss probe's own port: there are BMCs that tell consoles apart by it, and a question outside of a login must not end one. */
import type { WireTools } from './wired-console.ts';
import type { LossProbe } from './session/loss-probe.ts';
import type { Time } from './session/terms.ts';
import type { Wire } from './transport.ts';

export interface LossProbeEvents {
  /** A question was answered after `ms`; `back`: for the first time after a long silence. */
  answered(ms: number, back: boolean): void;
  /** ICMP says that nothing listens there. */
  refused(): void;
}

export class LossProbeWire {
  readonly #lossProbe: LossProbe;
  readonly #tools: WireTools;
  readonly #events: LossProbeEvents;
  #wire: Wire | undefined;
  #question: Uint8Array | undefined;

  constructor(lossProbe: LossProbe, tools: WireTools, events: LossProbeEvents) {
    this.#lossProbe = lossProbe;
    this.#tools = tools;
    this.#events = events;
  }

  look(now: Time): void {
    this.#question = this.#lossProbe.ask(now);
  }

  flush(mayLeave: () => boolean): void {
    const question = this.#question;
    this.#question = undefined;
    if (question !== undefined) this.#open().send(question, mayLeave);
  }

  hangUp(): void {
    this.#wire?.close();
    this.#wire = undefined;
    this.#lossProbe.forget();
  }

  #open(): Wire {
    this.#wire ??= this.#tools.open({
      datagram: (bytes) => {
        const answer = this.#lossProbe.receive(bytes, this.#tools.now());
        if (answer !== undefined) this.#events.answered(answer.ms, answer.back);
      },
      refused: () => this.#events.refused(),
      // The login's own line says so too.
      failed: () => this.hangUp(),
    });
    return this.#wire;
  }
}
