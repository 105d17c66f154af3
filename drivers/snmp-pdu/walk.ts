/** Walking a column, bounded in rows and by the caller's deadline. */
import type { SharedDeadline } from '../kit/deadline.ts';
import type { Answer, Heard, SnmpClient } from './client.ts';
import type { Version } from './credentials.ts';

/** Rows of one walk at most: the largest family has 4 units of 64 outlets. */
const MOST_ROWS = 512;
/** Old management cards choke on large GETBULKs. */
const ROWS_AT_ONCE = 10;

export type Walked = { readonly rows: readonly Answer[] } | { readonly failed: Exclude<Heard, { readonly reply: 'answers' }> };

/** Every object below `column`, in order. An agent that does not go forward, or does not end, is not followed: the walk has failed. */
export async function walk(client: Pick<SnmpClient, 'ask'>, version: Version, column: string, deadline: SharedDeadline): Promise<Walked> {
  const rows: Answer[] = [];
  let from = column;
  while (rows.length < MOST_ROWS) {
    const heard = await client.ask(
      version === '1' ? { ask: 'next', oids: [from] } : { ask: 'bulk', oid: from, rows: ROWS_AT_ONCE },
      deadline.left,
    );
    // Version 1 says noSuchName at the end of everything.
    if (heard.reply === 'error' && heard.error === 2) return { rows };
    if (heard.reply !== 'answers') return { failed: heard };
    if (heard.answers.length === 0) return unsound('an answer without rows');
    for (const answer of heard.answers) {
      if (answer.kind === 'absent' || !answer.oid.startsWith(`${column}.`)) return { rows };
      if (!isAfter(answer.oid, from)) return unsound(`row ${answer.oid} comes after ${from}`);
      rows.push(answer);
      from = answer.oid;
    }
  }
  return unsound(`more than ${MOST_ROWS} rows`);
}

/** A walk without an end proves neither that a name is there once nor that an outlet is missing. */
const unsound = (says: string): Walked => ({ failed: { reply: 'malformed', says: `walking the table: ${says}` } });

function isAfter(oid: string, before: string): boolean {
  const arcs = oid.split('.').map(Number);
  const earlier = before.split('.').map(Number);
  const at = arcs.findIndex((arc, place) => arc !== earlier[place]);
  return at >= 0 && (arcs[at] ?? 0) > (earlier[at] ?? -1);
}
