/**
 * One reference IP, by the best way that this machine has. An address of this machine needs no program. An ICMP echo comes first, by a
 * socket of our own or by `ping`: it is answered by the address itself. Where no echo can be sent, weak ways are left, and they say so.
 * A service that is configured is asked as it is configured: accepting is a full answer, refusing a weak one.
 */
import { familyOf, isThisMachine, unmapped } from './address.ts';
import { NOBODY } from './control.ts';
import type { Ports, ReferenceIp } from './ports.ts';
import type { EchoSockets } from './icmp-socket.ts';
import { loopbackProbe } from './loopback.ts';
import { pingProbe } from './ping.ts';
import { atMost, calledOff, type Deadline, type Probe, type Result, unable } from './probe.ts';
import type { Round } from './round.ts';
import { OPEN, tcpProbe } from './tcp.ts';
import { controlled, weakProbe } from './weak.ts';

const serviceProbe = (address: string, port: number, ports: Ports, { controls }: Round): Probe => {
  const ask = { protocol: 'tcp', port } as const;
  return async (deadline: Deadline) => {
    // Begun before the question itself: refusals may be rate limited, and the control must not go without.
    void controls.faultOf('tcp', familyOf(address), port, deadline.ms);
    const result = await tcpProbe(address, port, ports)(deadline);
    // A proxy on the way, or on this machine, accepts for everybody at once; where nothing accepted for nobody, the answer waits for nothing.
    if (result.answer === 'heard' && result.grade !== 'weak' && controls.proxied('tcp', familyOf(address)))
      return unable(`a connection to ${NOBODY[familyOf(address)]} is accepted too, where nobody is: a proxy accepts for everybody`, OPEN);
    return await controlled(result, address, ask, controls, deadline.ms);
  };
};

const WEAK_SHARE = 0.9;

/** The ways to one address, one after the other: the next is tried only where the one before cannot be used, and why is told. */
class Ways {
  readonly #address: string;
  readonly #ports: Ports;
  readonly #round: Round;
  readonly #deadline: Deadline;
  readonly #until: number;
  readonly #why: string[] = [];

  constructor(address: string, ports: Ports, round: Round, deadline: Deadline) {
    this.#address = address;
    this.#ports = ports;
    this.#round = round;
    this.#deadline = deadline;
    this.#until = ports.clock.now() + deadline.ms;
  }

  async ask(): Promise<Result> {
    const { native } = this.#ports;
    const known = native.known;
    const full =
      (await this.#echo(known)) ?? (await this.#ping()) ?? (known === undefined ? await this.#echo(await this.#tried()) : undefined);
    if (full !== undefined) return full;
    const { ms, signal } = this.#left;
    if (ms <= 0) return unable([...this.#why, 'no time was left for another way'].join('; '));
    // This question is the last of a chain, and its silence has to be told before nobody waits any more.
    const weak = await weakProbe(this.#address, { ...this.#ports, controls: this.#round.controls })({ ms: ms * WEAK_SHARE, signal });
    return { ...weak, says: [...this.#why, ...(weak.says === undefined ? [] : [weak.says])].join('; ') };
  }

  get #left(): Deadline {
    return { ms: Math.max(0, this.#until - this.#ports.clock.now()), signal: this.#deadline.signal };
  }

  /** What the child shows that tries native code; it may take half of the time, since weak ways need the rest. */
  async #tried(): Promise<EchoSockets | string | undefined> {
    const { ms, signal } = this.#left;
    return await atMost(this.#ports.native.settled(), this.#ports.clock, { ms: ms / 2, signal });
  }

  /** Once an echo socket is open its word is final, faults of our own network among them. */
  async #echo(native: EchoSockets | string | undefined): Promise<Result | undefined> {
    if (this.#deadline.signal.aborted) return calledOff;
    if (native === undefined) return undefined;
    if (typeof native === 'string') return this.#cannot(native);
    const probe = this.#round.echo(native, this.#address);
    return typeof probe === 'function' ? await probe(this.#left) : this.#cannot(probe.unusable);
  }

  async #ping(): Promise<Result | undefined> {
    const result = await pingProbe(this.#address, this.#ports)(this.#left);
    if (this.#deadline.signal.aborted || result.answer !== 'unable') return result;
    return this.#cannot(result.says ?? 'ping could not be run');
  }

  #cannot(why: string): undefined {
    this.#why.push(why);
  }
}

export const referenceProbe = (reference: ReferenceIp, ports: Ports, round: Round): Probe => {
  const address = unmapped(reference.address);
  if (reference.kind === 'tcp') {
    const { port } = reference;
    return isThisMachine(address) ? tcpProbe(address, port, ports) : serviceProbe(address, port, ports, round);
  }
  if (isThisMachine(address)) return loopbackProbe(address, ports.clock);
  return (deadline) => new Ways(address, ports, round, deadline).ask();
};
