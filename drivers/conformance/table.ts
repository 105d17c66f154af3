/** Results for people and for programs. */
import { CASES } from './cases.ts';
import type { CaseResult } from './run.ts';

export interface ConformanceSummary {
  readonly subject: string;
  /** True where nothing is broken and at least one promise is kept: see the other counts for what was not looked at. */
  readonly conforms: boolean;
  readonly kept: number;
  readonly broken: number;
  /** Cases that were left out because they switch power, which was not allowed. */
  readonly notTried: number;
  readonly notApplicable: number;
  readonly results: readonly CaseResult[];
}

export function summarize(subject: string, results: readonly CaseResult[]): ConformanceSummary {
  const count = (which: CaseResult['result']): number => results.filter(({ result }) => result === which).length;
  const [kept, broken] = [count('kept'), count('broken')];
  const [notTried, notApplicable] = [count('not-tried'), count('not-applicable')];
  return { subject, conforms: broken === 0 && kept > 0, kept, broken, notTried, notApplicable, results };
}

/** One line of the table; `runConformance` gives results one by one, so that a terminal can show each as it comes. */
export function renderResult({ id, title, result, says, tookMs }: CaseResult): string {
  return `${id}  ${result.padEnd(14)}  ${title.padEnd(34)}  ${`${tookMs} ms`.padStart(9)}  ${says.replaceAll(/\s*\n\s*/g, ' ')}`;
}

/** The whole table with its last line, as text without colour. */
export function renderTable(summary: ConformanceSummary): string {
  const { subject, results, kept, broken, notTried, notApplicable } = summary;
  const counts = [
    `${kept} kept`,
    `${broken} broken`,
    ...(notTried === 0 ? [] : [`${notTried} not tried`]),
    `${notApplicable} not applicable`,
  ];
  return [`conformance of ${subject}`, ...results.map(renderResult), `${counts.join(', ')}: ${subject} ${verdictOn(summary)}`].join('\n');
}

/** Conforms is said of all promises: where some were not looked at, it would be read as more than was seen. */
function verdictOn({ results, kept, broken, notTried, notApplicable }: ConformanceSummary): string {
  if (broken > 0) return 'does not conform';
  if (kept === 0) return 'was not judged';
  if (notTried > 0) return 'keeps what was tried; nothing was switched';
  if (results.length < CASES.length) return 'keeps what was tried';
  return notApplicable === 0 ? 'conforms' : 'keeps all that applies here';
}
