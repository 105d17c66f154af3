/**
 * The control of weak answers: the same question goes to an address that must not answer. Whoever refuses in its name (our own firewall's
 * output, a router, a proxy) would do so in the name of a dead reference IP as well, so that any answer disqualifies the method for the
 * round. Without it, an isolated coordinator whose own firewall resets connections would believe that it reaches the world.
 */
import type { Clock } from '../coordinator/ports.ts';
import type { Family } from './address.ts';
import type { Route } from './route.ts';
import { type Attempt, codeOf, type Connect, NO_ANSWER, REFUSALS, UNREACHABLE } from './tcp.ts';

export type Protocol = 'tcp' | 'udp';

/** RFC 5737 (TEST-NET-1) and RFC 3849: given to nobody. */
export const NOBODY: Readonly<Record<Family, string>> = { 4: '192.0.2.1', 6: '2001:db8::1' };

interface ControlPorts {
  readonly clock: Clock;
  readonly connect: Connect;
  readonly udp: Connect;
  readonly route: Route;
}

/** Refusals are rate limited in many places, so that one that is not answered says little. */
const TRIES = 3;
/** Of the time of a probe: the rest is for the weak question itself. */
const SHARE = 0.5;

const SILENCE: ReadonlySet<string> = new Set([...NO_ANSWER, UNREACHABLE]);

/** Why the method does not count in this round; undefined: nobody answered, as it must be. */
type Fault = string | undefined;

/** The controls of one round: one for each protocol, family and port, however many addresses are asked by it. */
export class Controls {
  readonly #ports: ControlPorts;
  readonly #asked = new Map<string, Promise<Fault>>();
  /** By protocol and family: an answer on one port disqualifies the method on every port. */
  readonly #answered = new Map<string, string>();
  /** By protocol and family: a connection was accepted where nobody is. */
  readonly #accepted = new Set<string>();
  readonly #open = new Set<() => void>();
  #over = false;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
  }

  /** Settles within half of `ms`; the first caller of a round starts it. */
  async faultOf(protocol: Protocol, family: Family, port: number, ms: number): Promise<Fault> {
    const method = `${protocol}/${family}`;
    const key = `${method}/${port}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#ask(protocol, family, port, ms * SHARE);
      this.#asked.set(key, asked);
    }
    const fault = await asked;
    return this.#answered.get(method) ?? fault;
  }

  /** Has somebody accepted a connection in the name of nobody so far? Then accepting proves nothing either. */
  proxied(protocol: Protocol, family: Family): boolean {
    return this.#accepted.has(`${protocol}/${family}`);
  }

  /** The round is over: nothing stays open, and nothing is begun. */
  close(): void {
    this.#over = true;
    for (const end of this.#open) end();
  }

  #ask(protocol: Protocol, family: Family, port: number, ms: number): Promise<Fault> {
    if (this.#over) return Promise.resolve('the round is over');
    const address = NOBODY[family];
    const { clock, connect, udp, route } = this.#ports;
    return new Promise((resolve) => {
      const attempts: Attempt[] = [];
      const timers = new Set<() => void>();
      const end = (fault: Fault): void => {
        if (!this.#open.delete(stop)) return;
        for (const cancel of timers) cancel();
        for (const attempt of attempts) attempt.destroy();
        resolve(fault);
      };
      const stop = (): void => end('the probe was called off');
      this.#open.add(stop);
      const answered = (how: string): void => {
        const fault = `${how} from ${address} too, where nobody is: something near us answers in the name of others, our own firewall perhaps`;
        this.#answered.set(`${protocol}/${family}`, fault);
        end(fault);
      };
      const unsendable = (code: string): void => end(`no control probe could be sent to ${address} (${code})`);
      const failed = async (code: string): Promise<void> => {
        if (REFUSALS.has(code)) return answered('a refusal came');
        if (!SILENCE.has(code)) return unsendable(code);
        const own = code === UNREACHABLE ? await route(address) : undefined;
        if (own !== undefined) unsendable(own);
      };
      const attempt = (): void => {
        const one = (protocol === 'tcp' ? connect : udp)(address, port);
        attempts.push(one);
        one.once('connect', () => {
          this.#accepted.add(`${protocol}/${family}`);
          answered('an answer came');
        });
        one.on('error', (error) => void failed(codeOf(error)));
      };
      timers.add(clock.after(ms, () => end(undefined)));
      for (let i = 1; i < TRIES; i += 1) timers.add(clock.after((i * ms) / TRIES, attempt));
      attempt();
    });
  }
}
