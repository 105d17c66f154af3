/** Thrown inside a case where the promise is seen broken; never leaves `run`. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function must(holds: boolean, says: string): asserts holds {
  if (!holds) throw new Broken(says);
}
