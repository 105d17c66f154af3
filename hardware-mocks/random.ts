import { randomBytes } from 'node:crypto';

/**
 * Repeatable randomness of 32-bit state (mulberry32): the same seed gives the same rolls on every machine. For faults and test
 * worlds only, never for a nonce that has to be secret.
 */
export class SeededRandom {
  #state: number;
  /** Printed in a failure, given back to replay it. */
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#state = this.seed;
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  /** True in `probability` of the rolls. Rolls even when the answer is certain, so that plans stay in step. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Where a mock takes its nonces, session ids and initialisation vectors from. */
export type ByteSource = (length: number) => Uint8Array;

export const strongBytes: ByteSource = (length) => randomBytes(length);

/** A seed that nobody chose: print it, so that the run can be had again. */
export function anySeed(): number {
  return randomBytes(4).readUInt32LE(0);
}
