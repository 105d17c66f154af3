/**
 * The outlet is a person. Nothing is sent anywhere: the core calls the person, and what they say comes back by `bailiff attest`, as a
 * statement with a name on it. No reading ever follows, so no operation is confirmed by a person.
 */
import type {
  DriverModule,
  DriverTools,
  Health,
  OrderResult,
  PowerDriver,
  Problem,
  Reading,
  WantedPower,
  Deadline,
} from '../kit/contract.ts';
import { mayAct } from '../kit/deadline.ts';
import { noSuchPlug, orderTooLate } from '../kit/problem.ts';
import { personNeeded } from './problems.ts';
import { personOf, settings } from './settings.ts';

const SOURCE = 'a person';

export const driver: DriverModule = {
  name: 'manual',
  summary: 'A person who cuts the power by hand and attests it; never confirmed, always attested',
  // What a person states of the world outside the node; `device` only says that it is not the node that speaks.
  evidence: 'device',
  plugs: 'none',
  settings,
  open: (device, checked, tools) => new ManualDriver(device, checked, tools),
};

class ManualDriver implements PowerDriver {
  readonly evidence = 'device';
  readonly #device: string;
  readonly #tools: DriverTools;
  readonly #called: string;
  readonly #why: Problem;
  #closed = false;

  constructor(device: string, checked: Readonly<Record<string, unknown>>, tools: DriverTools) {
    this.#device = device;
    this.#tools = tools;
    const person = personOf(checked);
    this.#called = person.called;
    this.#why = personNeeded(device, person);
  }

  /** Accepted: the person is called. That is all an order to a person can be; it is no evidence. */
  order(plug: string, _wanted: WantedPower, within: Deadline): Promise<OrderResult> {
    if (plug !== '') return Promise.resolve({ result: 'rejected', why: this.#noPlug(plug) });
    if (!mayAct(this.#tools, within)) return Promise.resolve({ result: 'rejected', why: orderTooLate(this.#device, false) });
    if (this.#closed || within.ms <= 0 || within.signal?.aborted === true) return Promise.resolve({ result: 'unknown', why: this.#why });
    return Promise.resolve({ result: 'accepted' });
  }

  read(plug: string): Promise<Reading> {
    return Promise.resolve({ power: 'unknown', why: plug === '' ? this.#why : this.#noPlug(plug), source: SOURCE });
  }

  check(): Promise<Health> {
    return Promise.resolve({ ok: true, found: [`${this.#called} is called when this level is reached; nobody was called now`] });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #noPlug(plug: string): Problem {
    return noSuchPlug(this.#device, plug, 'a person is one outlet without a name');
  }
}
