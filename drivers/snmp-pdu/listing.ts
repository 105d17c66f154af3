/** All outlets of a PDU, with their names and readings. */
import { SharedDeadline } from '../kit/deadline.ts';
import type { ListedOutlet, Problem, Deadline } from '../kit/contract.ts';
import { columnOf, instanceOf, type Place, placeOf, plugOf } from './addressing.ts';
import type { Pdu } from './pdu.ts';
import type { Located } from './meaning.ts';
import { trimName } from './meaning.ts';
import type { Outlets } from './outlets.ts';
import type { Readings } from './readings.ts';
import { walk } from './walk.ts';

/** Names come along where the profile has them; a PDU that does not tell them is listed without. */
export async function listOutlets(
  pdu: Pdu,
  outlets: Outlets,
  readings: Readings,
  within: Deadline,
): Promise<readonly ListedOutlet[] | Problem> {
  const { profile, client, login } = pdu;
  const deadline = new SharedDeadline(pdu.tools, within);
  const places = await placesOf(pdu, outlets, deadline);
  if ('code' in places) return places;
  const names = new Map<string, string>();
  if (profile.outletName !== undefined) {
    const walked = await walk(client, login.version, columnOf(profile.outletName), deadline);
    if ('rows' in walked) for (const row of walked.rows) if (row.kind === 'text') names.set(row.oid, trimName(row.text));
  }
  const listed: ListedOutlet[] = [];
  const size = profile.batch.readings;
  for (let from = 0; from < places.length; from += size) {
    const group = places.slice(from, from + size);
    const read = await readings.readGroup(group, deadline);
    for (const [n, outlet] of group.entries()) {
      const name = profile.outletName === undefined ? undefined : names.get(instanceOf(profile.outletName, outlet.place));
      const reading = read[n];
      if (reading !== undefined) listed.push({ plug: outlet.plug, ...(name === undefined || name === '' ? {} : { name }), reading });
    }
  }
  return listed;
}

async function placesOf(pdu: Pdu, outlets: Outlets, deadline: SharedDeadline): Promise<readonly Located[] | Problem> {
  const { profile, client, login, defaults } = pdu;
  const found = (place: Place, plug: string | undefined): readonly Located[] => (plug === undefined ? [] : [{ plug, place, rows: [] }]);
  if (profile.rows !== undefined) {
    const table = await outlets.rowTable(deadline);
    return 'problem' in table ? table.problem : table.rows.flatMap(({ row, place }) => found({ row }, plugOf(profile, place, defaults)));
  }
  const walked = await walk(client, login.version, columnOf(profile.state.object), deadline);
  if ('failed' in walked) return pdu.problem('walking the outlets', walked.failed);
  return walked.rows.flatMap((row) => {
    const place = placeOf(profile.state.object, row.oid);
    return place === undefined ? [] : found(place, plugOf(profile, place, defaults));
  });
}
