/** What has ended, the newest last, within bounds: the newest in full, of the older ones what was read last. */
import type { Answer } from '../vocabulary/index.ts';
import { BOUNDS, type Ended, type LevelRun, type Operation } from './state.ts';
import type { Turn } from './turn.ts';

/** The operation is open no longer, and what came of it is remembered. */
export function rememberEnd(turn: Turn, operation: Operation, answer: Answer, levels: readonly LevelRun[]): void {
  const { id, target, action, epoch, startedAt } = operation;
  turn.drop(id);
  const ended: Ended = {
    id,
    target,
    action,
    ...(epoch === undefined ? {} : { epoch }),
    startedAt,
    endedAt: turn.at,
    moment: turn.nextMoment(),
    answer,
    levels,
  };
  turn.draft.ended = [...turn.draft.ended.map(shortenedLater), ended].slice(-BOUNDS.ended);
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
