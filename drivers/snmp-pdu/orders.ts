/** Orders: one SET per outlet, or several outlets in one where the profile allows. What the agent refuses is told apart from what got lost. */
import { SharedDeadline } from '../kit/deadline.ts';
import type { OrderResult, WantedPower, Deadline } from '../kit/contract.ts';
import { instanceOf } from './addressing.ts';
import { BatchSize } from './batch-size.ts';
import type { Answer, Assignment, Heard } from './client.ts';
import type { Pdu } from './pdu.ts';
import { type Located, misplaced, objectsOf } from './meaning.ts';
import type { Outlets } from './outlets.ts';
import { mayNotWrite, noSuchOutlet, orderRefused, wholeUnit } from './problems.ts';

/** Errors after which the agent may have acted all the same: genErr, undoFailed. */
const MAY_HAVE_ACTED: readonly number[] = [5, 15];
/** noSuchName, readOnly, noAccess, noCreation, authorizationError, notWritable, inconsistentName: no such outlet, or no right to write. */
const ABSENT_OR_FORBIDDEN: readonly number[] = [2, 4, 6, 11, 16, 17, 18];
/** inconsistentValue, resourceUnavailable, commitFailed: may pass. */
const MAY_PASS: readonly number[] = [12, 13, 14];
const TOO_BIG = 1;
const NO_SUCH_NAME = 2;

interface Target {
  readonly at: number;
  readonly outlet: Located;
}

export class Orders {
  readonly #pdu: Pdu;
  readonly #outlets: Outlets;
  readonly #together: BatchSize;

  constructor(pdu: Pdu, outlets: Outlets) {
    this.#pdu = pdu;
    this.#outlets = outlets;
    this.#together = new BatchSize(pdu.profile.batch.orders, () => pdu.tools.now());
  }

  /** In the order of `plugs`. */
  async orderAll(plugs: readonly string[], wanted: WantedPower, within: Deadline): Promise<readonly OrderResult[]> {
    const deadline = new SharedDeadline(this.#pdu.tools, within);
    const results = new Map<number, OrderResult>();
    const targets: Target[] = [];
    const toProve: Target[] = [];
    for (const [at, plug] of plugs.entries()) {
      const found = await this.#outlets.find(plug, deadline);
      if ('problem' in found) results.set(at, { result: found.wrong ? 'rejected' : 'unknown', why: found.problem });
      else if (found.fresh || (found.outlet.name === undefined && found.outlet.rows.length === 0))
        targets.push({ at, outlet: found.outlet });
      else toProve.push({ at, outlet: found.outlet });
    }
    const together = this.#pdu.profile.batch.readings;
    for (let from = 0; from < toProve.length; from += together)
      targets.push(...(await this.#prove(toProve.slice(from, from + together), deadline, results)));
    while (targets.length > 0) await this.#set(targets.splice(0, this.#together.outlets), wanted, deadline, results);
    return plugs.map(
      (plug, at) => results.get(at) ?? { result: 'unknown', why: noSuchOutlet(this.#pdu.device, plug, 'it was not ordered') },
    );
  }

  /** Before an order, an outlet that was found by name or row must still be that outlet. Those that are; the others have their result. */
  async #prove(targets: readonly Target[], deadline: SharedDeadline, results: Map<number, OrderResult>): Promise<readonly Target[]> {
    const { device, profile, client } = this.#pdu;
    const oids = [...new Set(targets.flatMap(({ outlet }) => objectsOf(profile, outlet).needed))];
    const heard = await client.ask({ ask: 'get', oids }, deadline.left);
    if (heard.reply === 'error' && targets.length > 1) {
      const half = Math.ceil(targets.length / 2);
      const first = await this.#prove(targets.slice(0, half), deadline, results);
      return [...first, ...(await this.#prove(targets.slice(half), deadline, results))];
    }
    if (heard.reply !== 'answers') {
      const missing = heard.reply === 'error' && heard.error === NO_SUCH_NAME ? oids[heard.index - 1] : undefined;
      for (const { at, outlet } of targets) {
        // Version 1 names a missing object by an error.
        const absent = missing !== undefined && missing === instanceOf(profile.state.object, outlet.place);
        results.set(
          at,
          absent
            ? { result: 'rejected', why: noSuchOutlet(device, outlet.plug, 'the PDU has no such outlet') }
            : this.#unanswered(`prove outlet ${outlet.plug}`, heard),
        );
      }
      return [];
    }
    const answers = new Map<string, Answer>(heard.answers.map((answer) => [answer.oid, answer]));
    return targets.filter(({ at, outlet }) => {
      const why = misplaced(device, profile, outlet, answers);
      if (why === undefined) return true;
      this.#outlets.forget(outlet.plug);
      results.set(at, { result: 'rejected', why });
      return false;
    });
  }

  /** `before`: these outlets were ordered already, in a request that was refused. */
  async #set(
    targets: readonly Target[],
    wanted: WantedPower,
    deadline: SharedDeadline,
    results: Map<number, OrderResult>,
    before = false,
  ): Promise<void> {
    const { device, profile, client } = this.#pdu;
    let left = [...targets];
    for (let sent = before; left.length > 0; sent = true) {
      const step = `set outlet ${left.map(({ outlet }) => outlet.plug).join(', ')} ${wanted}`;
      const values = left.map(
        ({ outlet }): Assignment => ({
          oid: instanceOf(profile.orders[wanted].object, outlet.place),
          kind: 'integer',
          value: profile.orders[wanted].value,
        }),
      );
      if (values.some(({ oid }) => profile.wholeUnit.some((root) => oid === root || oid.startsWith(`${root}.`)))) {
        for (const { at } of left) results.set(at, { result: 'rejected', why: wholeUnit(device, step) });
        return;
      }
      const heard = await client.ask({ ask: 'set', values }, deadline.leftToAct);
      if (heard.reply === 'silent' || (heard.reply === 'error' && heard.error === TOO_BIG)) this.#together.tooMany(left.length);
      if (heard.reply === 'answers') {
        // Lenient agents (snmpsim 0.4.5) answer noError and put noSuchInstance in the place of what was written.
        for (const [n, { at, outlet }] of left.entries()) {
          const taken = heard.answers[n] !== undefined && heard.answers[n].kind !== 'absent';
          results.set(
            at,
            taken ? { result: 'accepted' } : { result: 'rejected', why: noSuchOutlet(device, outlet.plug, 'the PDU has no such outlet') },
          );
        }
        return;
      }
      if (heard.reply !== 'error') {
        for (const { at } of left) results.set(at, this.#unanswered(step, heard, sent));
        return;
      }
      const culprit = left[heard.index - 1];
      if (left.length > 1 && (heard.error === TOO_BIG || culprit === undefined || MAY_HAVE_ACTED.includes(heard.error))) {
        const half = Math.ceil(left.length / 2);
        await this.#set(left.slice(0, half), wanted, deadline, results, true);
        left = left.slice(half);
        continue;
      }
      const refused = culprit ?? left[0];
      if (refused === undefined) return;
      results.set(refused.at, await this.#refusal(`set outlet ${refused.outlet.plug} ${wanted}`, refused.outlet, heard.error, deadline));
      left = left.filter((each) => each !== refused);
    }
  }

  async #refusal(step: string, outlet: Located, error: number, deadline: SharedDeadline): Promise<OrderResult> {
    const { device, profile, client } = this.#pdu;
    if (MAY_HAVE_ACTED.includes(error)) return { result: 'unknown', why: orderRefused(device, step, error, false) };
    if (!ABSENT_OR_FORBIDDEN.includes(error))
      return { result: 'rejected', why: orderRefused(device, step, error, !MAY_PASS.includes(error)) };
    const state = await client.ask({ ask: 'get', oids: [instanceOf(profile.state.object, outlet.place)] }, deadline.left);
    if (state.reply === 'answers') {
      const there = state.answers[0] !== undefined && state.answers[0].kind !== 'absent';
      return {
        result: 'rejected',
        why: there ? mayNotWrite(device, step, error) : noSuchOutlet(device, outlet.plug, 'the PDU has no such outlet'),
      };
    }
    if (state.reply === 'error' && state.error === NO_SUCH_NAME)
      return { result: 'rejected', why: noSuchOutlet(device, outlet.plug, 'the PDU has no such outlet') };
    return { result: 'rejected', why: orderRefused(device, step, error, true) };
  }

  /** Refused before the order was looked at (rejected), or lost on the way (unknown). `before`: something of it had left earlier. */
  #unanswered(step: string, heard: Exclude<Heard, { readonly reply: 'answers' }>, before = false): OrderResult {
    const told = heard.reply === 'too-late' && before ? { ...heard, sent: true } : heard;
    const why = this.#pdu.problem(step, told);
    const neverLeft = !before && (told.reply === 'cannot' || (told.reply === 'too-late' && !told.sent));
    return { result: why.lasting === true || neverLeft ? 'rejected' : 'unknown', why };
  }
}
