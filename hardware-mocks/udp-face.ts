/** The UDP socket of a simulated device: every datagram goes to the device, and what it says leaves after its delay. */
import type { Socket } from 'node:dgram';
import type { MockClock } from './clock.ts';
import { closed, listenUdp } from './listening.ts';

/** Answers held back by a `delay` fault at once; more are dropped. */
const MAX_HELD = 256;

/** What leaves, and after how many milliseconds. */
export interface Leaving {
  readonly bytes: Uint8Array;
  readonly afterMs: number;
}

interface Behind {
  hear(datagram: Uint8Array): readonly Leaving[];
  /** Asked when a held-back answer is due: may it still leave? */
  maySpeak(): boolean;
  /** One datagram left. */
  sent(): void;
}

export class UdpFace {
  readonly #behind: Behind;
  readonly #clock: MockClock;
  readonly #held = new Set<() => void>();
  #socket: Socket | undefined;

  constructor(clock: MockClock, behind: Behind) {
    this.#clock = clock;
    this.#behind = behind;
  }

  /** `port` 0 takes a free one. Rejects where it is taken. */
  async listen(port: number, address: string): Promise<void> {
    const socket = await listenUdp(port, address);
    socket.on('message', (datagram, from) => {
      for (const { bytes, afterMs } of this.#behind.hear(datagram)) {
        this.#later(afterMs, () => {
          this.#behind.sent();
          socket.send(bytes, from.port, from.address, () => {});
        });
      }
    });
    this.#socket = socket;
  }

  async stop(): Promise<void> {
    for (const cancel of this.#held) cancel();
    this.#held.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await closed(socket);
  }

  /** Throws where it does not listen. */
  get port(): number {
    return this.#listening.address().port;
  }

  get address(): string {
    return this.#listening.address().address;
  }

  get #listening(): Socket {
    if (this.#socket === undefined) throw new Error('this device does not listen');
    return this.#socket;
  }

  #later(ms: number, send: () => void): void {
    if (ms <= 0) return send();
    if (this.#held.size >= MAX_HELD) return;
    const cancel = this.#clock.after(ms, () => {
      this.#held.delete(cancel);
      if (this.#socket !== undefined && this.#behind.maySpeak()) send();
    });
    this.#held.add(cancel);
  }
}
