/** The TCP side of a simulated device: its connections, which it may end or freeze as a whole. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { closed, listen, type ListenAt } from './listening.ts';

interface TakesConnections {
  /** False: the connection is ended before a word was said. `open`: how many there are already. */
  admits(open: number): boolean;
  taken(socket: Socket): void;
}

export class TcpFace {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(behind: TakesConnections) {
    this.#server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      if (!behind.admits(this.#sockets.size)) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      behind.taken(socket);
    });
  }

  /** Rejects where the place is taken. */
  async listen(at: ListenAt): Promise<void> {
    await listen(this.#server, at);
  }

  get port(): number {
    return this.#address.port;
  }

  get address(): string {
    return this.#address.address;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Every connection ends, as when the device starts again. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Every connection goes silent without a FIN: a hung machine, a firewall that forgot. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  async stop(): Promise<void> {
    this.drop();
    await closed(this.#server);
  }

  get #address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }
}
