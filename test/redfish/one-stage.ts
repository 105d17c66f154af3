/** One stage at a time, which ends with its test. */
import { afterEach } from 'vitest';
import { type Stage, stage } from './stage.ts';

/** Once in a file: gives what begins a stage. */
export function oneStage(): typeof stage {
  let on: Stage | undefined;
  afterEach(async () => {
    await on?.end();
    on = undefined;
  });
  return async (...given) => {
    on = await stage(...given);
    return on;
  };
}
