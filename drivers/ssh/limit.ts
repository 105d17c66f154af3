/** The one deadline of a call, with the words of this driver. */
import type { DriverTools, Within } from '../contract.ts';
import { Limit as DriverLimit } from '../limit.ts';
import { aborted, deadlinePassed, driverClosed, type Where } from './problems.ts';

export class Limit extends DriverLimit {
  readonly where: Where;

  constructor(tools: DriverTools, where: Where, within: Within) {
    super(tools, within, {
      aborted: (step) => aborted(where, step),
      deadlinePassed: (step) => deadlinePassed(where, step),
      driverClosed: () => driverClosed(where),
    });
    this.where = where;
  }
}
