/** Waits for `work`, for at most so long where there is an end. */
export async function inTime(work: Promise<unknown>, ms: number | undefined): Promise<void> {
  if (ms === undefined) {
    await work;
    return;
  }
  const over = timer(ms, undefined);
  await Promise.race([work, over.passed]);
  over.forget();
}

/** `passed` gives `word` after so many milliseconds; without a number it never does. */
export function timer<T>(ms: number | undefined, word: T): { readonly passed: Promise<T>; forget(): void } {
  let running: NodeJS.Timeout | undefined;
  const passed = new Promise<T>((resolve) => {
    if (ms !== undefined) running = setTimeout(() => resolve(word), Math.max(0, ms));
  });
  return { passed, forget: () => clearTimeout(running) };
}
