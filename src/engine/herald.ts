/** The herald of an engine in process: whoever waits for an answer gets it; calls for a person are collected for the screen. */
import type { Herald } from '../coordinator/ports.ts';
import type { Answer, Problem } from '../vocabulary/index.ts';

export interface Called {
  readonly problem: Problem;
  readonly operation?: string;
  readonly target?: string;
}

/** Of the calls for a person only so many are kept, the newest. */
const MOST_CALLS = 1000;

/** Whose answer is waited for. `content` (of a verdict): not that of another one under the same id. */
export interface Asked {
  readonly kind: 'verdict' | 'command';
  readonly id: string;
  readonly content?: string;
}

/** Answers are not kept: the core gives the same verdict the same answer again (S5), and a command has its answer once. */
export class WaitingRoom implements Herald {
  readonly calls: Called[] = [];
  readonly #waiting = new Set<Asked & { tell(answer: Answer): void }>();

  answer(to: Asked, answer: Answer): void {
    for (const one of [...this.#waiting]) {
      const same = one.kind === to.kind && one.id === to.id;
      if (!same || (one.content !== undefined && to.content !== undefined && one.content !== to.content)) continue;
      this.#waiting.delete(one);
      one.tell(answer);
    }
  }

  callHuman(problem: Problem, about: { readonly operation?: string; readonly target?: string }): void {
    this.calls.push({ problem, ...about });
    if (this.calls.length > MOST_CALLS) this.calls.shift();
  }

  waitsFor({ kind, id }: Asked): boolean {
    return [...this.#waiting].some((one) => one.kind === kind && one.id === id);
  }

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
