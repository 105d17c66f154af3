/** What `check` finds out about a device. Read only: nothing is switched and nothing is set. */
import type { Health, ListedOutlet, Problem, Reading } from '../kit/contract.ts';
import type { Connection } from './connection.ts';
import type { Dialect, ReadSpeech } from './dialect.ts';

/** The driver, as far as it is asked here. */
interface Checked {
  readonly dialect: Dialect;
  /** Logs in. */
  visit(): Promise<Connection | Problem>;
  read(plug: string): Promise<Reading>;
  list(speech: ReadSpeech): Promise<readonly ListedOutlet[] | Problem>;
}

export async function checkHealth(device: Checked): Promise<Health> {
  const { dialect } = device;
  const connection = await device.visit();
  if ('code' in connection) return { ok: false, found: [], problem: connection };
  const found = [`host key ${connection.hostKeyBy}`, `agreed on ${connection.agreed}`, `logged in by ${connection.loggedInBy}`];
  if (dialect.evidence === 'target') found.push('evidence target: what runs on the node can never confirm that it is off');
  if (dialect.plug.kind === 'none') {
    const reading = await device.read('');
    if (reading.power === 'unknown') return { ok: false, found, ...(reading.why === undefined ? {} : { problem: reading.why }) };
    found.push(`reads ${reading.power}`);
  } else if (dialect.list !== undefined) {
    const listed = await device.list(dialect.list);
    if ('code' in listed) return { ok: false, found, problem: listed };
    found.push(`lists ${listed.length} outlets`);
  } else {
    found.push('outlets cannot be listed in this dialect: read one to see that its name is right');
  }
  return { ok: true, found };
}
