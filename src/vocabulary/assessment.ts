/**
 * What one probe saw. A probe can prove life, never death: `silent` is input to a decision, not evidence of off. `unable` means that the
 * probe itself could not be made (no route, no permission, not configured) and says nothing either way.
 */
export type Heard = 'heard' | 'silent' | 'unable';

/**
 * What an answer is worth. `full`: whoever was asked answered itself (an ICMP echo, a service that accepts). `weak`: something on the way
 * answered for it (a refused connection): it may say that our own path reaches somebody, never that a node lives. Absent: full.
 */
export type Grade = 'full' | 'weak';

export type Observation =
  | {
      readonly probe: 'reference-ip';
      /** Who asked: `self`, or the node whose sentinel reports it. */
      readonly by: string;
      readonly address: string;
      readonly answer: Heard;
      readonly grade?: Grade;
      /** By what it was asked: `icmp`, `ping`, `tcp 443`. */
      readonly via?: string;
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
      readonly grade?: Grade;
      /** By what it was asked: `tcp`, the heartbeat of a sentinel. */
      readonly via?: string;
      readonly says?: string;
      readonly tookMs: number;
    };

/** All observations of one round, weighed together by core/verify. Times in milliseconds since the epoch. */
export interface Assessment {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly observations: readonly Observation[];
}
