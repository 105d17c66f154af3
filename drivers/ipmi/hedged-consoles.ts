/**
 * One BMC, spoken to over one line, or two while a login does not get on. Many BMCs answer a message of the login once and never again, so that
 * one lost answer ends it: after a silence a second login begins beside it, from a port of its own. The first of them that is ready carries the
 * command, the other is given back; no command leaves before that. There are never more than two, so that a BMC with few sessions keeps some for
 * others; they begin ever more seldom, and a call begins few of them (LoginAllowance). The silence is short where datagrams are seen to be lost
 * (LossProbe), and long where the BMC may only be slow.
 */
import { WiredConsole, type WireTools } from './wired-console.ts';
import { LossProbeWire } from './loss-probe-wire.ts';
import { LoginAllowance } from './session/login-allowance.ts';
import { BmcConsole } from './session/console.ts';
import { Pace } from './session/pace.ts';
import { LossProbe } from './session/loss-probe.ts';
import { SuiteChoice } from './session/suites.ts';
import type { Answer, Ask, Chance, ConsoleSettings, Credentials, Seen, Time } from './session/terms.ts';
import { Trial } from './session/trial.ts';
import { type Known, PATIENCE_MS } from './session/next-send.ts';

/** So many times the wait for one answer: three copies have met silence. */
const SILENT_WAITS = 2;
const GROWTH = 1.5;
const SILENCE_CAP_MS = 2000;
/** So much of the wait for an answer has passed when it is time to look whether the way loses datagrams. */
const PROBE_AFTER = 0.3;

export class HedgedConsoles {
  readonly #settings: ConsoleSettings;
  readonly #chance: Chance;
  readonly #tools: WireTools;
  readonly #seen: Seen;
  readonly #happened: () => void;
  readonly #known: Known & { readonly way: LossProbe };
  readonly #suites: SuiteChoice;
  readonly #lossProbeWire: LossProbeWire;
  #first: WiredConsole;
  #second: WiredConsole | undefined;
  /** Second logins begun since the BMC last let us in, and when the last of them was. */
  #begun = 0;
  #begunAt: Time = Number.NEGATIVE_INFINITY;
  #asked: { readonly ask: Ask; readonly credentials: Credentials; readonly at: Time } | undefined;
  #answer: Answer | undefined;
  /** Consoles that wait for a last answer, to give back what it brings. */
  readonly #leaving = new Set<WiredConsole>();

  constructor(settings: ConsoleSettings, tools: WireTools, chance: Chance, seen: Seen, happened: () => void) {
    this.#settings = settings;
    this.#tools = tools;
    this.#chance = chance;
    this.#seen = seen;
    this.#happened = happened;
    this.#suites = new SuiteChoice(settings.suites);
    const way = new LossProbe(Math.floor(64 * chance.random()));
    this.#known = { pace: new Pace(), allowance: new LoginAllowance(), way, trial: new Trial() };
    this.#lossProbeWire = new LossProbeWire(way, tools, {
      answered: (ms, back) => this.#looked(ms, back),
      refused: () => {
        this.#first.console.refused(tools.now());
        happened();
      },
    });
    this.#first = this.#line(new BmcConsole(settings, chance, this.#suites, this.#known, seen));
  }

  begin(ask: Ask, credentials: Credentials): void {
    const now = this.#tools.now();
    this.#asked = { ask, credentials, at: now };
    this.#known.allowance.newCall();
    this.#known.way.begin(now);
    this.#first.console.begin(ask, now, credentials);
  }

  get busy(): boolean {
    return this.#first.console.busy;
  }

  get connected(): boolean {
    return this.#first.connected;
  }

  /** When `wake` is to be called; undefined where nothing is being waited for. */
  get wakeAt(): Time | undefined {
    const times = [this.#first.console.wakeAt, this.#second?.console.wakeAt, this.#hedgeAt, this.#probeAt];
    const at = times.filter((time) => time !== undefined);
    return at.length === 0 ? undefined : Math.min(...at);
  }

  wake(now: Time): void {
    for (const line of [this.#first, this.#second]) {
      if (line !== undefined && now >= (line.console.wakeAt ?? Number.POSITIVE_INFINITY)) line.console.wake(now);
    }
    this.#judge();
    if (now >= (this.#hedgeAt ?? Number.POSITIVE_INFINITY)) this.#hedge(now);
    if (now >= (this.#probeAt ?? Number.POSITIVE_INFINITY)) this.#lossProbeWire.look(now);
  }

  /** The answer to the command, once. */
  takeAnswer(): Answer | undefined {
    this.#judge();
    const answer = this.#answer ?? this.#first.console.takeAnswer();
    this.#answer = undefined;
    if (answer === undefined) return undefined;
    this.#asked = undefined;
    this.#oneLine();
    return answer;
  }

  /** The caller gives up: settles at once. */
  abandon(): void {
    this.#first.console.abandon();
  }

  /** Gives everything back; what is said to that end is not waited for. */
  end(): void {
    this.#first.console.end();
    for (const line of [...this.#leaving]) line.finish();
  }

  /** Like `end`, but Close Session is repeated until it is answered. False: there is none to wait for. */
  beginClose(ms: number): boolean {
    for (const line of [...this.#leaving]) line.finish();
    return this.#first.console.beginClose(this.#tools.now(), ms);
  }

  flush(mayLeave: () => boolean): void {
    this.#judge();
    this.#first.flush(mayLeave);
    this.#second?.flush(mayLeave);
    this.#lossProbeWire.flush(mayLeave);
  }

  hangUp(): void {
    this.#first.hangUp();
    this.#lossProbeWire.hangUp();
  }

  #line(console: BmcConsole): WiredConsole {
    return new WiredConsole(console, this.#tools, this.#happened);
  }

  /** When the younger login has been waiting for its next step for so long that another one is worth its slot. */
  get #hedgeAt(): Time | undefined {
    const { owed } = (this.#second ?? this.#first).console.progress;
    const { pace, allowance, way } = this.#known;
    if (owed === undefined || owed.kind === 'open' || this.#asked === undefined || allowance.spent) return undefined;
    const wait = pace.timeout(owed.kind, 0);
    const growth = GROWTH ** this.#begun;
    const silence = way.lossy
      ? Math.min(Math.max(SILENCE_CAP_MS, GROWTH * wait), SILENT_WAITS * wait * growth)
      : Math.max(PATIENCE_MS, wait) * growth;
    const at = Math.max(owed.since, this.#asked.at, this.#begunAt) + silence;
    return at < this.#asked.ask.deadline ? at : undefined;
  }

  /** One more login beside the younger one; the elder has had its time. */
  #hedge(now: Time): void {
    if (this.#asked === undefined) return;
    if ((this.#second ?? this.#first).console.progress.owed?.kind === 'session') this.#known.trial.mute();
    if (this.#second !== undefined) this.#keep(this.#second);
    this.#begun += 1;
    this.#begunAt = now;
    const { ask, credentials } = this.#asked;
    const first = this.#first.console;
    first.accompanied = true;
    const second = this.#line(new BmcConsole(this.#settings, this.#chance, this.#suites.asAgreed(), this.#known, this.#seen));
    this.#second = second;
    second.console.begin(ask, now, credentials, first.progress.sent);
  }

  /** When to look whether the way loses datagrams: a login owes an answer for a while. */
  get #probeAt(): Time | undefined {
    const { owed } = (this.#second ?? this.#first).console.progress;
    if (owed === undefined || owed.kind === 'session' || this.#asked === undefined) return undefined;
    const { pace, way } = this.#known;
    const at = Math.max(owed.since + PROBE_AFTER * pace.timeout(owed.kind, 0), way.earliest);
    return at < this.#asked.ask.deadline ? at : undefined;
  }

  #looked(ms: number, back: boolean): void {
    this.#known.pace.outside(ms);
    if (back) for (const line of [this.#first, this.#second]) line?.console.revive(this.#tools.now());
    this.#happened();
  }

  /** Which line goes on, where there are two. */
  #judge(): void {
    const [first, second] = [this.#first, this.#second];
    if (first.console.progress.ready || second?.console.progress.ready === true) this.#begun = 0;
    if (second === undefined) return;
    if (first.console.progress.ready) return this.#keep(first);
    if (second.console.progress.ready) return this.#keep(second);
    if (!first.console.busy) return;
    const answer = second.console.takeAnswer();
    if (answer === undefined) {
      // No slot for a second login: the first gives its own back, and the second waits for it.
      if (second.console.progress.troubled) this.#keep(second);
      return;
    }
    const meant = answer.kind === 'failed' && (answer.failure.lasting || answer.failure.credentials);
    this.#keep(meant ? second : first);
    if (meant) this.#answer = answer;
  }

  /** The command has its answer: what is half done over two lines goes on over the younger one. */
  #oneLine(): void {
    const second = this.#second;
    if (second === undefined) return;
    second.console.abandon();
    second.console.takeAnswer();
    this.#keep(second.console.halfOpen ? second : this.#first);
  }

  #keep(line: WiredConsole): void {
    const other = line === this.#first ? this.#second : this.#first;
    this.#first = line;
    this.#second = undefined;
    line.console.accompanied = false;
    if (other === undefined) return;
    this.#leaving.add(other);
    other.leave(2 * this.#known.pace.timeout('open', 0), () => this.#leaving.delete(other));
  }
}
