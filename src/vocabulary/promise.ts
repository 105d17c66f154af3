/** A programmer's error or a broken promise (S1-S13): the process must stop, and restore takes over. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
  readonly promise: string;
  readonly says: string;
  /** The operation in hand, where there was one: what breaks a promise in two lives is parked. */
  operation?: string;
  constructor(promise: string, says: string) {
    super(`${promise}: ${says}`);
    this.promise = promise;
    this.says = says;
  }
}

/** Assertions on S1-S13 stay on in production. */
export function keep(promise: string, holds: boolean, says: string): asserts holds {
  if (!holds) throw new BrokenPromise(promise, says);
}
