/**
 * A promise of the driver contract as data plus the function that puts it to the test.
 */
import type { Capability } from './bench.ts';
import { Broken } from './broken.ts';
import type { Scene } from './scene.ts';

/** What one case found. */
export interface Finding {
  readonly kept: boolean;
  /** Kept: what was seen. Broken: what the driver did instead. */
  readonly says: string;
}

export interface Case {
  /** C01 to C21; never reused for another promise. */
  readonly id: string;
  readonly title: string;
  /** What the driver promises, in a sentence. */
  readonly promise: string;
  /**
   * `never` orders nothing; `always` cannot be judged without switching and is not tried on hardware unless power is allowed;
   * `where-allowed` judges its reading half without, and says so.
   */
  readonly switches: 'never' | 'always' | 'where-allowed';
  /** Controls that the case cannot do without; of an inner list one is enough. */
  readonly needs: readonly (Capability | readonly Capability[])[];
  run(scene: Scene): Promise<Finding>;
}

/** Builds a case from a function that returns what it saw, or throws `Broken` by way of `must`. */
export function promise(
  id: string,
  title: string,
  says: string,
  how: Pick<Case, 'switches' | 'needs'>,
  show: (scene: Scene) => Promise<string>,
): Case {
  return {
    id,
    title,
    promise: says,
    ...how,
    run: async (scene) => {
      try {
        return { kept: true, says: await show(scene) };
      } catch (error) {
        if (error instanceof Broken) return { kept: false, says: error.message };
        throw error;
      }
    },
  };
}
