/** Results for people and for programs. */
import type { CaseResult } from './run.ts';

export interface ConformanceSummary {
  readonly subject: string;
  /** True where nothing is broken and at least one case could be played. */
  readonly conforms: boolean;
  readonly kept: number;
  readonly broken: number;
  readonly notApplicable: number;
  readonly results: readonly CaseResult[];
}

export function summarize(subject: string, results: readonly CaseResult[]): ConformanceSummary {
  const count = (which: CaseResult['result']): number => results.filter(({ result }) => result === which).length;
  const [kept, broken, notApplicable] = [count('kept'), count('broken'), count('not-applicable')];
  return { subject, conforms: broken === 0 && kept > 0, kept, broken, notApplicable, results };
}

/** One line of the table; `runConformance` gives results one by one, so that a terminal can show each as it comes. */
export function renderResult({ id, title, result, says, tookMs }: CaseResult): string {
  return `${id}  ${result.padEnd(14)}  ${title.padEnd(34)}  ${`${tookMs} ms`.padStart(9)}  ${says.replaceAll(/\s*\n\s*/g, ' ')}`;
}

/** The whole table with its last line, as text without colour. */
export function renderTable({ subject, results, kept, broken, notApplicable, conforms }: ConformanceSummary): string {
  const verdict = conforms ? 'conforms' : 'does not conform';
  return [
    `conformance of ${subject}`,
    ...results.map(renderResult),
    `${kept} kept, ${broken} broken, ${notApplicable} not applicable: ${subject} ${verdict}`,
  ].join('\n');
}
