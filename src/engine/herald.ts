/** The herald of an engine in process: whoever waits for an answer gets it. Calls for a person are read from the state, where they last. */
import type { Herald } from '../coordinator/ports.ts';
import type { Answer } from '../vocabulary/index.ts';

/** Whose answer is waited for. `content`: not that of another one under the same id. */
export interface Asked {
  readonly kind: 'verdict' | 'command';
  readonly id: string;
  readonly content?: string;
}

/** Answers are not kept: the core gives the same verdict or command the same answer again (S5). */
export class WaitingRoom implements Herald {
  readonly #waiting = new Set<Asked & { tell(answer: Answer): void }>();

  answer(to: Asked, answer: Answer): void {
    for (const one of [...this.#waiting]) {
      const same = one.kind === to.kind && one.id === to.id;
      if (!same || (one.content !== undefined && to.content !== undefined && one.content !== to.content)) continue;
      this.#waiting.delete(one);
      one.tell(answer);
    }
  }

  callHuman(): void {}

  /** To be called before the question is put, else the answer may be missed. */
  expect(asked: Asked): { readonly answer: Promise<Answer>; forget(): void } {
    let forget = (): void => undefined;
    const answer = new Promise<Answer>((tell) => {
      const one = { ...asked, tell };
      this.#waiting.add(one);
      forget = () => this.#waiting.delete(one);
    });
    return { answer, forget: () => forget() };
  }
}
