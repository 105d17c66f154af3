/** One simulated life of a cluster and its coordinator, from one seed: storms of verdicts, broken devices, crashes, and a world that heals. */
import { SeededDice } from '../../hardware-mocks/dice.ts';
import { describeEvent, type Event, type Policy, type Step } from '../../src/core/index.ts';
import { Loop } from '../../src/coordinator/loop.ts';
import type { Entry, Probes, Store } from '../../src/coordinator/ports.ts';
import { MemoryDisk } from '../../src/store/memory.ts';
import type { Answer, Command, Observation, Verdict } from '../../src/vocabulary/index.ts';
import { WorldClock } from './clock.ts';
import { Rack } from './rack.ts';

const START = Date.UTC(2026, 0, 5, 8, 0, 0);
/** How long things go wrong, and how long there is to come to an end after that. */
const TROUBLE = 90_000;
const AFTERWARDS = 600_000;
const FULL = { code: 'journal-unwritable', says: 'no space left on device', next: 'Free the disk.' };

export interface Told {
  readonly to: string;
  readonly answer: Answer;
  readonly at: number;
  /** Told when nothing went wrong any more. */
  readonly healed: boolean;
}

export class Life {
  readonly log: string[] = [];
  readonly told: Told[] = [];
  /** What is false, found while living. */
  readonly wrong: string[] = [];
  readonly verdicts: Verdict[] = [];
  readonly commands: Command[] = [];
  readonly disk = new MemoryDisk();
  readonly policy: Policy;
  readonly rack: Rack;
  readonly clock = new WorldClock(START);
  loop: Loop | undefined;
  readonly #dice: SeededDice;
  readonly #calm: boolean;
  #process = 0;
  #drawn = 0;
  #blindUntil = 0;
  #diesAtAppend = -1;
  #healed = false;
  /** When the last order off of each operation went out, as told by the core. */
  readonly #ordersOff = new Map<string, number>();

  constructor(seed: number, calm = false) {
    this.#dice = new SeededDice(seed);
    this.#calm = calm;
    const names = ['db1', 'db2', 'db3', 'db4', 'db5'].slice(0, calm ? 5 : 2 + this.#dice.below(4));
    this.rack = new Rack({ clock: this.clock, dice: this.#dice, names, calm, say: (line) => this.#say(line) });
    this.policy = {
      cluster: 'orders',
      self: { id: 'witness-1' },
      nodes: this.rack.nodes(),
      arbiters: { 'arb-1': {} },
      verify: { need: 1, within: 1000, listenAgain: this.#dice.chance(0.5) ? 500 : 0, validFor: 15_000 },
      mode: 'automatic',
      delay: this.#dice.chance(0.2) ? 1000 : 0,
      timeout: 30_000,
      answerWithin: 3000,
      poll: 1000,
      approvalWindow: 60_000,
      storm: { targets: calm ? 9 : 1 + this.#dice.below(3), within: 30_000 },
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
    this.#blindUntil = 0;
    this.#diesAtAppend = -1;
    if (this.loop === undefined) await this.#boot();
    this.#askAgain();
    await this.#until(this.clock.now() + AFTERWARDS, () => this.#waiting().length === 0 && this.#quiet());
    await this.#until(this.clock.now() + 2000, () => false);
  }

  async history(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const entry of this.disk.open().history()) entries.push(entry);
    return entries;
  }

  /** A process that could not write its journal says so; whether that is the last word is known when the journal can be written again. */
  final({ answer, healed }: Told): boolean {
    return healed || answer.problem?.code !== 'journal-unwritable';
  }

  /** Verdicts whose sender has no final answer. */
  #waiting(): Verdict[] {
    const final = new Set(this.told.filter((told) => this.final(told)).map(({ to }) => to));
    return this.verdicts.filter(({ id }) => !final.has(`verdict ${id}`));
  }

  #quiet(): boolean {
    return this.loop !== undefined && Object.keys(this.loop.state.operations).length === 0;
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
    const dice = this.#dice;
    const times = (most: number, run: () => void): void => {
      for (let left = dice.below(most + 1); left > 0; left -= 1) at(dice.below(TROUBLE), run);
    };
    at(dice.below(2000), () => this.#verdict());
    times(6, () => this.#verdict());
    times(3, () => this.#again());
    times(3, () => this.#contradict());
    times(3, () => this.#command());
    times(3, () => this.rack.hand(this.#node(), dice.chance(0.7) ? 'on' : 'off'));
    times(2, () => (this.#blindUntil = this.clock.now() + dice.below(10_000)));
    times(2, () => this.#full(dice.below(8000)));
    times(3, () => this.#crash(dice.below(5000)));
    times(2, () => (this.#diesAtAppend = dice.below(3)));
    for (const manners of this.rack.manners.values()) times(1, () => (manners.muteUntil = this.clock.now() + dice.below(20_000)));
    for (let again = 10_000; again < TROUBLE; again += 10_000) at(again, () => this.#askAgain());
  }

  /** Two honest verdicts, one after the other, and devices that work. */
  #planCalm(): void {
    this.#verdict('misbehaving');
    this.clock.after(40_000, () => this.#verdict('misbehaving'));
  }

  #node(): string {
    const names = Object.keys(this.policy.nodes);
    return names[this.#dice.below(names.length)] ?? 'db1';
  }

  #verdict(claim?: Verdict['claim']): void {
    const target = this.#node();
    const epoch =
      this.verdicts.length === 0 ? 1 : Math.max(1, (this.verdicts.at(-1)?.epoch ?? 1) + (claim === undefined ? this.#dice.below(3) : 1));
    const lit = this.rack.boxes.get(target)?.machine.lamp === true;
    this.#send({
      id: `v${this.verdicts.length + 1}`,
      cluster: 'orders',
      epoch,
      claim: claim ?? (lit ? (this.#dice.chance(0.5) ? 'partitioned' : 'misbehaving') : 'dead'),
      targets: [target],
      survivors: Object.keys(this.policy.nodes).filter((name) => name !== target),
      issuer: 'arb-1',
      issuedAt: this.clock.now(),
      expiresAt: this.clock.now() + 60_000,
      reason: 'quorum',
    });
  }

  #contradict(): void {
    const last = this.verdicts.at(-1);
    const target = last?.survivors[0];
    if (last === undefined || target === undefined) return;
    const survivors = Object.keys(this.policy.nodes).filter((name) => name !== target);
    this.#send({ ...last, id: `v${this.verdicts.length + 1}`, targets: [target], survivors, reason: 'the other side' });
  }

  #send(verdict: Verdict): void {
    this.verdicts.push(verdict);
    this.loop?.verdict(verdict);
  }

  #again(): void {
    const earlier = this.verdicts[this.#dice.below(Math.max(1, this.verdicts.length))];
    if (earlier !== undefined) this.loop?.verdict(earlier);
  }

  #askAgain(): void {
    for (const verdict of this.#waiting()) this.loop?.verdict(verdict);
  }

  #command(): void {
    const action = (['off', 'reboot', 'on'] as const)[this.#dice.below(3)] ?? 'off';
    const id = `c${this.commands.length + 1}`;
    const command: Command = { id, action, target: this.#node(), by: 'anna', origin: 'person', reason: 'asked for', override: [] };
    this.commands.push(command);
    this.loop?.command(command);
  }

  #full(ms: number): void {
    this.#say('the disk is full');
    this.disk.failure = FULL;
    this.clock.after(ms, () => (this.disk.failure = undefined));
  }

  #crash(pause: number): void {
    if (this.loop === undefined) return;
    this.#say('the process dies');
    this.#process += 1;
    void this.loop.close();
    this.loop = undefined;
    this.clock.after(pause, () => void this.#boot());
  }

  #draw(): string {
    this.#drawn += 1;
    return `op${String(this.#drawn).padStart(4, '0')}`;
  }

  async #boot(): Promise<void> {
    if (this.loop !== undefined) return;
    this.#process += 1;
    const mine = this.#process;
    const alive = (): boolean => mine === this.#process;
    const { clock } = this;
    const { loop } = await Loop.start(
      {
        clock,
        dice: {
          id: () => this.#draw(),
          random: () => this.#dice.random(),
          bytes: (n) => this.#dice.bytes(n),
        },
        store: this.#store(alive),
        probes: this.#probes(),
        armory: this.rack,
        herald: {
          answer: (to, answer) => {
            if (alive()) this.told.push({ to: `${to.kind} ${to.id}`, answer, at: clock.now(), healed: this.#healed });
          },
          callHuman: () => undefined,
        },
      },
      this.policy,
      { watch: (event, after) => this.#watch(event, after), snapshotEvery: 20 },
    );
    loop.broken.catch((error: unknown) => {
      if (alive()) this.wrong.push(`the process stops: ${String(error)}`);
    });
    if (alive()) this.loop = loop;
  }

  /** The disk of one process; it may die right after a write, before it has done what it wrote. */
  #store(alive: () => boolean): Store {
    const store = this.disk.open();
    return {
      ...store,
      append: async (at, event) => {
        const problem = await store.append(at, event);
        if (alive() && this.#diesAtAppend >= 0) {
          this.#diesAtAppend -= 1;
          if (this.#diesAtAppend < 0) this.#crash(this.#dice.below(3000));
        }
        return problem;
      },
    };
  }

  #probes(): Probes {
    return {
      assess: (question, within) =>
        new Promise((resolve) => {
          const startedAt = this.clock.now();
          this.clock.after(this.#dice.below(Math.min(200, within.ms)), () => {
            const endedAt = this.clock.now();
            const blind = this.#blindUntil > endedAt;
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
    for (const effect of after.effects)
      if (effect.kind === 'order' && effect.wanted === 'off') this.#ordersOff.set(effect.operation, this.clock.now());
    if (event.kind !== 'read') return;
    for (const [node, mark] of Object.entries(after.state.fenced))
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

/** All that the last timer set off has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
