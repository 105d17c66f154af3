/** A part of a bench in a process of its own, so that its memory and time can be told apart from those of the others. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A child that answers each message with one. */
export class Part<Wish extends string, Told> {
  readonly #child: ChildProcess;

  constructor(name: string, what: unknown) {
    const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...env } = process.env;
    this.#child = fork(process.argv[1] ?? '', [name, JSON.stringify(what)], { env });
  }

  async first(): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    const gone = once(this.#child, 'exit', { signal }).then(([code]) =>
      Promise.reject(new Error(`a part of the bench ended with ${String(code)}`)),
    );
    try {
      const [said] = (await Promise.race([once(this.#child, 'message', { signal }), gone])) as [unknown];
      return said;
    } finally {
      gone.catch(() => undefined);
      over.abort();
    }
  }

  async ask(wish: Wish): Promise<Told> {
    this.#child.send(wish);
    return (await this.first()) as Told;
  }

  async end(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.send('stop');
    await gone;
  }
}
