/** What decides in a walk: the same seed gives the same rolls. */
export interface Rolls {
  /** A whole number in [0, below). */
  below(below: number): number;
  chance(probability: number): boolean;
}

export const pick = <T>(rolls: Rolls, from: readonly [T, ...T[]]): T => from[rolls.below(from.length)] ?? from[0];
