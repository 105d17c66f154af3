/**
 * Whether the way to the BMC loses datagrams, or the BMC is only slow. While a login owes an answer, a question is asked beside it that takes
 * no slot and changes nothing (Get Channel Authentication Capabilities, IPMI 2.0, section 22.13). One of them that stays unanswered while a
 * later one is answered was lost; so may the login's be, and it is worth another copy. Where they all come back, it is not.
 * Nothing here is authenticated: the worst that a forged answer does is a copy more, of which each call has few.
 */
import { COMMAND, decodeLan15, decodeResponse, encodeAuthCapabilitiesRequest, encodeRequest, encodeSessionless15 } from '../codec/index.ts';
import type { Time } from './terms.ts';
import type { Way } from './next-send.ts';

/** The request names the privilege that it is about; every BMC has this one. */
const USER_PRIVILEGE = 2;
/** While nobody has ever answered, three and then ever fewer: a BMC that is slow has one thing after the other to do, and the login waits behind them. */
const UNANSWERED_MS = [120, 240, 1000, 1000, 2000, 4000] as const;
/** A quick BMC that answers no more. */
const QUIET_MS = 1000;
/** An answer that took so long says that the BMC is slow, and two of them are all that was to be learned: after that it is hardly asked any more. */
const SLOW_MS = 200;
const SLOW_ENOUGH = 2;
const SLOW_GAP_MS = 4000;
const SLOW_GAP_ROUND_TRIPS = 4;
/** Once one was answered the next ones follow soon, so many in a round trip at most, and ever later. */
const ANSWERED_MS = 15;
const AT_ONCE = 4;
const ANSWERED_GROWTH = 1.1;
const ANSWERED_CAP_MS = 500;
/** Where the way is known to lose datagrams, nothing more is to be learned but whether somebody is there. */
const KNOWN_LOSSY_MS = 1000;
/** Lost: not here after one and a half round trips of a later one and this; the longest so far, where something that seemed lost was only late. */
const LOST_MS = 20;
/** How long a way that has lost something is taken to lose more. */
const LOSSY_MS = 60_000;
/** So many in vain, then an answer: the BMC was away. */
const AWAY = 5;
const MOST_IN_VAIN = 8;
const MOST_ASKED = 16;
/** An answer that took longer tells nothing of the pace: the BMC was away, or somebody made it up. */
const OLDEST_MS = 4000;

interface Asked {
  readonly rqSeq: number;
  readonly at: Time;
}

export class LossProbe implements Way {
  #rqSeq: number;
  #asked: readonly Asked[] = [];
  /** What was taken for lost: where one of them is answered all the same, it was only late. */
  #missing: readonly Asked[] = [];
  #roundTrip: number | undefined;
  #longest = 0;
  #wasLate = false;
  /** Slow answers, up to as many as are enough. */
  #slow = 0;
  /** Asked since the last answer, */
  #inVain = 0;
  /** and in this call. */
  #questions = 0;
  #earliest: Time = Number.NEGATIVE_INFINITY;
  #lossyUntil: Time | undefined;

  /** `first`: a number that nobody can guess well. */
  constructor(first: number) {
    this.#rqSeq = first % 64;
  }

  /** Datagrams are lost on the way: seen within the last minute. */
  get lossy(): boolean {
    return this.#lossyUntil !== undefined;
  }

  /** A new call begins: it may ask at once. */
  begin(now: Time): void {
    this.#questions = 0;
    // Of a BMC that was slow one question tells whether it still is.
    this.#slow = Math.min(this.#slow, SLOW_ENOUGH - 1);
    this.#earliest = Math.min(this.#earliest, now);
    if (now > (this.#lossyUntil ?? now)) this.#lossyUntil = undefined;
  }

  lost(now: Time): void {
    this.#lossyUntil = now + LOSSY_MS;
  }

  /** When the next question may leave. */
  get earliest(): Time {
    return this.#earliest;
  }

  /** The next question. */
  ask(now: Time): Uint8Array {
    this.#rqSeq = (this.#rqSeq + 1) % 64;
    const others = this.#asked.filter(({ rqSeq }) => rqSeq !== this.#rqSeq);
    this.#asked = [...others, { rqSeq: this.#rqSeq, at: now }].slice(-MOST_ASKED);
    this.#earliest = now + this.#gap;
    this.#questions += 1;
    this.#inVain = Math.min(MOST_IN_VAIN, this.#inVain + 1);
    const { netFn, cmd } = COMMAND.getChannelAuthCapabilities;
    return encodeSessionless15(encodeRequest({ netFn, cmd, data: encodeAuthCapabilitiesRequest(USER_PRIVILEGE), rqSeq: this.#rqSeq }));
  }

  /** Its round trip, and whether it is the first after a long silence; undefined for whatever else arrives. */
  receive(datagram: Uint8Array, now: Time): { readonly ms: number; readonly back: boolean } | undefined {
    const packet = decodeLan15(datagram);
    const response = packet.ok && packet.value.sessionId === 0 ? decodeResponse(packet.value.message) : undefined;
    if (response?.ok !== true) return undefined;
    const { netFn, cmd, rqSeq } = response.value;
    const { getChannelAuthCapabilities: question } = COMMAND;
    const late = this.#missing.find((each) => each.rqSeq === rqSeq);
    const asked = this.#asked.find((each) => each.rqSeq === rqSeq) ?? late;
    if (netFn !== (question.netFn | 1) || cmd !== question.cmd || asked === undefined) return undefined;
    const ms = Math.min(OLDEST_MS, now - asked.at);
    this.#longest = Math.max(this.#longest, ms);
    if (late === undefined) this.#miss(asked, ms, now);
    else {
      this.#wasLate = true;
      this.#missing = [];
      this.#lossyUntil = undefined;
    }
    const back = this.#inVain > AWAY;
    this.#slow = ms < SLOW_MS ? 0 : Math.min(SLOW_ENOUGH, this.#slow + 1);
    this.#roundTrip = ms;
    this.#inVain = 0;
    this.#earliest = this.#isSlow ? now + this.#gap : Math.min(this.#earliest, now + this.#gap);
    return { ms, back };
  }

  /** This one was answered: what was asked before it and is long overdue was lost. */
  #miss(asked: Asked, ms: number, now: Time): void {
    const most = this.#wasLate ? this.#longest : ms;
    const lost = this.#asked.filter(({ at }) => at < asked.at && now - at >= 1.5 * most + LOST_MS);
    this.#asked = this.#asked.filter((each) => each !== asked && !lost.includes(each));
    if (lost.length === 0) return;
    this.#missing = [...this.#missing.filter(({ rqSeq }) => rqSeq !== asked.rqSeq), ...lost].slice(-MOST_ASKED);
    this.lost(now);
  }

  /** What was asked from a port that is closed now will not be answered. */
  forget(): void {
    this.#asked = [];
    this.#missing = [];
  }

  get #isSlow(): boolean {
    return this.#slow >= SLOW_ENOUGH;
  }

  get #gap(): number {
    const roundTrip = this.#roundTrip;
    if (this.#isSlow) return Math.max(SLOW_GAP_MS, SLOW_GAP_ROUND_TRIPS * this.#longest);
    if (roundTrip === undefined) return UNANSWERED_MS[Math.min(UNANSWERED_MS.length - 1, this.#inVain)] ?? 0;
    if (this.lossy) return KNOWN_LOSSY_MS;
    if (this.#inVain > AT_ONCE) return QUIET_MS;
    return Math.min(ANSWERED_CAP_MS, Math.max(ANSWERED_MS, roundTrip / AT_ONCE) * ANSWERED_GROWTH ** this.#questions);
  }
}
