/** One console with a socket of its own: what it says leaves there, what arrives there it is told. */
import type { BmcConsole } from './session/console.ts';
import type { Time } from './session/terms.ts';
import type { Wire, WireEvents } from './transport.ts';

/** How long a login that is not wanted any more waits at least for the session that it may have been given, to give it back. */
const LEAVING_MS = 1000;

export interface WireTools {
  now(): Time;
  after(ms: number, run: () => void): () => void;
  open(events: WireEvents): Wire;
}

export class WiredConsole {
  readonly console: BmcConsole;
  readonly #tools: WireTools;
  #happened: () => void;
  #gone: () => void = () => undefined;
  #wire: Wire | undefined;

  /** `happened` is called after the console was told of something. */
  constructor(console: BmcConsole, tools: WireTools, happened: () => void) {
    this.console = console;
    this.#tools = tools;
    this.#happened = happened;
  }

  get connected(): boolean {
    return this.#wire !== undefined;
  }

  flush(mayLeave: () => boolean): void {
    for (;;) {
      for (const datagram of this.console.out.drain()) this.#open().send(datagram, mayLeave);
      if (!this.console.out.takeMove()) return;
      this.hangUp();
    }
  }

  hangUp(): void {
    this.#wire?.close();
    this.#wire = undefined;
  }

  /** Gives back what the BMC holds or is about to hold for this line; is gone (`gone`) after `ms` or a second, or after `finish`. */
  leave(ms: number, gone: () => void): void {
    const cancel = this.#tools.after(Math.max(LEAVING_MS, ms), () => this.finish());
    this.#gone = () => {
      cancel();
      gone();
    };
    this.#happened = () => {
      if (this.console.halfOpen) this.finish();
    };
    if (!this.console.leave()) this.finish();
  }

  finish(): void {
    this.#gone();
    this.console.end();
    this.flush(() => true);
    this.hangUp();
  }

  #open(): Wire {
    this.#wire ??= this.#tools.open({
      datagram: (bytes) => {
        this.console.receive(bytes, this.#tools.now());
        this.#happened();
      },
      refused: () => {
        this.console.refused(this.#tools.now());
        this.#happened();
      },
      failed: (reason) => {
        this.console.cannotSend(reason);
        this.hangUp();
        this.#happened();
      },
    });
    return this.#wire;
  }
}
