import type {
  Action,
  Answer,
  Assessment,
  Claim,
  OrderResult,
  Outlet,
  Override,
  PoweredOn,
  Problem,
  TimedReading,
  WantedPower,
} from '../vocabulary/index.ts';
import type { Policy } from './policy.ts';
import type { NodeSet, Roster } from './roster.ts';
import { Table } from './table.ts';

export type Phase =
  /** Evidence is being gathered before anything is switched. */
  | 'verify'
  /** The configured delay runs. */
  | 'hold'
  /** A person must approve. */
  | 'pending'
  /** Assessing once more, after a hold or because the last assessment is too old to order by. */
  | 'recheck'
  /** Orders of the current level are on their way. */
  | 'shoot'
  /** Readings are taken until every outlet of the level says what is wanted. */
  | 'confirm'
  /** A reboot: confirmed off, waiting before on. */
  | 'rest';

/** One outlet of the level in hand. */
export interface OutletRun {
  device: string;
  plug: string;
  /** Number of the last order given to this outlet; 0 where none was given yet. */
  number: number;
  orders: number;
  order?: OrderResult['result'] | 'lost';
  why?: Problem;
  /** Readings that began after the operation's last order, newest last, at most KEPT_READINGS. */
  readings: TimedReading[];
  /** It was read as wanted after its last order. If it is not any more, somebody else switches it. */
  switched?: boolean;
  /** It is a person, who was called. */
  called?: true;
  /** Consecutive unknown readings. */
  unknowns: number;
  polls: number;
  /** The order number with which a reading was asked for that has not come back; 0 where none is under way. */
  asked: number;
  /** The question that is under way was asked before the clock jumped: its answer does not count. */
  astray?: true;
}

/** What one level came to, kept for the answer. */
export interface LevelRun {
  level: number;
  wanted: WantedPower;
  result: 'confirmed' | 'not-switched' | 'unproven' | 'running';
  outlets: OutletRun[];
}

/** One fencing (or unfencing) of one target. Times are milliseconds since 1970. */
export interface Operation {
  id: string;
  target: string;
  action: Action;
  claim: Claim;
  /** The verdict with whose survivors the evidence is weighed. */
  openedBy?: string;
  epoch?: number;
  verdicts: string[];
  commands: string[];
  /** Approvals and denials that wait for its end. */
  decisions: string[];
  by: string;
  reason: string;
  origin: 'person' | 'program' | 'arbiter';
  override: Override[];
  startedAt: number;
  deadline: number;
  expiresAt?: number;
  phase: Phase;
  /** Assessments begun so far. */
  round: number;
  /** The round whose assessment verify waits for. */
  listening?: number;
  /** A person's statement that waits for its own assessment, and for what the devices of the node say. */
  attesting?: Attesting;
  /** Rounds that contradicted or were blind, in a row. */
  doubts: number;
  /** When the last good assessment ended. */
  assessedAt?: number;
  approvedBy?: string;
  /** End of the time in which a person may approve. */
  approveUntil?: number;
  /** End of the configured delay. */
  holdUntil?: number;
  /** End of the time in which a person who is the device in hand may act. */
  personUntil?: number;
  /** A reboot: when the node may be powered on again. */
  restUntil?: number;
  /** Why nothing may be ordered any more: it is read, and told. */
  over?: Problem;
  /** An earlier life left it open, and it is not resumed yet. */
  asleep?: true;
  wanted: WantedPower;
  /** Absolute end of each level's share of the deadline, by position in the walk. */
  shares: number[];
  level: number;
  /** Numbers of the orders given so far; grows by one per order. */
  orders: number;
  /** Those of them that went to devices; the others to people. */
  switching: number;
  /** Until then an order of the other direction may act on the node: readings count from here. */
  opposedUntil?: number;
  /** When the last order of the level in hand was answered, or its time was over: readings count from here. */
  orderedAt?: number;
  /** Those of the level in hand; absent where no level is begun. */
  outlets?: OutletRun[];
  levels: LevelRun[];
  /** A reboot whose off half is proven. */
  offConfirmed?: boolean;
  /** A reboot whose node was off before, or may have been, by an earlier order or a person's word: its on half switches everything on. */
  wasDark?: true;
}

/** `astray`: so many answers that are still to come were asked for before the clock jumped. */
export interface Look {
  device: string;
  plug: string;
  reading?: TimedReading;
  astray?: number;
}

export interface Attesting {
  by: string;
  reason: string;
  command: string;
  round: number;
  /** What was heard, once the assessment is there. */
  heard?: Assessment;
  /** Devices that tell the power of the machine itself, and what they said. */
  looks: Look[];
}

/** An order that may still act on a node. `until`: from then on it cannot any more, whatever became of it. */
export interface Permit {
  readonly operation: string;
  readonly number: number;
  readonly target: string;
  readonly outlet: Outlet;
  readonly wanted: WantedPower;
  readonly lateness: number;
  readonly until: number;
  /** The driver has come back with a result: nothing more leaves. */
  readonly answered?: true;
  /** So many starts have found it and counted its lateness again. */
  readonly starts?: number;
  /** When the device took it: a reading as wanted that begins after this says that it has acted. */
  readonly acceptedAt?: number;
}

export interface Ended {
  readonly id: string;
  readonly target: string;
  readonly action: Action;
  readonly epoch?: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly moment?: number;
  readonly answer: Answer;
  readonly levels: readonly LevelRun[];
}

/** A verdict that was admitted or refused in the current epoch, or lately. */
export interface KnownVerdict {
  readonly id: string;
  readonly digest: string;
  readonly epoch: number;
  readonly expiresAt?: number;
  readonly admitted: boolean;
  /** Withheld because it contradicts another one of its epoch (S11). */
  readonly contradicts?: true;
  readonly targets: readonly string[];
  readonly survivors: NodeSet;
  readonly operations: readonly string[];
  /** Until it is answered: answers of those of its operations that have ended, by operation. */
  readonly parts?: Table<Answer>;
  /** Once it is answered: for one of its operations something was done, or may have been. */
  readonly cameToMore?: true;
  /** One of those that have ended had ordered a device something. */
  readonly ordered?: true;
  readonly answer?: Answer;
  readonly answeredAt?: number;
  /** The moment of its answer. */
  readonly moment?: number;
}

/** A command, an approval or a denial that came in lately, remembered as verdicts are (S5). */
export interface KnownCommand {
  readonly id: string;
  readonly digest: string;
  readonly target: string;
  readonly answer?: Answer;
  readonly answeredAt?: number;
  readonly moment?: number;
}

export interface FencedMark {
  readonly since: number;
  readonly operation: string;
  readonly how: 'confirmed' | 'attested';
  /** The operation that has ordered the node on since: whether it came back is not proven. */
  readonly lifting?: string;
}

/** A node that was ordered off and is not shown to run since. `until`: from then on no order off so far can act any more. */
export interface DarkNode {
  readonly since: number;
  readonly operation: string;
  readonly until: number;
  /** Orders off since then, and how many of them the devices refused. */
  readonly orders: number;
  readonly refused: number;
}

/** A person was called. */
export interface Called {
  readonly at: number;
  readonly problem: Problem;
  readonly operation?: string;
  readonly target?: string;
}

export interface Shot {
  readonly target: string;
  readonly at: number;
  /** The verdicts whose other parts were counted with it. */
  readonly of?: readonly string[];
}

export type Operations = Table<Operation, 'target'>;
export type Permits = Table<Permit, 'operation' | 'target'>;

export const operationsOf = (operations: readonly Operation[]): Operations =>
  Table.grouped(
    operations.map((operation) => [operation.id, operation]),
    { target: ({ target }) => target },
  );

export const permitsOf = (permits: readonly Permit[]): Permits =>
  Table.grouped(
    permits.map((permit) => [permitKey(permit), permit]),
    { operation: ({ operation }) => operation, target: ({ target }) => target },
  );

export const permitKey = ({ operation, number }: Pick<Permit, 'operation' | 'number'>): string => `${operation} ${number}`;

export interface State {
  /** The version of the core whose decisions these are. */
  readonly core: number;
  readonly policy?: Policy;
  readonly epoch: number;
  /** Every node that was configured or let live, once. */
  readonly roster: Roster;
  readonly verdicts: Table<KnownVerdict>;
  readonly operations: Operations;
  readonly ended: readonly Ended[];
  readonly fenced: Table<FencedMark>;
  /** Nodes that were ordered off by this operation and not proven to be on since (S8). */
  readonly dark: Table<DarkNode>;
  /** The last time each node was ordered on. */
  readonly poweredOn: Table<PoweredOn & { readonly moment?: number }>;
  /** Counts ends, answers and power-ons: which of two came first, whatever the clock said. */
  readonly moment: number;
  /** Orders that may still act, oldest first. */
  readonly permits: Permits;
  readonly commands: Table<KnownCommand>;
  /** The newest calls for a person. */
  readonly calls: readonly Called[];
  /** How often something broke a promise, by the id of the operation, verdict or command. */
  readonly broken: Readonly<Record<string, number>>;
  /** When each node was shot last, for the storm limit. */
  readonly shots: Table<Shot>;
  /** Statements refused because the node is still heard: a second person may outvote the links. */
  readonly attestations: readonly { readonly target: string; readonly by: string; readonly at: number }[];
  /** Absent where no lease is in force. */
  readonly leaseUntil?: number;
}

/** What the events mean to this program. It grows when the same journal would lead to other decisions. */
export const CORE_VERSION = 5;

export const EMPTY: State = {
  core: CORE_VERSION,
  epoch: 0,
  roster: [],
  verdicts: Table.of([]),
  operations: operationsOf([]),
  ended: [],
  fenced: Table.of([]),
  dark: Table.of([]),
  poweredOn: Table.of([]),
  moment: 0,
  permits: permitsOf([]),
  commands: Table.of([]),
  calls: [],
  broken: {},
  shots: Table.of([]),
  attestations: [],
};

/** Bounds of the state, so that it cannot grow for ever. */
export const BOUNDS = {
  ended: 200,
  /** Ended operations with all their readings; of the older ones two per outlet are kept. */
  endedInFull: 10,
  /** Remembered verdicts of one epoch, and all in all where every one of them is answered; and how many targets all of them may have. */
  verdicts: 400,
  targets: 20_000,
  /** Targets of a refused verdict that are told. */
  refusedTargets: 20,
  /** Twice as many as operations: somebody may have to approve each. */
  commands: 6000,
  calls: 200,
  broken: 100,
  /** A quarter of the largest cluster. */
  operations: 3000,
  /** More than any device may be configured to need. */
  readings: 16,
  /** Commands that share one operation. */
  waiting: 100,
  ordersPerOutlet: 6,
  /** Nodes: more than a cluster may have. */
  shots: 12_000,
  attestations: 50,
} as const;
