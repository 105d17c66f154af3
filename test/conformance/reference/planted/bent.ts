import { type ReferenceDriver, referenceModule } from '../driver.ts';

type Bent = typeof ReferenceDriver;

/** Honest but for one thing. */
export interface Planted {
  readonly breaks: string;
  readonly says: string;
  readonly module: ReturnType<typeof referenceModule>;
  /** Cases that see the same bug from their side, besides the one it was planted for. */
  readonly also: readonly string[];
}

export const bent = (breaks: string, says: string, also: readonly string[], Driver: Bent): Planted => ({
  breaks,
  says,
  also,
  module: referenceModule((settings, tools) => new Driver(settings, tools)),
});

export const NEXT = { next: 'read the state again' } as const;
