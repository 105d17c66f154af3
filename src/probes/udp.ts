/** A datagram to a port where hardly anybody listens: the refusal (ICMP port unreachable) shows that somebody is there. Always weak. */
import { createSocket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { isV6 } from './address.ts';
import type { Attempt, Connect } from './tcp.ts';

class Datagram extends EventEmitter implements Attempt {
  readonly #socket;
  #over = false;

  constructor(address: string, port: number) {
    super();
    this.#socket = createSocket(isV6(address) ? 'udp6' : 'udp4');
    this.#socket.on('error', (error) => this.emit('error', error));
    this.#socket.on('message', () => this.emit('connect'));
    this.#socket.connect(port, address, (error?: Error | null) => {
      if (this.#over) return;
      if (error !== undefined && error !== null) this.emit('error', error);
      else this.#socket.send(Buffer.alloc(1), (failed) => (failed === null || this.#over ? undefined : this.emit('error', failed)));
    });
  }

  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.close();
  }
}

/** `connect`: a datagram came back; `error` with ECONNREFUSED: it was refused. */
export const udpConnect: Connect = (address, port) => new Datagram(address, port);
