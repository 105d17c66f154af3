/** Nobody waits for a driver for ever. */
import type { Clock } from '../coordinator/ports.ts';

/** What `work` brings, or `late` where `ms` have passed first. What it brings after that is nobody's concern. */
export async function orLate<T, L>(clock: Pick<Clock, 'after'>, ms: number, late: L, work: Promise<T>): Promise<T | L> {
  let cancel: () => void = () => undefined;
  const over = new Promise<L>((resolve) => {
    cancel = clock.after(ms, () => resolve(late));
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}
