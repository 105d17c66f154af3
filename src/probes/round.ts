/** What the probes of one round share: the ICMP sockets and the controls of weak answers. */
import { Controls } from './control.ts';
import type { Ports } from './ports.ts';
import { Echoes, type Unusable } from './echoes.ts';
import type { EchoSockets } from './icmp-socket.ts';
import type { Probe } from './probe.ts';

export class Round {
  readonly controls: Controls;
  readonly #clock: Ports['clock'];
  #echoes: Echoes | undefined;
  #over = false;

  constructor(ports: Ports) {
    this.controls = new Controls(ports);
    this.#clock = ports.clock;
  }

  /** The echo probe of one address by these sockets. */
  echo(sockets: EchoSockets, address: string): Probe | Unusable {
    if (this.#over) return { unusable: 'the round is over' };
    this.#echoes ??= new Echoes(sockets, this.#clock);
    return this.#echoes.probe(address);
  }

  /** Nothing stays open. */
  close(): void {
    this.#over = true;
    this.controls.close();
    this.#echoes?.close();
  }
}
