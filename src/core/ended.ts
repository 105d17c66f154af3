/** What has ended, the newest last, within bounds: the newest in full, of the older ones what was read last. */
import type { Answer } from '../vocabulary/index.ts';
import { BOUNDS, type Ended, type LevelRun, type Operation } from './state.ts';
import type { Draft } from './draft.ts';

/** The operation is open no longer, and what came of it is remembered. */
export function rememberEnd(draft: Draft, operation: Operation, answer: Answer, levels: readonly LevelRun[]): void {
  const { id, target, action, epoch, startedAt } = operation;
  draft.drop(id);
  const ended: Ended = {
    id,
    target,
    action,
    ...(epoch === undefined ? {} : { epoch }),
    startedAt,
    endedAt: draft.at,
    moment: draft.nextMoment(),
    answer,
    levels,
  };
  draft.state.ended = [...draft.state.ended.map(shortenedLater), ended].slice(-BOUNDS.ended);
}

/** The journal has them all; a state that kept them would outgrow a line of it. */
const shortened = (ended: Ended): Ended => ({
  ...ended,
  levels: ended.levels.map((level) => ({
    ...level,
    outlets: level.outlets.map((outlet) => ({ ...outlet, readings: outlet.readings.slice(-2) })),
  })),
});

const shortenedLater = (ended: Ended, index: number, all: readonly Ended[]): Ended =>
  index === all.length - BOUNDS.endedInFull ? shortened(ended) : ended;
