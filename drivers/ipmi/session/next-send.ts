/** What the console waits for: an answer to a message that is sent again meanwhile, or the end of a pause. */
import type { LoginAllowance } from './login-allowance.ts';
import type { MessageKind, Pace } from './pace.ts';
import { Repetition } from './repetition.ts';
import type { Time } from './terms.ts';
import type { Trial } from './trial.ts';

const BACK_OFF_MS = 250;
const BACK_OFF_CAP_MS = 2000;
const RESTART_MS = 50;
const RESTART_CAP_MS = 1000;
/** A second copy of a login message changes things at many BMCs: so long one that may only be slow is waited for. */
export const PATIENCE_MS = 1200;
/** A third Open Session to a BMC of unknown pace, on a lossy way: it is not sent before the second one had this time. */
const THIRD_MS = 1050;
/** RAKP 1 and 3 wait so many times longer, for a second login beside the first is begun before: it leaves the first one whole. */
const RAKP_PATIENCE = 2;
const PATIENCE_GROWTH = 1.5;
const PATIENCE_CAP_MS = 4000;
/** Half a login is taken up again within this time, and given back after it: BMCs forget it after 3 s or more. */
const FRESH_MS = 2000;
/** More where the BMC is known to be slow: so many times the wait for its slowest step; but some forget it after a minute at last. */
const FRESH_STEPS = 2;
const FRESH_CAP_MS = 15_000;

/** Two logins have to be refused namelessly, and there is to be time left for an answer. */
const PARTS = 3;

export interface Way {
  /** Datagrams are seen to be lost on it, so that silence is no sign of a slow BMC. */
  readonly lossy: boolean;
  /** One more was. */
  lost(now: Time): void;
}

/** What is known of the BMC and of the way to it, by all logins of one client together. */
export interface Known {
  readonly pace: Pace;
  readonly allowance: LoginAllowance;
  readonly way: Way;
  readonly trial: Trial;
}

interface Pause {
  readonly at: Time;
  readonly next: (now: Time) => void;
}

export class NextSend {
  readonly #known: Known;
  readonly #random: () => number;
  #repetition: Repetition | undefined;
  #before: Repetition | undefined;
  #pause: Pause | undefined;
  #backOffs = 0;
  #restarts = 0;

  constructor(random: () => number, known: Known) {
    this.#random = random;
    this.#known = known;
  }

  /** A new command: earlier pauses do not count against it. */
  reset(): void {
    this.clear();
    this.#backOffs = 0;
    this.#restarts = 0;
  }

  clear(): void {
    this.#repetition = undefined;
    this.#pause = undefined;
  }

  get dueAt(): Time | undefined {
    if (this.#pause !== undefined) return this.#pause.at;
    const repetition = this.#repetition;
    if (repetition === undefined) return undefined;
    const { allowance, way, trial } = this.#known;
    if (repetition.kind === 'open' && allowance.spent) return Number.POSITIVE_INFINITY;
    if (repetition.kind === 'open' && trial.unhurried) return repetition.patientAt;
    if (repetition.kind === 'open' && repetition.sends > 1 && way.lossy && this.#known.pace.of('open').usual === undefined) {
      // Lossy, and it may be slow as well: of two that are on their way no third one is sent before a slow BMC has had its time.
      return Math.min(repetition.patientAt, Math.max(repetition.dueAt, repetition.lastSentAt + THIRD_MS));
    }
    return repetition.kind === 'session' || way.lossy ? repetition.dueAt : repetition.patientAt;
  }

  get pausing(): boolean {
    return this.#pause !== undefined;
  }

  /** Copies of the present message sent so far. */
  get sends(): number {
    return this.#repetition?.sends ?? 0;
  }

  /** The present message, where a copy of it has left; undefined before that, and in a pause. */
  get owed(): { readonly kind: MessageKind; readonly since: Time } | undefined {
    const repetition = this.#repetition;
    if (repetition === undefined || repetition.sends === 0 || this.#pause !== undefined) return undefined;
    return { kind: repetition.kind, since: repetition.firstSentAt };
  }

  /**
   * Until when a better answer to the present message may come than the one that is there. `nameless`: anybody may have said it, so that also a
   * slow BMC of which nothing is known gets its time, but no more than a third of what is left of the call.
   */
  betterUntil(now: Time, nameless: boolean, deadline: Time): Time {
    const repetition = this.#repetition;
    if (repetition === undefined) return now;
    const late = this.#known.pace.late();
    const wait = nameless ? Math.max(late, Math.min(PATIENCE_MS, (deadline - now) / PARTS)) : late;
    return Math.max(now, repetition.lastSentAt + wait);
  }

  /** Until when half a login that was heard of last at `heardAt` is worth going on with: as long as its present message may be answered. */
  freshUntil(heardAt: Time): Time {
    const { patientUntil } = this.#repetition ?? { patientUntil: heardAt };
    const known = Math.max(FRESH_MS, FRESH_STEPS * this.#known.pace.late());
    return Math.min(heardAt + FRESH_CAP_MS, Math.max(heardAt + known, patientUntil));
  }

  /** Another message is to be sent: now, unless it is an Open Session and the last one left too short a while ago. */
  start(kind: MessageKind, now: Time): void {
    this.#pause = undefined;
    const { pace, allowance } = this.#known;
    this.#repetition = new Repetition(pace.of(kind), kind, now);
    if (kind !== 'open') return;
    this.#repetition.dueAt = Math.max(now, allowance.dueAt);
    this.#repetition.patientAt = Math.max(now, allowance.patientAt);
  }

  sent(now: Time): void {
    const repetition = this.#repetition;
    if (repetition === undefined) return;
    const { pace, allowance, trial } = this.#known;
    const open = repetition.kind === 'open';
    const earlier = open ? allowance.unheard(now) : repetition.sends;
    const jitter = 0.9 + 0.2 * this.#random();
    const factor = open && !trial.confirming ? 1 : RAKP_PATIENCE;
    const patience = Math.min(PATIENCE_CAP_MS, factor * PATIENCE_MS * PATIENCE_GROWTH ** earlier);
    repetition.sent(now, jitter * pace.timeout(repetition.kind, earlier), jitter * patience);
    if (!open) return;
    allowance.begun(now, repetition.dueAt, repetition.patientAt);
    repetition.dueAt = allowance.dueAt;
    repetition.patientAt = allowance.patientAt;
  }

  /** The BMC answers; `refused`: an Open Session, and with a refusal. */
  heard(refused: boolean): void {
    this.#known.allowance.heard();
    if (refused) this.#known.allowance.notGranted();
  }

  /** The BMC answers again after a silence: what is unanswered is sent at once. */
  revive(now: Time): void {
    if (this.#repetition !== undefined) this.#repetition.dueAt = now;
  }

  answered(now: Time): void {
    if (this.#repetition?.answered(now) === true) this.#known.way.lost(now);
    this.#before = this.#repetition;
  }

  /** An Open Session was answered: the last one that left, or an earlier one. */
  opened(now: Time, last: boolean): void {
    if (this.#repetition?.answeredOne(now, last) === true) this.#known.way.lost(now);
    this.#before = undefined;
  }

  /** An answer that does not help: it tells the pace, and that the one before it may have been one to the first copy. */
  badEnd(now: Time): void {
    this.#repetition?.answered(now);
    this.surplus();
  }

  /** One more answer to what was answered before. */
  surplus(): void {
    this.#before?.surplus();
    this.#before = undefined;
  }

  /** Runs what a pause was for, if it is over. True where there was one. */
  endPause(now: Time): boolean {
    const pause = this.#pause;
    if (pause === undefined) return false;
    if (now >= pause.at) {
      this.#pause = undefined;
      pause.next(now);
    }
    return true;
  }

  /** 250 ms, 500 ms, 1 s, then every 2 s: the BMC asked for time. */
  backOff(now: Time, next: (now: Time) => void): void {
    this.#wait(now, Math.min(BACK_OFF_CAP_MS, BACK_OFF_MS * 2 ** this.#backOffs), next);
    this.#backOffs += 1;
  }

  /** 50 ms, then longer: a login that the BMC lost starts again. */
  restart(now: Time, next: (now: Time) => void): void {
    this.#wait(now, Math.min(RESTART_CAP_MS, RESTART_MS * 2 ** this.#restarts), next);
    this.#restarts += 1;
  }

  #wait(now: Time, ms: number, next: (now: Time) => void): void {
    this.#repetition = undefined;
    this.#pause = { at: now + ms * (0.9 + 0.2 * this.#random()), next };
  }
}
