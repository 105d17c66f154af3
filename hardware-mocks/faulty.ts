/**
 * The engine of fault plans: one per mock device. A shell asks it on the way of the bytes (`arriving`, `leaving`) and of the meaning (`ordered`,
 * `reading`, `login` ...). Without faults every answer is "carry on". Memory is bounded whatever arrives.
 */
import type { MockClock } from './clock.ts';
import { SeededRandom } from './random.ts';
import { type Fault, type FaultKind, type FaultPlan, NO_FAULTS } from './faults.ts';
import type { Wanted } from './relay.ts';

/** Bytes and how long they take from here. */
export interface Delivery {
  readonly bytes: Uint8Array;
  readonly afterMs: number;
}

/** What becomes of an order that the device has accepted. */
export interface OrderFate {
  /** False: nothing moves. */
  readonly act: boolean;
  /** Add this to the plug's place: 0 is the right one. */
  readonly plugOffset: number;
  /** When set, the shell undoes the order after this many milliseconds. */
  readonly undoAfterMs?: number;
}

export type SaidPower = 'on' | 'off' | 'transitional';

export type LoginFate = 'allowed' | 'locked-out' | 'exhausted';

type Of<Kind extends FaultKind> = Extract<Fault, { readonly kind: Kind }>;

/** Older answers kept for `replay`. */
const REMEMBERED_ANSWERS = 8;
const REMEMBERED_BYTES = 2048;
/** Last orders kept for `echo`, by plug. */
const REMEMBERED_PLUGS = 512;

export class Faulty {
  readonly #clock: MockClock;
  readonly #answers: Uint8Array[] = [];
  readonly #lastOrder = new Map<string, Wanted>();
  readonly #rebooted: Array<() => void> = [];
  #plan: FaultPlan = NO_FAULTS;
  #random = new SeededRandom(0);
  #appliedAt = 0;
  #silentUntil = Number.NEGATIVE_INFINITY;
  #shutOutUntil = Number.NEGATIVE_INFINITY;
  #badPasswords = 0;
  #busyLeft = 0;
  #readings = 0;
  #cancelReboot: (() => void) | undefined;

  constructor(clock: MockClock, plan: FaultPlan = NO_FAULTS) {
    this.#clock = clock;
    this.apply(plan);
  }

  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Takes the place of the plan before; counters start again. */
  apply(plan: FaultPlan): void {
    this.#cancelReboot?.();
    this.#cancelReboot = undefined;
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed);
    this.#appliedAt = this.#clock.now();
    this.#badPasswords = 0;
    this.#shutOutUntil = Number.NEGATIVE_INFINITY;
    this.#silentUntil = Number.NEGATIVE_INFINITY;
    this.#readings = 0;
    this.#busyLeft = plan.faults.reduce((sum, fault) => sum + (fault.kind === 'busy' ? fault.times : 0), 0);
    for (const fault of plan.faults) {
      if (fault.kind !== 'reboot' || fault.on === 'order') continue;
      if ((fault.fromMs ?? 0) <= 0) this.reboot(fault.ms);
      else this.#cancelReboot = this.#clock.after(fault.fromMs ?? 0, () => this.reboot(fault.ms));
    }
  }

  clear(): void {
    this.apply(NO_FAULTS);
  }

  /** The device starts again now: silent for `ms`; whoever listens forgets its sessions. */
  reboot(ms: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, this.#clock.now() + ms);
    this.#answers.length = 0;
    for (const forget of this.#rebooted) forget();
  }

  onReboot(forget: () => void): void {
    this.#rebooted.push(forget);
  }

  /** Neither hears nor speaks: it is starting again. */
  get silent(): boolean {
    return this.#clock.now() < this.#silentUntil;
  }

  get diesWithMachine(): boolean {
    return this.#find('die-with-machine') !== undefined;
  }

  /** What of a datagram gets in: nothing, it, or it twice. */
  arriving(bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#plan.faults.length === 0 && !this.silent) return [bytes];
    if (this.silent || this.#muted('in')) return [];
    const loss = this.#find('loss');
    if (loss !== undefined && this.#random.chance(loss.in ?? 0)) return [];
    const twice = this.#strikes('duplicate', (fault) => fault.direction === 'in') !== undefined;
    return twice ? [bytes, bytes] : [bytes];
  }

  /** What becomes of an answer on its way out, with delays. */
  leaving(answer: Uint8Array): readonly Delivery[] {
    if (this.#plan.faults.length === 0 && !this.silent) return [{ bytes: answer, afterMs: 0 }];
    if (this.silent || this.#muted('out')) return [];
    const loss = this.#find('loss');
    if (loss !== undefined && this.#random.chance(loss.out ?? 0)) return [];
    const sent = this.#withReplay(this.#spoil(answer));
    const twice = this.#strikes('duplicate', (fault) => fault.direction !== 'in') !== undefined;
    const delay = this.#find('delay');
    return (twice ? [...sent, ...sent] : sent).map((bytes) => ({
      bytes,
      afterMs: delay === undefined ? 0 : delay.ms + this.#random.fraction() * (delay.jitterMs ?? 0),
    }));
  }

  /** Should the next answer carry a wrong session or request id? */
  wrongSession(): boolean {
    return this.#strikes('wrong-session') !== undefined;
  }

  /** How far the plug named in an answer is off: 0 is the right one. */
  answerPlugOffset(): number {
    const fault = this.#find('wrong-plug-answer');
    return fault === undefined ? 0 : (fault.offset ?? 1);
  }

  /** A shell accepted an order. `plug` is '' on devices with one outlet. */
  ordered(plug: string, wanted: Wanted): OrderFate {
    if (this.#lastOrder.size < REMEMBERED_PLUGS || this.#lastOrder.has(plug)) this.#lastOrder.set(plug, wanted);
    const wrong = this.#find('wrong-plug');
    const bounce = this.#find('bounce');
    const reboot = this.#plan.faults.find(
      (fault): fault is Of<'reboot'> => fault.kind === 'reboot' && fault.on === 'order' && this.#active(fault),
    );
    if (reboot !== undefined) this.#cancelReboot = this.#clock.after(0, () => this.reboot(reboot.ms));
    return {
      act: this.#find('ignore-orders') === undefined,
      plugOffset: wrong === undefined ? 0 : (wrong.offset ?? 1),
      ...(bounce === undefined ? {} : { undoAfterMs: bounce.afterMs ?? 1000 }),
    };
  }

  /** What a reading says of a plug whose relay (or lamp) is `truth`. */
  reading(plug: string, truth: Wanted): SaidPower {
    this.#readings += 1;
    const lie = this.#find('lie');
    if (lie !== undefined) return lie.says;
    if (this.#find('transitional') !== undefined) return 'transitional';
    const once = this.#find('off-once');
    if (once !== undefined && this.#readings % Math.max(1, once.every ?? 3) === 2 % Math.max(1, once.every ?? 3)) return 'off';
    return this.#find('echo') === undefined ? truth : (this.#lastOrder.get(plug) ?? truth);
  }

  /** May somebody log in now? Ask before looking at the password. */
  login(): LoginFate {
    if (this.#clock.now() < this.#shutOutUntil) return 'locked-out';
    return this.#find('sessions-exhausted') === undefined ? 'allowed' : 'exhausted';
  }

  badPassword(): void {
    const fault = this.#find('lock-out');
    if (fault === undefined) return;
    this.#badPasswords += 1;
    if (this.#badPasswords < fault.after) return;
    this.#badPasswords = 0;
    this.#shutOutUntil = this.#clock.now() + (fault.ms ?? 60_000);
  }

  /** True for the next `times` requests of a `busy` fault. */
  busy(): boolean {
    if (this.#busyLeft === 0 || this.#find('busy') === undefined) return false;
    this.#busyLeft -= 1;
    return true;
  }

  #active(fault: Fault): boolean {
    const age = this.#clock.now() - this.#appliedAt;
    const from = fault.fromMs ?? 0;
    return age >= from && (fault.forMs === undefined || age < from + fault.forMs);
  }

  #find<Kind extends FaultKind>(kind: Kind): Of<Kind> | undefined {
    for (const fault of this.#plan.faults) if (fault.kind === kind && this.#active(fault)) return fault as Of<Kind>;
    return undefined;
  }

  /** The first active fault of this kind that the random numbers call for. */
  #strikes<Kind extends 'duplicate' | 'replay' | 'truncate' | 'garbage' | 'oversized' | 'wrong-session'>(
    kind: Kind,
    fits: (fault: Of<Kind>) => boolean = () => true,
  ): Of<Kind> | undefined {
    for (const fault of this.#plan.faults) {
      if (fault.kind !== kind || !this.#active(fault) || !fits(fault as Of<Kind>)) continue;
      if (this.#random.chance(fault.probability ?? 1)) return fault as Of<Kind>;
    }
    return undefined;
  }

  #muted(direction: 'in' | 'out'): boolean {
    return this.#plan.faults.some(
      (fault) => fault.kind === 'mute' && this.#active(fault) && (fault.direction ?? 'both') !== (direction === 'in' ? 'out' : 'in'),
    );
  }

  #spoil(answer: Uint8Array): Uint8Array {
    if (this.#strikes('garbage') !== undefined) return this.#random.bytes(1 + this.#random.below(Math.max(1, answer.length * 2)));
    const cut = this.#strikes('truncate');
    if (cut !== undefined) return answer.subarray(0, Math.min(cut.keep ?? this.#random.below(answer.length + 1), answer.length));
    const tail = this.#strikes('oversized');
    if (tail === undefined) return answer;
    const long = new Uint8Array(Math.min(answer.length + (tail.bytes ?? 1200), 65_000));
    long.set(answer);
    long.set(this.#random.bytes(long.length - answer.length), answer.length);
    return long;
  }

  #withReplay(answer: Uint8Array): readonly Uint8Array[] {
    const replay = this.#strikes('replay');
    const older = replay === undefined || this.#answers.length === 0 ? undefined : this.#answers[this.#random.below(this.#answers.length)];
    if (answer.length <= REMEMBERED_BYTES && this.#plan.faults.some((fault) => fault.kind === 'replay')) {
      this.#answers.push(answer.slice());
      if (this.#answers.length > REMEMBERED_ANSWERS) this.#answers.shift();
    }
    if (older === undefined) return [answer];
    return replay?.place === 'instead' ? [older] : [older, answer];
  }
}
