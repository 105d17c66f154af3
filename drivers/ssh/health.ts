/** What `check` finds out about a device. Read only: nothing is switched and nothing is set. */
import type { Health, ListedOutlet, Problem, Reading } from '../kit/contract.ts';
import type { Connection } from './connection.ts';
import type { Dialect, ReadSpeech } from './dialect.ts';

/** The driver, as far as it is asked here. */
export interface Checked {
  readonly dialect: Dialect;
  /** Logs in. */
  visit(): Promise<Connection | Problem>;
  read(plug: string): Promise<Reading>;
  list(speech: ReadSpeech): Promise<readonly ListedOutlet[] | Problem>;
}

export async function checkHealth({ dialect, visit, read, list }: Checked): Promise<Health> {
  const connection = await visit();
  if ('code' in connection) return { ok: false, found: [], problem: connection };
  const found = [`host key ${connection.hostKeyBy}`, `agreed on ${connection.agreed}`, `logged in by ${connection.loggedInBy}`];
  if (dialect.evidence === 'target') found.push('evidence target: what runs on the node can never confirm that it is off');
  if (dialect.plug.kind === 'none') {
    const reading = await read('');
    if (reading.power === 'unknown') return { ok: false, found, ...(reading.why === undefined ? {} : { problem: reading.why }) };
    found.push(`reads ${reading.power}`);
  } else if (dialect.list !== undefined) {
    const listed = await list(dialect.list);
    if ('code' in listed) return { ok: false, found, problem: listed };
    found.push(`lists ${listed.length} outlets`);
  } else {
    found.push('outlets cannot be listed in this dialect: read one to see that its name is right');
  }
  return { ok: true, found };
}
