/**
 * Puts a driver to the test: every case on a stand of its own, one after another, each with a bound on its time.
 */
import type { WantedPower } from '../kit/contract.ts';
import { type Bench, missingCapabilities, type Stand } from './bench.ts';
import type { Case, Finding } from './case.ts';
import { CASES } from './cases.ts';
import { Scene } from './scene.ts';
import { LATE, orLate, realClock } from './tools.ts';

export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly promise: string;
  /** `not-tried`: it switches power, which this run may not; `not-applicable`: the bench lacks what it needs. */
  readonly result: 'kept' | 'broken' | 'not-tried' | 'not-applicable';
  /** What was seen, what the driver did instead, or why the case was not played. */
  readonly says: string;
  readonly tookMs: number;
}

export interface ConformanceOptions {
  /** Case ids; absent: all. */
  readonly only?: readonly string[];
  /** May power be switched? Default: yes, except where the bench says `leaveAsFound` (real hardware). */
  readonly allowPower?: boolean;
}

/** Results in the order of the cases, each as soon as it is there. A driver's failure is a result; a bench that fails is one too. */
export async function* runConformance(bench: Bench, options: ConformanceOptions = {}): AsyncGenerator<CaseResult, void, undefined> {
  const mayOrder = options.allowPower ?? bench.leaveAsFound !== true;
  for (const each of CASES) {
    if (options.only !== undefined && !options.only.includes(each.id)) continue;
    yield await runCase(each, bench, mayOrder);
  }
}

/** All results at once. */
export async function conformance(bench: Bench, options: ConformanceOptions = {}): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for await (const result of runConformance(bench, options)) results.push(result);
  return results;
}

/** Ids asked for that no case has: a misspelt `--only` must not look like a clean run. */
export function unknownCases(only: readonly string[]): readonly string[] {
  return only.filter((id) => !CASES.some((each) => each.id === id));
}

async function runCase(each: Case, bench: Bench, mayOrder: boolean): Promise<CaseResult> {
  const clock = bench.clock ?? realClock;
  const started = clock.now();
  const as = (result: CaseResult['result'], says: string): CaseResult => {
    const { id, title, promise } = each;
    return { id, title, promise, result, says, tookMs: Math.round(clock.now() - started) };
  };
  let stand: Stand;
  try {
    stand = await bench.fresh();
  } catch (error) {
    return as('broken', `the bench could not make its subject ready: ${texted(error)}`);
  }
  const scene = new Scene(bench, stand, mayOrder);
  const missing = missingCapabilities(each.needs, bench, stand);
  if (missing.length > 0) {
    await scene.end();
    return as('not-applicable', `the bench has no ${missing.join(', no ')}`);
  }
  if (each.switches === 'always' && !mayOrder) {
    await scene.end();
    return as('not-tried', 'it switches power, which is not allowed in this run');
  }
  const finding = await guarded(each, scene);
  return as(finding.kept ? 'kept' : 'broken', finding.says);
}

/** Runs a case to its end; what is thrown outside any call (a socket's listener) is the driver's as well. */
async function guarded(each: Case, scene: Scene): Promise<Finding> {
  let stray: unknown;
  const caught = (error: unknown): void => {
    stray ??= error ?? new Error('an undefined value was thrown');
  };
  process.on('uncaughtException', caught);
  process.on('unhandledRejection', caught);
  try {
    const putBack = await asFound(each, scene);
    // The bound's own timer is set before the case begins to count timers (C11).
    const playing = Promise.resolve().then(() => each.run(scene));
    const found = await orLate(realClock, playing, scene.pace.caseMs);
    const finding = found === LATE ? { kept: false, says: `the case had not ended after ${scene.pace.caseMs} ms` } : found;
    await putBack();
    await scene.end();
    if (stray === undefined) return finding;
    return {
      kept: false,
      says: `something was thrown outside of any call: ${texted(stray)}${finding.kept ? '' : `; and ${finding.says}`}`,
    };
  } catch (error) {
    await scene.end().catch(() => undefined);
    return { kept: false, says: `the case could not be played: ${texted(error)}` };
  } finally {
    process.off('uncaughtException', caught);
    process.off('unhandledRejection', caught);
  }
}

/** On real hardware: remembers what the plugs were found in, and gives the step that switches them back. */
async function asFound(each: Case, scene: Scene): Promise<() => Promise<void>> {
  const { bench } = scene;
  if (bench.leaveAsFound !== true || !scene.mayOrder || each.switches === 'never') return () => Promise.resolve();
  const driver = scene.open();
  const found: { readonly plug: string; readonly power: WantedPower }[] = [];
  for (const plug of [bench.plug, ...(bench.secondPlug === undefined ? [] : [bench.secondPlug])]) {
    const { power } = await scene.read(driver, plug);
    if (power !== 'unknown') found.push({ plug, power });
  }
  return async () => {
    for (const { plug, power } of found) {
      const { power: now } = await scene.read(driver, plug);
      if (now !== power) await scene.bring(driver, power, plug);
    }
  };
}

const texted = (error: unknown): string => (error instanceof Error ? `${error.message}` : String(error));
