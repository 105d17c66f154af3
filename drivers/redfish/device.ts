/** What both drivers have in common: each call under one deadline, settings that make sense, and a close that ends what is in flight. */
import type { DriverTools, Health, OrderResult, PowerDriver, Problem, Reading, WantedPower, Deadline } from '../kit/contract.ts';
import { Misconfigured } from '../kit/misconfigured.ts';
import { type Acted, act, type Action } from './action.ts';
import { Client } from './client.ts';
import { Calls } from '../kit/calls.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { deadlineTexts, wrongSettings } from './problems.ts';
import { type Prepared, prepare } from './settings.ts';

export abstract class RedfishDevice implements PowerDriver {
  readonly evidence = 'device';
  readonly #tools: DriverTools;
  readonly #calls: Calls;
  protected readonly client: Client;
  #ended: Promise<void> | undefined;

  constructor(device: string, prepared: Prepared, tools: DriverTools) {
    this.#tools = tools;
    this.client = new Client(device, prepared, tools);
    this.#calls = new Calls(tools, this.client.where, deadlineTexts);
  }

  abstract order(plug: string, wanted: WantedPower, within: Deadline): Promise<OrderResult>;
  abstract read(plug: string, within: Deadline): Promise<Reading>;
  abstract check(within: Deadline): Promise<Health>;

  /** Calls in flight settle first; then a session is given back, which takes half a second at most. */
  close(): Promise<void> {
    this.#ended ??= (async () => {
      this.#calls.close();
      await this.client.close();
    })();
    return this.#ended;
  }

  protected now(): number {
    return this.#tools.now();
  }

  protected within<T>(within: Deadline, run: (deadline: RunningDeadline) => Promise<T>): Promise<T> {
    return this.#calls.within(within, run);
  }

  /**
   * Sends an action. What the device says of its own state is a claim: a reading must show it, and where it does the order counts as
   * taken. An action that is gone is looked for once more by `findAgain`.
   */
  protected async carryOut(
    action: Action,
    findAgain: (deadline: RunningDeadline) => Promise<Action | Problem>,
    read: (deadline: RunningDeadline) => Promise<Reading>,
    wanted: WantedPower,
    deadline: RunningDeadline,
  ): Promise<OrderResult> {
    let acted: Acted = await act(this.client, action, deadline);
    if (acted.result === 'gone') {
      const again = await findAgain(deadline);
      if ('code' in again) return notOrdered(again);
      acted = await act(this.client, again, deadline);
    }
    if (acted.result === 'gone') return { result: 'rejected', why: acted.why };
    if (acted.result === 'accepted') return { result: 'accepted' };
    if (acted.result !== 'asks-state') return { result: acted.result, why: acted.why };
    const reading = await read(deadline);
    if (deadline.over !== undefined) return { result: 'unknown', why: deadline.over };
    return reading.power === wanted ? { result: 'accepted' } : { result: 'rejected', why: acted.why };
  }
}

/** Nothing was sent that switches anything; whether trying again helps is the problem's to say. */
export const notOrdered = (why: Problem): OrderResult => ({ result: why.lasting === true ? 'rejected' : 'unknown', why });

/** Opens a device, or one that only says what is wrong with its settings. */
export function openDevice(
  device: string,
  checked: Readonly<Record<string, unknown>>,
  build: (prepared: Prepared) => PowerDriver,
): PowerDriver {
  const prepared = prepare(checked);
  return typeof prepared === 'string'
    ? new Misconfigured(wrongSettings({ device, address: String(checked['host']) }, prepared))
    : build(prepared);
}
