/**
 * What is left where no ICMP echo can be sent: TCP connections and a datagram to ports that nobody configured. Whatever comes back shows
 * that somebody answered in the name of the address, if the control of the round stayed silent.
 */
import { familyOf } from './address.ts';
import type { Controls, Protocol } from './control.ts';
import { calledOff, type Deadline, heardWeakly, type Probe, type Result, silent, unable } from './probe.ts';
import { type Connect, REFUSED, type TcpSettings, tcpProbe } from './tcp.ts';

interface WeakPorts extends TcpSettings {
  readonly udp: Connect;
  readonly controls: Controls;
}

interface Question {
  readonly protocol: Protocol;
  readonly port: number;
}

/** Services that routers, switches and servers have or refuse (HTTPS, SSH, DNS, HTTP), and the first port of traceroute. */
const QUESTIONS: readonly Question[] = [
  { protocol: 'tcp', port: 443 },
  { protocol: 'tcp', port: 22 },
  { protocol: 'tcp', port: 53 },
  { protocol: 'tcp', port: 80 },
  { protocol: 'udp', port: 33_434 },
];

/** A weak answer as it stands after the control: the same, or unable. Everything else is what it was. */
export const controlled = async (result: Result, address: string, ask: Question, controls: Controls, ms: number): Promise<Result> => {
  if (result.grade !== 'weak') return result;
  const fault = await controls.faultOf(ask.protocol, familyOf(address), ask.port, ms);
  return fault === undefined ? result : unable(`${result.via ?? ask.protocol}, which does not count: ${fault}`, result.via);
};

/** Whatever answered, nobody configured a service there. */
const asWeak = (result: Result, { protocol, port }: Question): Result => {
  if (result.answer !== 'heard') return { ...result, via: protocol };
  const how = result.grade === 'weak' ? 'refused' : 'answered';
  const words = `${protocol} port ${port} ${how}, by that address or by something in its name`;
  return heardWeakly(protocol === 'tcp' && how === 'refused' ? REFUSED : `${protocol} ${how}`, words);
};

const askOne = async (address: string, ask: Question, ports: WeakPorts, { ms, signal }: Deadline): Promise<Result> => {
  // The control goes first: where refusals are rate limited, it is the one that must not go without.
  void ports.controls.faultOf(ask.protocol, familyOf(address), ask.port, ms);
  const connect = ask.protocol === 'tcp' ? ports.connect : ports.udp;
  const result = await tcpProbe(address, ask.port, { clock: ports.clock, connect, route: ports.route })({ ms, signal });
  return await controlled(asWeak(result, ask), address, ask, ports.controls, ms);
};

/** All questions at once; the first answer that counts settles it. */
export const weakProbe = (address: string, ports: WeakPorts): Probe => {
  return async ({ ms, signal }: Deadline) => {
    if (signal.aborted) return calledOff;
    const enough = new AbortController();
    const stop = (): void => enough.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await firstThatCounts(QUESTIONS.map((ask) => askOne(address, ask, ports, { ms, signal: enough.signal })));
    } finally {
      signal.removeEventListener('abort', stop);
      enough.abort();
    }
  };
};

const firstThatCounts = (asked: readonly Promise<Result>[]): Promise<Result> =>
  new Promise((resolve, reject) => {
    void Promise.all(
      asked.map(async (one) => {
        const result = await one;
        if (result.answer === 'heard') resolve(result);
        return result;
      }),
    ).then((results) => {
      const fault = results.find(({ answer }) => answer === 'unable');
      resolve(fault ?? silent('tcp and udp', 'no answer on any port'));
    }, reject);
  });
