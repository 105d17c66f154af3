import type { Configuration } from '../configuration.ts';
import type { Finding } from '../findings.ts';

export type Report = (finding: Finding) => void;

/** One idea of what can be wrong. Pure: nothing is asked of any device. */
export type Rule = (configuration: Configuration, report: Report) => void;
