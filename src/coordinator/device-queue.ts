/** S4: one request in flight per device, first come first served, so that no operation can starve another. */
import { keep } from '../vocabulary/index.ts';

/** More requests than this waiting for one device is a defect upstream: every outlet has at most one request of its own under way. */
const LONGEST = 4096;

export class DeviceQueues {
  readonly #tails = new Map<string, { tail: Promise<void>; length: number }>();

  /** Runs `request` when everything earlier on this device has settled. A rejection is passed on and does not block the queue. */
  async run<T>(device: string, request: () => Promise<T>): Promise<T> {
    const queue = this.#tails.get(device) ?? { tail: Promise.resolve(), length: 0 };
    keep('S4', queue.length < LONGEST, `${queue.length} requests wait for ${device}`);
    this.#tails.set(device, queue);
    queue.length += 1;
    const before = queue.tail;
    let done: () => void = () => undefined;
    queue.tail = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      return await request();
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.#tails.delete(device);
      done();
    }
  }
}
