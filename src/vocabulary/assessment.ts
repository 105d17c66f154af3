/**
 * What one probe saw. A probe can prove life, never death: `silent` is input to a decision, not evidence of off. `unable` means that the
 * probe itself could not be made (no route, no permission, not configured) and says nothing either way.
 */
export type Heard = 'heard' | 'silent' | 'unable';

export type Observation =
  | {
      readonly probe: 'reference-ip';
      /** Who asked: `self`, or the node whose sentinel reports it. */
      readonly by: string;
      readonly address: string;
      readonly answer: Heard;
      readonly says?: string;
      readonly tookMs: number;
    }
  | {
      readonly probe: 'link';
      /** Who listened: `self`, or the node whose sentinel reports it. */
      readonly by: string;
      readonly of: string;
      readonly link: string;
      readonly answer: Heard;
      readonly says?: string;
      readonly tookMs: number;
    };

/** All observations of one round, weighed together by core/verify. Times in milliseconds since the epoch. */
export interface Assessment {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly observations: readonly Observation[];
}
