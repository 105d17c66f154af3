/** Reads outlets: all objects of one outlet in one request, so that they are of one moment; several outlets together where they fit. */
import { SharedDeadline } from '../kit/deadline.ts';
import type { Problem, Reading, Deadline } from '../kit/contract.ts';
import { instanceOf } from './addressing.ts';
import { BatchSize } from './batch-size.ts';
import type { Answer } from './client.ts';
import type { Pdu } from './pdu.ts';
import { type Located, meaningOf, misplaced, objectsOf } from './meaning.ts';
import type { Outlets } from './outlets.ts';
import { errorName, stateUnknown } from './problems.ts';

/** Optional objects that a version 1 agent was found to lack (there one missing object spoils the whole answer). */
const MOST_LACKING = 2048;
const TOO_BIG = 1;
const NO_SUCH_NAME = 2;

export class Readings {
  readonly #pdu: Pdu;
  readonly #outlets: Outlets;
  readonly #lacking = new Set<string>();
  readonly #together: BatchSize;

  constructor(pdu: Pdu, outlets: Outlets) {
    this.#pdu = pdu;
    this.#outlets = outlets;
    this.#together = new BatchSize(pdu.profile.batch.readings, () => pdu.tools.now());
  }

  /** In the order of `plugs`. Never fewer, never throws: what cannot be read is unknown, with the reason. */
  async readAll(plugs: readonly string[], within: Deadline): Promise<readonly Reading[]> {
    const deadline = new SharedDeadline(this.#pdu.tools, within);
    const results = new Map<number, Reading>();
    let group: Array<{ readonly at: number; readonly outlet: Located }> = [];
    const flush = async (): Promise<void> => {
      const readings = await this.readGroup(
        group.map(({ outlet }) => outlet),
        deadline,
      );
      for (const [n, { at }] of group.entries())
        results.set(at, readings[n] ?? this.#unknown(stateUnknown(this.#pdu.device, plugs[at] ?? '', 'it was not read')));
      group = [];
    };
    for (const [at, plug] of plugs.entries()) {
      const found = await this.#outlets.find(plug, deadline);
      if ('problem' in found) results.set(at, this.#unknown(found.problem));
      else group.push({ at, outlet: found.outlet });
      if (group.length >= this.#together.outlets) await flush();
    }
    if (group.length > 0) await flush();
    return plugs.map((plug, at) => results.get(at) ?? this.#unknown(stateUnknown(this.#pdu.device, plug, 'it was not read')));
  }

  /** One request for all, or smaller ones where the agent says tooBig or names an object that it lacks. */
  async readGroup(outlets: readonly Located[], deadline: SharedDeadline): Promise<readonly Reading[]> {
    if (outlets.length === 0) return [];
    const { device, profile, client } = this.#pdu;
    const step = `get outlet ${outlets.map((outlet) => outlet.plug).join(', ')}`;
    const all = outlets.map((outlet) => objectsOf(profile, outlet));
    const needed = new Set(all.flatMap((objects) => objects.needed));
    const optional = new Set(all.flatMap((objects) => objects.optional).filter((oid) => !needed.has(oid) && !this.#lacking.has(oid)));
    for (let tries = needed.size + optional.size; tries > 0; tries -= 1) {
      const oids = [...needed, ...optional];
      const heard = await client.ask({ ask: 'get', oids }, deadline.left);
      if (heard.reply === 'answers') {
        const answers = new Map<string, Answer>(heard.answers.map((answer) => [answer.oid, answer]));
        return outlets.map((outlet) => this.#judge(outlet, answers));
      }
      if (heard.reply === 'silent' || (heard.reply === 'error' && heard.error === TOO_BIG)) this.#together.tooMany(outlets.length);
      if (heard.reply !== 'error') return outlets.map(() => this.#unknown(this.#pdu.problem(step, heard)));
      const culprit = heard.index > 0 ? oids[heard.index - 1] : undefined;
      if (heard.error === TOO_BIG && outlets.length > 1) return this.#halves(outlets, deadline);
      if (culprit !== undefined && optional.has(culprit)) {
        optional.delete(culprit);
        if (heard.error === NO_SUCH_NAME && this.#lacking.size < MOST_LACKING) this.#lacking.add(culprit);
      } else if (heard.error === TOO_BIG && optional.size > 0) {
        optional.clear();
      } else if (outlets.length > 1) {
        return this.#halves(outlets, deadline);
      } else {
        return outlets.map((outlet) => this.#refused(outlet, heard.error, culprit));
      }
    }
    return outlets.map((outlet) => this.#unknown(stateUnknown(device, outlet.plug, 'the agent refuses to give its objects')));
  }

  async #halves(outlets: readonly Located[], deadline: SharedDeadline): Promise<readonly Reading[]> {
    const half = Math.ceil(outlets.length / 2);
    return [...(await this.readGroup(outlets.slice(0, half), deadline)), ...(await this.readGroup(outlets.slice(half), deadline))];
  }

  /** Version 1 names a missing object by an error; it means the same as noSuchInstance. */
  #refused(outlet: Located, error: number, culprit: string | undefined): Reading {
    const { device, profile } = this.#pdu;
    if (error === NO_SUCH_NAME && culprit === instanceOf(profile.state.object, outlet.place)) return this.#judge(outlet, new Map());
    return this.#unknown(
      stateUnknown(device, outlet.plug, `the agent answers ${errorName(error)}${culprit === undefined ? '' : ` for ${culprit}`}`),
    );
  }

  #judge(outlet: Located, answers: ReadonlyMap<string, Answer>): Reading {
    if (misplaced(this.#pdu.device, this.#pdu.profile, outlet, answers) !== undefined) this.#outlets.forget(outlet.plug);
    return meaningOf(this.#pdu.device, this.#pdu.profile, outlet, answers);
  }

  #unknown(why: Problem): Reading {
    return { power: 'unknown', why, source: `${this.#pdu.profile.name} get` };
  }
}
