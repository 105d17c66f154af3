/** One simulated life of a cluster and its coordinator, from one seed: storms of verdicts, broken devices, crashes, and a world that heals. */
import { SeededRandom } from '../../hardware-mocks/random.ts';
import { describeEvent, type Event, type Policy, type Step } from '../../src/core/index.ts';
import { Loop } from '../../src/coordinator/loop.ts';
import type { DevicePool, Clock, Entry, Probes, Store } from '../../src/coordinator/ports.ts';
import { MemoryDisk } from '../../src/store/memory.ts';
import type { Answer, Observation } from '../../src/vocabulary/index.ts';
import { WorldClock } from './clock.ts';
import { Rack } from './rack.ts';
import { Senders } from './senders.ts';

const START = Date.UTC(2026, 0, 5, 8, 0, 0);
/** How long things go wrong, and how long there is to come to an end after that. */
const TROUBLE = 90_000;
const AFTERWARDS = 600_000;
const FULL = { code: 'journal-unwritable', says: 'no space left on device', next: 'Free the disk.' };

export interface Told {
  readonly to: string;
  readonly answer: Answer;
  readonly at: number;
  /** Nothing is told later that differs. */
  readonly final: boolean;
}

export class Life {
  readonly log: string[] = [];
  readonly told: Told[] = [];
  /** What is false, found while living. */
  readonly wrong: string[] = [];
  readonly disk = new MemoryDisk();
  readonly policy: Policy;
  readonly rack: Rack;
  readonly senders: Senders;
  readonly clock = new WorldClock(START);
  loop: Loop | undefined;
  readonly #random: SeededRandom;
  readonly #calm: boolean;
  #process = 0;
  #starting = false;
  #drawn = 0;
  #blindUntil = 0;
  #diesAtAppend = -1;
  #diesAtEffect = -1;
  #healed = false;
  /** What the clock of the coordinator is ahead of the world's, and how much of that it has not noticed yet. */
  #ahead = 0;
  #jumped = 0;
  /** Last words that nobody will remember are being told. */
  #lost = false;
  /** When the last order off of each operation went out, as told by the core. */
  readonly #ordersOff = new Map<string, number>();

  constructor(seed: number, calm = false) {
    this.#random = new SeededRandom(seed);
    this.#calm = calm;
    const names = ['db1', 'db2', 'db3', 'db4', 'db5'].slice(0, calm ? 5 : 2 + this.#random.below(4));
    this.rack = new Rack({ clock: this.clock, random: this.#random, names, calm, say: (line) => this.#say(line) });
    this.senders = new Senders({
      random: this.#random,
      nodes: names,
      loop: () => this.loop,
      lit: (node) => this.rack.boxes.get(node)?.machine.lamp === true,
      now: () => this.#now(),
    });
    this.policy = {
      cluster: 'orders',
      self: { id: 'witness-1' },
      nodes: this.rack.nodes(),
      arbiters: { 'arb-1': {} },
      verify: { need: 1, within: 1000, listenAgain: this.#random.chance(0.5) ? 500 : 0, validFor: 15_000 },
      mode: !calm && this.#random.chance(0.15) ? 'approval' : 'automatic',
      delay: this.#random.chance(0.2) ? 1000 : 0,
      timeout: 30_000,
      answerWithin: 3000,
      poll: 1000,
      approvalWindow: 20_000,
      storm: { targets: calm ? 9 : 1 + this.#random.below(3), within: 30_000 },
      allowBiasedArbiter: false,
      tieBreaker: 'reference-ips',
      offTime: 2000,
      onTimeout: 20_000,
      graceAfterCrash: 5000,
    };
  }

  async live(): Promise<void> {
    await this.#boot();
    if (this.#calm) this.#planCalm();
    else this.#planTrouble();
    await this.#until(START + TROUBLE, () => false);
    this.#say('the world heals');
    this.rack.heal();
    this.#healed = true;
    this.disk.failure = undefined;
    this.disk.reserveFailure = undefined;
    this.#blindUntil = 0;
    this.#diesAtAppend = -1;
    this.#diesAtEffect = -1;
    if (this.loop === undefined) await this.#boot();
    this.senders.askAgain(this.#final());
    await this.#until(this.clock.now() + AFTERWARDS, () => this.waiting().length === 0 && this.#quiet());
    await this.#until(this.clock.now() + 2000, () => false);
  }

  async history(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const entry of this.disk.open().history()) entries.push(entry);
    return entries;
  }

  /** Who has no final answer. */
  waiting(): readonly string[] {
    const final = this.#final();
    return this.senders.all.filter((to) => !final.has(to));
  }

  #final(): ReadonlySet<string> {
    return new Set(this.told.flatMap(({ to, final }) => (final ? [to] : [])));
  }

  #now(): number {
    return this.clock.now() + this.#ahead;
  }

  #quiet(): boolean {
    return this.loop !== undefined && this.loop.state.operations.size === 0;
  }

  #say(line: string): void {
    this.log.push(`${this.clock.now() - START} ${line}`);
  }

  async #until(end: number, enough: () => boolean): Promise<void> {
    for (;;) {
      await settled();
      if (enough() || !this.clock.jump(end)) return;
    }
  }

  #planTrouble(): void {
    const at = (ms: number, run: () => void): void => void this.clock.after(ms, run);
    const random = this.#random;
    const times = (most: number, run: () => void): void => {
      for (let left = random.below(most + 1); left > 0; left -= 1) at(random.below(TROUBLE), run);
    };
    const { senders } = this;
    at(random.below(2000), () => senders.verdict());
    times(6, () => senders.verdict());
    times(3, () => senders.again());
    times(3, () => senders.contradict());
    times(3, () => senders.command());
    times(this.policy.mode === 'approval' ? 6 : 1, () => senders.decide());
    times(3, () => this.rack.hand(senders.node(), random.chance(0.7) ? 'on' : 'off'));
    times(2, () => (this.#blindUntil = this.clock.now() + random.below(10_000)));
    times(2, () => this.#full(random.below(8000)));
    times(3, () => this.#crash(random.below(random.chance(0.2) ? 40_000 : 5000)));
    times(2, () => (this.#diesAtAppend = random.below(3)));
    times(3, () => (this.#diesAtEffect = random.below(5)));
    if (random.chance(0.2)) times(2, () => this.#jump([1500, 30_000, -5000][random.below(3)] ?? 1500));
    for (const manners of this.rack.manners.values()) times(1, () => (manners.muteUntil = this.clock.now() + random.below(20_000)));
    times(10, () => this.#glance());
    for (let again = 10_000; again < TROUBLE; again += 10_000) at(again, () => senders.askAgain(this.#final()));
  }

  /** Somebody looks at a device beside all operations; it is still asked one thing at a time. */
  #glance(): void {
    const node = this.senders.node();
    const outlet = this.#random.chance(0.5) ? { device: `bmc-${node}`, plug: '' } : { device: 'pdu-a', plug: node };
    void this.loop?.devices.status(outlet, this.#random.chance(0.5) ? 200 : 5000);
  }

  /** Two honest verdicts, one after the other, and devices that work. */
  #planCalm(): void {
    this.senders.verdict('misbehaving');
    this.clock.after(40_000, () => this.senders.verdict('misbehaving'));
  }

  /** The machine slept, or somebody set its clock. */
  #jump(ms: number): void {
    this.#say(`the clock jumps by ${ms}`);
    this.#ahead += ms;
    this.#jumped += ms;
  }

  #full(ms: number): void {
    this.#say('the disk is full');
    this.disk.failure = FULL;
    this.disk.reserveFailure = this.#random.chance(0.3) ? FULL : undefined;
    this.clock.after(ms, () => {
      this.disk.failure = undefined;
      this.disk.reserveFailure = undefined;
    });
  }

  #crash(pause: number): void {
    if (this.loop === undefined && !this.#starting) return;
    this.#say('the process dies');
    this.#process += 1;
    void this.loop?.close();
    this.loop = undefined;
    this.#starting = false;
    this.clock.after(pause, () => void this.#boot());
  }

  #draw(): string {
    this.#drawn += 1;
    return `op${String(this.#drawn).padStart(4, '0')}`;
  }

  async #boot(): Promise<void> {
    if (this.loop !== undefined || this.#starting) return;
    this.#starting = true;
    this.#process += 1;
    const mine = this.#process;
    const alive = (): boolean => mine === this.#process;
    const hold = !this.#healed && this.#random.chance(0.2);
    this.#jumped = 0;
    const { loop } = await Loop.start(
      {
        clock: this.#processClock(),
        random: {
          id: () => this.#draw(),
          fraction: () => this.#random.fraction(),
          bytes: (n) => this.#random.bytes(n),
        },
        store: this.#store(alive),
        probes: this.#probes(alive),
        pool: this.#pool(alive),
        replies: {
          answer: (to, answer) => {
            if (!this.#stillAlive(alive)) return;
            this.told.push({ to: `${to.kind} ${to.id}`, answer, at: this.clock.now(), final: this.#isFinal(answer) });
          },
        },
        notify: { callHuman: () => undefined },
      },
      this.policy,
      { watch: (event, after) => this.#watch(event, after), snapshotEvery: 20, hold },
    );
    loop.broken.catch((error: unknown) => {
      if (alive()) this.wrong.push(`the process stops: ${String(error)}`);
    });
    if (!alive()) return void loop.close();
    this.#starting = false;
    this.loop = loop;
    if (hold) this.clock.after(this.#random.below(5000), () => alive() && loop.resume(loop.state.operations.keys()));
  }

  /** What could not be recorded is no last word: it may be sent again. Nor are last words that the next life does not know. */
  #isFinal(answer: Answer): boolean {
    return answer.problem?.code !== 'journal-unwritable' || (answer.operations.length > 0 && !this.#lost);
  }

  /** It may die right before it does one of the things that it has written down. */
  #stillAlive(alive: () => boolean): boolean {
    if (!alive()) return false;
    if (this.#diesAtEffect < 0) return true;
    this.#diesAtEffect -= 1;
    if (this.#diesAtEffect >= 0) return true;
    this.#crash(this.#random.below(3000));
    return false;
  }

  #processClock(): Clock {
    return {
      now: () => this.#now(),
      after: (ms, run) => this.clock.after(ms, run),
      jumped: () => {
        const by = this.#jumped;
        this.#jumped = 0;
        return by;
      },
    };
  }

  #pool(alive: () => boolean): DevicePool {
    const { rack } = this;
    const ahead = (notAfter: number | undefined): { readonly notAfter?: number } =>
      notAfter === undefined ? {} : { notAfter: notAfter - this.#ahead };
    return {
      order: (outlet, wanted, within) =>
        this.#stillAlive(alive) ? rack.order(outlet, wanted, { ...within, ...ahead(within.notAfter) }) : never(),
      read: (outlet, within) => (this.#stillAlive(alive) ? rack.read(outlet, within) : never()),
      health: (device, within) => (this.#stillAlive(alive) ? rack.health(device, within) : never()),
      list: (device, within) => (this.#stillAlive(alive) ? rack.list(device, within) : never()),
      close: () => rack.close(),
    };
  }

  /** The disk of one process; it may die right after a write, before it has done what it wrote. */
  #store(alive: () => boolean): Store {
    const store = this.disk.open();
    return {
      ...store,
      reserve: (at, event) => (alive() ? (store.reserve?.(at, event) ?? never()) : never()),
      append: async (at, event) => {
        // A dead process writes nothing, and learns nothing of it.
        if (!alive()) return never();
        const problem = await store.append(at, event);
        if (alive() && this.#diesAtAppend >= 0) {
          this.#diesAtAppend -= 1;
          if (this.#diesAtAppend < 0) this.#crash(this.#random.below(3000));
        }
        return problem;
      },
    };
  }

  #probes(alive: () => boolean): Probes {
    return {
      assess: (question, within) =>
        new Promise((resolve) => {
          if (!this.#stillAlive(alive)) return;
          const startedAt = this.#now();
          this.clock.after(this.#random.below(Math.min(200, within.ms)), () => {
            const endedAt = Math.max(startedAt, this.#now());
            const blind = this.#blindUntil > this.clock.now();
            const lit = this.rack.boxes.get(question.target)?.machine.lamp === true;
            const observations: Observation[] = [
              { probe: 'reference-ip', by: 'self', address: '192.0.2.1', answer: blind ? 'silent' : 'heard', tookMs: 1 },
              { probe: 'link', by: 'self', of: question.target, link: 'lan', answer: lit && !blind ? 'heard' : 'silent', tookMs: 1 },
            ];
            resolve({ startedAt, endedAt, observations });
          });
        }),
    };
  }

  #watch(event: Event, after: Step): void {
    this.#say(describeEvent(event));
    this.#lost = event.kind === 'journal-failed' && event.lost === true;
    for (const effect of after.effects)
      if (effect.kind === 'order' && effect.wanted === 'off') this.#ordersOff.set(effect.operation, this.clock.now());
    if (event.kind !== 'read') return;
    for (const [node, mark] of after.state.fenced.entries())
      if (mark.how === 'confirmed' && mark.since === event.at && mark.operation === event.operation) this.#judge(node, mark.operation);
  }

  /** Told "confirmed off": is it dark, and was it dark ever since it was proven? Unless somebody else switched it on meanwhile. */
  #judge(node: string, operation: string): void {
    const box = this.rack.boxes.get(node);
    const since = this.#ordersOff.get(operation) ?? Number.POSITIVE_INFINITY;
    if (box === undefined || box.outside.some((at) => at >= since)) return;
    if (box.machine.lamp) this.wrong.push(`${node} is confirmed off by ${operation} and its lamp is lit`);
  }
}

/** Whoever asked is dead. */
const never = <T>(): Promise<T> => new Promise(() => undefined);

/** All that the last timer set off has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
