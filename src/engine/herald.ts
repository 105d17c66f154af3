/** The herald of a one-shot command: whoever waits for an answer gets it; calls for a person are collected for the screen. */
import type { Herald } from '../coordinator/ports.ts';
import type { Answer, Problem } from '../vocabulary/index.ts';

export interface Called {
  readonly problem: Problem;
  readonly operation?: string;
  readonly target?: string;
}

export class WaitingRoom implements Herald {
  readonly calls: Called[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #waiting = new Map<string, ((answer: Answer) => void)[]>();

  answer(to: { readonly kind: 'verdict' | 'command'; readonly id: string }, answer: Answer): void {
    const key = `${to.kind} ${to.id}`;
    this.#answers.set(key, answer);
    for (const tell of this.#waiting.get(key) ?? []) tell(answer);
    this.#waiting.delete(key);
  }

  callHuman(problem: Problem, about: { readonly operation?: string; readonly target?: string }): void {
    if (this.calls.length < 1000) this.calls.push({ problem, ...about });
  }

  /** The answer, when it is there; there is exactly one (S5). */
  async wait(kind: 'verdict' | 'command', id: string): Promise<Answer> {
    const key = `${kind} ${id}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    return await new Promise((resolve) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
    });
  }
}
