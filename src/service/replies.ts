/**
 * Who asked gets the answer, or is told that only a person can bring it. An answer names whom it is for, and an operation names whom it carries:
 * nobody is looked for among all who wait. Calls for a person are read from the state, where they last.
 */
import type { Notify, Replies as AnswersGoTo } from '../coordinator/ports.ts';
import { type Operation, type State, waitsFor } from '../core/index.ts';
import type { Answer } from '../vocabulary/index.ts';
import { type Awaiting, awaiting } from './awaiting.ts';

/** Whose answer is waited for. `content`: not that of another one under the same id. */
export interface Asked {
  readonly kind: 'verdict' | 'command';
  readonly id: string;
  readonly content?: string;
}

/** The answer, or why there is none yet: the operation waits for a person. */
export type Carried = { readonly answer: Answer } | Awaiting;

interface Caller extends Asked {
  tell(carried: Carried): void;
  fail(error: Error): void;
}

const keyOf = ({ kind, id }: Asked): string => `${kind} ${id}`;

/** Answers are not kept: the core gives the same verdict or command the same answer again (S5). */
export class Replies implements AnswersGoTo, Notify {
  readonly #waiting = new Map<string, Set<Caller>>();
  #failed: Error | undefined;

  /** To be called before the question is put, else the answer may be missed. Rejects where a promise was broken. */
  expect(asked: Asked): { readonly carried: Promise<Carried>; forget(): void } {
    let forget = (): void => undefined;
    const carried = new Promise<Carried>((tell, fail) => {
      if (this.#failed !== undefined) {
        fail(this.#failed);
        return;
      }
      const one = { ...asked, tell, fail };
      const key = keyOf(asked);
      const alike = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, alike.add(one));
      forget = () => this.#forget(one);
    });
    return { carried, forget: () => forget() };
  }

  answer(to: Asked, answer: Answer): void {
    for (const one of [...(this.#waiting.get(keyOf(to)) ?? [])]) {
      if (one.content !== undefined && to.content !== undefined && one.content !== to.content) continue;
      this.#forget(one);
      one.tell({ answer });
    }
  }

  callHuman(): void {}

  /** These operations may have come to where they wait for a person: whoever they carry is told so. */
  look(state: State, operations: readonly string[]): void {
    if (this.#waiting.size === 0) return;
    for (const id of operations) {
      const operation = state.operations.get(id);
      if (operation === undefined || waitsFor(state, operation) === undefined) continue;
      for (const verdict of operation.verdicts) this.#lookFor({ kind: 'verdict', id: verdict }, state, operation);
      for (const command of [...operation.commands, ...operation.decisions])
        this.#lookFor({ kind: 'command', id: command }, state, operation);
    }
  }

  /** Nothing more will be answered: all who wait, and all who come later, are told why. */
  fail(error: Error): void {
    this.#failed = error;
    for (const one of [...this.#waiting.values()].flatMap((alike) => [...alike])) one.fail(error);
    this.#waiting.clear();
  }

  /** How many wait. */
  get size(): number {
    return [...this.#waiting.values()].reduce((sum, alike) => sum + alike.size, 0);
  }

  #lookFor(asked: Asked, state: State, operation: Operation): void {
    for (const one of [...(this.#waiting.get(keyOf(asked)) ?? [])]) {
      const carriers = carriersOf(one, state, operation).flatMap((id) => state.operations.get(id) ?? []);
      if (carriers.length === 0 || !carriers.every((each) => waitsFor(state, each) !== undefined)) continue;
      this.#forget(one);
      one.tell(
        awaiting(
          state,
          carriers.map(({ id }) => id),
        ),
      );
    }
  }

  #forget(one: Caller): void {
    const key = keyOf(one);
    const alike = this.#waiting.get(key);
    alike?.delete(one);
    if (alike?.size === 0) this.#waiting.delete(key);
  }
}

/** Every operation that carries it; none where what is remembered under its id says something else. A command has one target, so one operation. */
function carriersOf({ kind, id, content }: Asked, { verdicts, commands }: State, operation: Operation): readonly string[] {
  if (kind === 'command') return commands.get(id)?.digest === content ? [operation.id] : [];
  const known = verdicts.get(id);
  return known?.digest === content ? (known?.operations ?? []) : [];
}
