/** Finds the outlet that a plug means: by number without a packet, by name or by row with a walk that is kept and proven in every reading. */
import type { SharedDeadline } from '../kit/deadline.ts';
import type { Problem } from '../kit/contract.ts';
import { columnOf, instanceOf, type Place, parsePlug, placeOf, plugOf } from './addressing.ts';
import type { Pdu } from './pdu.ts';
import { type Located, sameName } from './meaning.ts';
import { noSuchOutlet, notUnique } from './problems.ts';
import type { PartName } from './profile.ts';
import { type Walked, walk } from './walk.ts';

type Found =
  | { readonly outlet: Located /** Proven in this very call. */; readonly fresh: boolean }
  /** `wrong`: the plug means no outlet, or several: an order is rejected. Otherwise the device could not be asked. */
  | { readonly problem: Problem; readonly wrong: boolean };

/** Column to its rows. */
type WalkedTables = Map<string, Extract<Walked, { readonly rows: unknown }>>;

/** Outlets found by a walk that are kept. */
const MOST_KEPT = 512;

export class Outlets {
  readonly #pdu: Pdu;
  readonly #kept = new Map<string, Located>();
  /** Tables walked in an operation that is still going on: 24 outlets that are looked up together cost one walk, not 24. */
  readonly #walks = new WeakMap<SharedDeadline, WalkedTables>();

  constructor(pdu: Pdu) {
    this.#pdu = pdu;
  }

  async find(plug: string, deadline: SharedDeadline): Promise<Found> {
    const { device, profile, defaults } = this.#pdu;
    const parsed = parsePlug(profile, plug, defaults);
    if (parsed.kind === 'wrong') return { problem: noSuchOutlet(device, plug, parsed.says), wrong: true };
    const kept = this.#kept.get(plug);
    if (kept !== undefined) return { outlet: kept, fresh: false };
    if (parsed.kind === 'name') return this.#byName(plug, parsed.name, deadline);
    const expected = this.#pdu.expectedNames.get(plugOf(profile, parsed.place, defaults) ?? plug);
    const named = expected === undefined ? {} : { name: expected };
    if (profile.rows === undefined) return { outlet: { plug, place: parsed.place, rows: [], ...named }, fresh: false };
    return this.#byRow(plug, parsed.place, named, deadline);
  }

  /** A reading showed that this plug is somewhere else now: look again next time. */
  forget(plug: string): void {
    this.#kept.delete(plug);
  }

  async #byName(plug: string, name: string, deadline: SharedDeadline): Promise<Found> {
    const { device, profile } = this.#pdu;
    if (profile.outletName === undefined)
      return { problem: noSuchOutlet(device, plug, `profile ${profile.name} has no outlet names; use a number`), wrong: true };
    const walked = await this.#walk(columnOf(profile.outletName), deadline);
    if ('failed' in walked) return { problem: this.#pdu.problem(`looking for outlet ${plug} by name`, walked.failed), wrong: false };
    const places = walked.rows.flatMap((row) => {
      const place = row.kind === 'text' && sameName(row.text, name) ? placeOf(profile.outletName ?? '', row.oid) : undefined;
      return place === undefined ? [] : [place];
    });
    const [place] = places;
    if (place === undefined)
      return { problem: noSuchOutlet(device, plug, `none of its ${walked.rows.length} outlets has this name`), wrong: true };
    if (places.length > 1)
      return {
        problem: notUnique(
          device,
          name,
          places.map((each) => plugOf(profile, each) ?? Object.values(each).join('.')),
        ),
        wrong: true,
      };
    return this.#keep({ plug, place, rows: [], name });
  }

  async #byRow(plug: string, wanted: Place, named: { readonly name?: string }, deadline: SharedDeadline): Promise<Found> {
    const { device, profile } = this.#pdu;
    const table = await this.rowTable(deadline);
    if ('problem' in table) return { problem: table.problem, wrong: false };
    const rows = table.rows.filter(({ place }) => profile.parts.every((part) => place[part.name] === wanted[part.name]));
    const [found] = rows;
    if (found === undefined)
      return { problem: noSuchOutlet(device, plug, `none of its ${table.rows.length} rows is this unit and outlet`), wrong: true };
    if (rows.length > 1) return { problem: noSuchOutlet(device, plug, 'several rows claim to be this unit and outlet'), wrong: true };
    const row = { row: found.row };
    const proof = profile.parts.flatMap((part) => {
      const template = profile.rows?.[part.name];
      return template === undefined ? [] : [{ object: instanceOf(template, row), equals: wanted[part.name] ?? -1, part: part.name }];
    });
    return this.#keep({ plug, place: row, rows: proof, ...named });
  }

  /** Which unit and outlet each row is, on chained units. */
  async rowTable(
    deadline: SharedDeadline,
  ): Promise<{ readonly rows: ReadonlyArray<{ readonly row: number; readonly place: Place }> } | { readonly problem: Problem }> {
    const { profile } = this.#pdu;
    const table = new Map<number, Partial<Record<PartName, number>>>();
    for (const part of profile.parts) {
      const template = profile.rows?.[part.name];
      if (template === undefined) continue;
      const walked = await this.#walk(columnOf(template), deadline);
      if ('failed' in walked) return { problem: this.#pdu.problem(`reading the ${part.name} of each row`, walked.failed) };
      for (const answer of walked.rows) {
        const row = placeOf(template, answer.oid)?.row;
        if (row !== undefined && answer.kind === 'integer') table.set(row, { ...table.get(row), [part.name]: answer.number });
      }
    }
    return { rows: [...table].map(([row, place]) => ({ row, place })) };
  }

  async #walk(column: string, deadline: SharedDeadline): Promise<Walked> {
    const done: WalkedTables = this.#walks.get(deadline) ?? new Map();
    const known = done.get(column);
    if (known !== undefined) return known;
    const walked = await walk(this.#pdu.client, this.#pdu.login.version, column, deadline);
    if ('rows' in walked) this.#walks.set(deadline, done.set(column, walked));
    return walked;
  }

  #keep(outlet: Located): Found {
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(outlet.plug, outlet);
    return { outlet, fresh: true };
  }
}
