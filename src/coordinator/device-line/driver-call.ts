/** What one call to a driver asks, and how each who waited for it is told: its answer, or why there is none. */
import { keep, type Reading, type Problem } from '../../vocabulary/index.ts';
import type { Deadline, DevicePool } from '../ports.ts';
import type { Call } from './call.ts';
import { busy, closing, gaveWay, overdue } from './not-sent.ts';
import { type Ask, isOrder, isReading, type OrderAsk, type Question, type ReadAsk } from './queue.ts';

interface Asking {
  readonly pool: DevicePool;
  readonly device: string;
  readonly call: Call;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** `asks` are alike: orders of one kind, readings, or one question. */
export async function askDriver(asking: Asking, asks: readonly Ask[]): Promise<void> {
  const [first] = asks;
  if (first === undefined) return;
  if (isOrder(first)) await giveOrders(asking, asks.filter(isOrder), first);
  else if (isReading(first)) await takeReadings(asking, asks.filter(isReading), first);
  else await putQuestion(asking, first);
}

async function giveOrders({ pool, device, call }: Asking, asks: readonly OrderAsk[], first: OrderAsk): Promise<void> {
  const plugs = asks.map(({ outlet }) => outlet.plug);
  const results = await call.run(async (within) =>
    asks.length === 1 ? [await pool.order(first.outlet, first.kind, within)] : await pool.orderAll?.(device, plugs, first.kind, within),
  );
  if (results === 'overdue' || results === 'closing') {
    for (const ask of asks) ask.settle({ result: 'unknown', why: whyNone(results, device) });
    return;
  }
  keep('S4', results?.length === asks.length, `${device} gave ${results?.length ?? 0} answers to ${asks.length} orders`);
  for (const [index, ask] of asks.entries()) ask.settle(results[index] ?? { result: 'unknown', why: busy(device) });
}

async function takeReadings({ pool, device, call, now }: Asking, asks: readonly ReadAsk[], first: ReadAsk): Promise<void> {
  const plugs = asks.map(({ outlet }) => outlet.plug);
  const startedAt = now();
  const readings = await call.run(
    async (within: Deadline): Promise<readonly Reading[] | undefined> =>
      asks.length === 1 ? [await pool.read(first.outlet, within)] : await pool.readAll?.(device, plugs, within),
  );
  const endedAt = now();
  if (readings === 'overdue' || readings === 'closing') {
    for (const ask of asks) ask.settle({ ...unread(whyNone(readings, device)), startedAt, endedAt });
    return;
  }
  keep('S3', readings?.length === asks.length, `${device} gave ${readings?.length ?? 0} readings for ${asks.length} outlets`);
  for (const [index, ask] of asks.entries()) {
    const reading = readings[index] ?? unread(busy(device));
    ask.settle({ ...(call.gaveWay && reading.power === 'unknown' ? unread(gaveWay(device)) : reading), startedAt, endedAt });
  }
}

async function putQuestion({ device, call }: Asking, question: Question): Promise<void> {
  const told = await call.run(question.ask);
  if (told === 'overdue' || told === 'closing') question.tell(whyNone(told, device));
  // Its driver was called off: what it said then is no news of the device.
  else if (call.gaveWay) question.tell(gaveWay(device));
  else told();
}

const whyNone = (how: 'overdue' | 'closing', device: string): Problem => (how === 'closing' ? closing : overdue(device));

const unread = (why: Problem): Reading => ({ power: 'unknown', source: 'not asked', why });

/** Nothing was sent: an order that never left is no order. `at`: milliseconds since 1970. */
export function tellUnasked(ask: Ask, why: Problem, at: number): void {
  if (isOrder(ask)) ask.settle({ result: why.code === 'order-too-late' || why.code === 'cancelled' ? 'rejected' : 'unknown', why });
  else if (isReading(ask)) ask.settle({ ...unread(why), startedAt: at, endedAt: at });
  else ask.tell(why);
}
