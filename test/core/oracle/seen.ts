/** The things that the ledger keeps books of. */
import type { Effect } from '../../../src/core/index.ts';
import type { Answer, Command, Outlet, Verdict } from '../../../src/vocabulary/index.ts';
import type { Known } from '../proof.ts';

export type OrderEffect = Extract<Effect, { kind: 'order' }>;

/** An order that was given, and what is known of it. Times are milliseconds since 1970. */
export interface Given {
  readonly effect: OrderEffect;
  readonly target: string;
  readonly lateness: number;
  /** It was asked for until then when it was given. */
  readonly askedUntil: number;
  /** From then on nothing of it leaves: its notAfter, its result, the death of the process. */
  sentUntil: number;
  /** `over`: it has acted or never will. */
  over: boolean;
}

/** An operation as seen from outside: an id that was drawn, and what came in and went out under it. */
export interface Seen {
  readonly id: string;
  readonly target: string;
  readonly command?: Command;
  readonly commands: Command[];
  readonly verdicts: Verdict[];
  readonly outlets: Map<string, Known>;
  /** Orders to devices. */
  ordersOff: number;
  orders: number;
  /** The newest epoch that asked for it when it gave its first order. */
  orderedFor: number;
  /** Orders off that were not rejected. */
  readonly maybeOff: Set<number>;
  unanswered: Map<number, Outlet>;
  heard: { readonly startedAt: number; readonly answered: number; readonly round: number } | undefined;
  /** A crash left an order of it without an answer, and nothing was read since (S7). */
  mustRead: boolean;
  proven: boolean;
  /** A reboot that somebody wants off. */
  staysOff: boolean;
  attested: boolean;
  begun: boolean;
  ended: boolean;
  /** Whoever asked was told how it ended. */
  told: Answer | undefined;
  /** The latest moment at which it may order, by its timeout and the persons it waited for. */
  deadline: number;
  /** The clock jumped while it was open, and nobody has asked for it since. */
  stale: boolean;
  /** So many lives broke a promise over it. */
  broke: number;
  /** A person approved it, in time. */
  approved: boolean;
  approveUntil: number | undefined;
  /** It was opened to power on, by a program, what was fenced. */
  mustStayOff: boolean;
}

export interface Asked {
  readonly verdict: Verdict;
  /** It may be carried out as far as it goes by itself; `admitted` also as far as the others go. */
  readonly fits: boolean;
  readonly admitted: boolean;
  readonly operations: readonly string[];
  /** Nodes that were dark when it came. */
  readonly dark: readonly string[];
  answer?: Answer;
  answeredAt: number;
  told: boolean;
}

export interface AskedCommand {
  readonly content: string;
  readonly operation: string;
  readonly target: string;
  readonly action: Command['action'] | 'decision';
  answer?: Answer;
  answeredAt: number;
  told: boolean;
}

export const fresh = (id: string, target: string, deadline: number): Seen => ({
  id,
  target,
  commands: [],
  verdicts: [],
  outlets: new Map(),
  ordersOff: 0,
  orders: 0,
  orderedFor: 0,
  maybeOff: new Set(),
  unanswered: new Map(),
  heard: undefined,
  mustRead: false,
  proven: false,
  staysOff: false,
  attested: false,
  begun: false,
  ended: false,
  told: undefined,
  deadline,
  stale: false,
  broke: 0,
  approved: false,
  approveUntil: undefined,
  mustStayOff: false,
});
