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
import { mayAct, orderTooLate } from '../kit/deadline.ts';

const SOURCE = 'a person';

export const driver: DriverModule = {
  name: 'manual',
  summary: 'A person who cuts the power by hand and attests it; never confirmed, always attested',
  // What a person states of the world outside the node; `device` only says that it is not the node that speaks.
  evidence: 'device',
  plugs: 'none',
  settings: {
    who: { kind: 'string', says: 'who is called: a name, a role, a rota', required: true, pattern: /\S/, maxBytes: 200 },
    contact: { kind: 'string', says: 'how they are reached: a telephone number, a channel', pattern: /\S/, maxBytes: 200 },
    does: { kind: 'string', says: 'what they are to do: `pull both cords of rack 3, unit 12`', pattern: /\S/, maxBytes: 500 },
  },
  open: (device, settings, tools) => new Person(device, settings, tools),
};

class Person implements PowerDriver {
  readonly evidence = 'device';
  readonly #device: string;
  readonly #tools: DriverTools;
  readonly #says: string;
  readonly #why: Problem;
  #closed = false;

  constructor(device: string, settings: Readonly<Record<string, unknown>>, tools: DriverTools) {
    this.#device = device;
    this.#tools = tools;
    const text = (name: string): string | undefined => (typeof settings[name] === 'string' ? settings[name] : undefined);
    const [contact, does] = [text('contact'), text('does')];
    this.#says = `${text('who') ?? 'somebody'}${contact === undefined ? '' : ` (${contact})`}`;
    this.#why = {
      code: 'person-needed',
      says: `${device} is a person: ${this.#says} has to act${does === undefined ? '' : `: ${does}`}`,
      next: 'When the node is down: bailiff attest NODE --by NAME --reason TEXT.',
    };
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
    return Promise.resolve({ ok: true, found: [`${this.#says} is called when this level is reached; nobody was called now`] });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #noPlug(plug: string): Problem {
    return {
      code: 'no-such-plug',
      says: `a person has no outlet ${JSON.stringify(plug.slice(0, 80))}`,
      next: 'Name the device without an outlet in the fence level of the node.',
      lasting: true,
    };
  }
}
