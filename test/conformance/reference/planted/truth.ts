import type { Health, OrderResult, Problem, Reading, WantedPower, Deadline } from '../../../../drivers/kit/contract.ts';
import { isProblem, ReferenceDriver, type Words } from '../driver.ts';
import { bent, NEXT, type Planted } from './bent.ts';

/** Bugs about what is said of the power: C01 to C08. */
export const PLANTED_TRUTH: readonly Planted[] = [
  bent(
    'C01',
    'asks for a soft off, which the machine may ignore, and calls it done',
    ['C02', 'C06', 'C15', 'C16', 'C19', 'C20'],
    class extends ReferenceDriver {
      override async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
        if (wanted === 'on') return super.order(plug, wanted, within);
        const answer = await this.ask(`read ${plug}`, plug, this.rest(within));
        return isProblem(answer) ? this.orderFailed(answer) : { result: 'accepted' };
      }
    },
  ),
  bent(
    'C02',
    'sends a toggle for an off that it has ordered before',
    [],
    class extends ReferenceDriver {
      readonly #ordered = new Map<string, WantedPower>();
      protected override orderWord(plug: string, wanted: WantedPower): string {
        const again = this.#ordered.get(plug) === wanted;
        this.#ordered.set(plug, wanted);
        return again && wanted === 'off' ? 'toggle' : wanted;
      }
    },
  ),
  bent(
    'C03',
    'refuses to switch on what it has switched on before',
    [],
    class extends ReferenceDriver {
      readonly #ordered = new Map<string, WantedPower>();
      override async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
        const again = this.#ordered.get(plug) === wanted;
        this.#ordered.set(plug, wanted);
        if (again && wanted === 'on') return { result: 'rejected', why: { code: 'already-on', says: 'it is on already', ...NEXT } };
        return super.order(plug, wanted, within);
      }
    },
  ),
  bent(
    'C04',
    'takes silence for off',
    ['C07', 'C10', 'C16'],
    class extends ReferenceDriver {
      protected override readFailed(plug: string, why: Problem): Reading {
        return why.code === 'deadline' ? { power: 'off', source: 'no answer' } : super.readFailed(plug, why);
      }
    },
  ),
  bent(
    'C04',
    'calls a silent device healthy',
    [],
    class extends ReferenceDriver {
      override async check(within: Deadline): Promise<Health> {
        const health = await super.check(within);
        return health.problem?.code === 'deadline' ? { ok: true, found: [] } : health;
      }
    },
  ),
  bent(
    'C05',
    'takes silence after an order for refusal',
    [],
    class extends ReferenceDriver {
      protected override orderFailed(why: Problem): OrderResult {
        return why.code === 'deadline' ? { result: 'rejected', why } : super.orderFailed(why);
      }
    },
  ),
  bent(
    'C05',
    'takes silence after an order for success',
    ['C10', 'C16'],
    class extends ReferenceDriver {
      protected override orderFailed(why: Problem): OrderResult {
        return why.code === 'deadline' ? { result: 'accepted' } : super.orderFailed(why);
      }
    },
  ),
  bent(
    'C06',
    'answers a reading with the last accepted order',
    ['C05', 'C15', 'C20'],
    class extends ReferenceDriver {
      readonly #accepted = new Map<string, WantedPower>();
      override async order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult> {
        const result = await super.order(plug, wanted, within);
        if (result.result === 'accepted') this.#accepted.set(plug, wanted);
        return result;
      }
      override async read(plug: string, within: Deadline): Promise<Reading> {
        const power = this.#accepted.get(plug);
        return power === undefined ? super.read(plug, within) : { power, source: 'memory' };
      }
    },
  ),
  bent(
    'C07',
    'does not compare the id of a reply with that of the request',
    [],
    class extends ReferenceDriver {
      protected override answers(words: Words, id: string, plug: string): boolean {
        return super.answers([id, ...words.slice(1)], id, plug);
      }
    },
  ),
  bent(
    'C08',
    'does not look where a reply comes from',
    [],
    class extends ReferenceDriver {
      protected override from(): boolean {
        return true;
      }
    },
  ),
  bent(
    'C08',
    'does not look which plug a reply is about',
    [],
    class extends ReferenceDriver {
      protected override answers(words: Words, id: string): boolean {
        return words[0] === id;
      }
    },
  ),
];
