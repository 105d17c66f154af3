/** The one deadline of a call, with the words of this driver. */
import type { DriverTools, Deadline } from '../kit/contract.ts';
import { RunningDeadline as KitDeadline } from '../kit/deadline.ts';
import { aborted, deadlinePassed, driverClosed, type Where } from './problems.ts';

export class RunningDeadline extends KitDeadline {
  readonly where: Where;

  constructor(tools: DriverTools, where: Where, within: Deadline) {
    super(tools, within, {
      aborted: (step) => aborted(where, step),
      deadlinePassed: (step) => deadlinePassed(where, step),
      driverClosed: () => driverClosed(where),
    });
    this.where = where;
  }
}
