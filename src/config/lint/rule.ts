import type { Configuration } from '../configuration.ts';
import type { Finding } from '../findings.ts';

export type Report = (finding: Finding) => void;

/** What is looked up of the machine on which this runs. */
export interface Here {
  /** The addresses of its interfaces, each in one spelling. */
  readonly own: ReadonlySet<string>;
}

/** One idea of what can be wrong. Pure: nothing is asked of any device. */
export type Rule = (configuration: Configuration, report: Report, here: Here) => void;
