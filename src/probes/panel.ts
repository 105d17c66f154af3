/** The panel: a plan asked in parallel, one assessment back, always before the deadline. */
import type { Clock, Probes, Question, Deadline } from '../coordinator/ports.ts';
import type { Assessment, Observation } from '../vocabulary/index.ts';
import { runChild } from './child.ts';
import type { Ports, Scope } from './ports.ts';
import { NativeSockets } from './native-proof.ts';
import { linkSteps, referencesUnasked, referenceSteps, type Step } from './plan.ts';
import { calledOff, type Result, unable } from './probe.ts';
import { Round } from './round.ts';
import { ownRoute } from './route.ts';
import { JointRounds } from './joint-round.ts';
import { tcpConnect } from './tcp.ts';
import { udpConnect } from './udp.ts';

type Replaceable = 'run' | 'connect' | 'udp' | 'route' | 'native';

export interface PanelSettings extends Omit<Scope, Replaceable>, Partial<Pick<Ports, Replaceable>> {
  /** Probes under way at once; more are asked in waves that share the time. */
  readonly atOnce?: number;
  /** Where it is kept that ICMP sockets work on this machine; without a folder it is tried in each process. */
  readonly folder?: string;
}

const AT_ONCE = 32;

/**
 * The time is cut twice: a probe has to come back by itself a little before the panel stops waiting for it, and the panel a little
 * before its caller does.
 */
const MARGIN = { share: 0.05, mostMs: 50 };

const marginOf = (ms: number): number => Math.min(MARGIN.mostMs, ms * MARGIN.share);

const complaintOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One step's observation, whatever the probe does: it may throw, never come back, or come back after `endMs`. */
const ask = async (step: Step, shareMs: number, endMs: number, signal: AbortSignal, clock: Clock): Promise<Observation> => {
  const startedAt = clock.now();
  const own = new AbortController();
  let cancel = (): void => undefined;
  let stop = (): void => undefined;
  const timeOver = new Promise<Result>((resolve) => {
    cancel = clock.after(endMs, () => resolve(unable(`the probe did not come back within ${Math.round(endMs)} ms`)));
    stop = (): void => resolve(calledOff);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  // Programs that other probes of the round start take a moment: the share is counted from the beginning of the wave, not from here.
  const left = (): number => Math.max(0, shareMs - (clock.now() - startedAt));
  const asked = Promise.resolve()
    .then(() => (signal.aborted ? calledOff : step.probe({ ms: left(), signal: own.signal })))
    .catch((error: unknown) => unable(`the probe failed (${complaintOf(error)})`));
  const result = await Promise.race([asked, timeOver]);
  cancel();
  signal.removeEventListener('abort', stop);
  own.abort();
  return step.observe(result, Math.max(0, clock.now() - startedAt));
};

/** `within.ms` is the whole time; an aborted signal ends the round at once with what was heard so far. */
const askAll = async (steps: readonly Step[], within: Deadline, atOnce: number, clock: Clock): Promise<readonly Observation[]> => {
  const signal = within.signal ?? new AbortController().signal;
  const endMs = within.ms - marginOf(within.ms);
  const waves = Math.max(1, Math.ceil(steps.length / atOnce));
  const waveMs = endMs / waves;
  const shareMs = waveMs - marginOf(waveMs);
  const observations: Observation[] = [];
  for (let from = 0; from < steps.length; from += atOnce) {
    const wave = steps.slice(from, from + atOnce).map((step) => ask(step, shareMs, waveMs, signal, clock));
    observations.push(...(await Promise.all(wave)));
  }
  return observations;
};

/** Everything that is asked, and the real ports where the settings have none of their own. Kept for all rounds of a panel. */
export const scopeOf = (settings: PanelSettings): Scope => {
  const { clock, folder, run = runChild } = settings;
  return {
    ...settings,
    run,
    connect: settings.connect ?? tcpConnect,
    udp: settings.udp ?? udpConnect,
    route: settings.route ?? ownRoute,
    native:
      settings.native ??
      new NativeSockets({ run, after: (ms, what) => clock.after(ms, what), ...(folder === undefined ? {} : { folder }) }),
  };
};

/** One round: `stepsOf` gets what its probes share. Comes back before `within` has passed, and leaves nothing open. */
export const askRound = async (
  scope: Scope,
  stepsOf: (round: Round) => readonly Step[],
  within: Deadline,
  atOnce = AT_ONCE,
): Promise<Assessment> => {
  const { clock } = scope;
  const round = new Round(scope);
  const startedAt = clock.now();
  try {
    const observations = await askAll(stepsOf(round), within, atOnce, clock);
    return { startedAt, endedAt: clock.now(), observations };
  } finally {
    round.close();
  }
};

/** Real ports by default; tests put their own in. All who ask at the same time share one round of reference IPs. */
export const createPanel = (settings: PanelSettings): Probes => {
  const atOnce = settings.atOnce ?? AT_ONCE;
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new RangeError('at least one probe at once');
  const scope = scopeOf(settings);
  const { clock } = scope;
  const references = async (within: Deadline): Promise<readonly Observation[]> =>
    (await askRound(scope, (round) => referenceSteps(scope, round), within, atOnce)).observations;
  const joint = new JointRounds(references, clock);
  return {
    assess: async (question: Question, within: Deadline): Promise<Assessment> => {
      const startedAt = clock.now();
      const links = askAll(
        linkSteps(scope, (node) => node === question.target),
        within,
        atOnce,
        clock,
      );
      const heard = scope.referenceIps.length === 0 ? [] : await joint.join(within);
      const observations = [...(heard ?? referencesUnasked(scope, clock.now() - startedAt)), ...(await links)];
      return { startedAt, endedAt: clock.now(), observations };
    },
  };
};
