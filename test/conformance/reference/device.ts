import type { BenchClock } from '../../../drivers/conformance/index.ts';

/**
 * A power strip that exists in memory only, with two plugs and a line protocol:
 *
 *     login NONCE PASSWORD   ->  welcome NONCE | denied
 *     ID read PLUG           ->  ID plug PLUG on|off | ID no-such-plug | ID not-logged-in
 *     ID order PLUG on|off|toggle  ->  ID done PLUG | ID no-such-plug | ID not-logged-in
 */
export class ReferenceDevice {
  readonly plugs = new Map([
    ['1', true],
    ['2', true],
  ]);
  readonly transcript: string[] = [];
  logins = 0;
  fault: 'none' | 'silence' | 'lose-replies' | 'ignore-orders' | 'half-open' = 'none';
  garble: ((text: string) => string) | undefined;
  impostor: ((text: string) => readonly Spoken[]) | undefined;
  readonly #clock: BenchClock;
  readonly #password: string;
  readonly #lines = new Set<Client>();
  readonly #loggedIn = new Set<Client>();
  #kept: { readonly client: Client; readonly text: string }[] = [];
  #keeping = false;

  constructor(clock: BenchClock, password: string) {
    this.#clock = clock;
    this.#password = password;
  }

  get connections(): number {
    return this.#lines.size;
  }

  connect(client: Client): Connection {
    this.#lines.add(client);
    this.#clock.after(1, () => {
      if (this.fault !== 'silence') client.opened();
    });
    return {
      send: (text) => {
        this.transcript.push(`> ${text}`);
        if (this.fault !== 'silence') this.#clock.after(1, () => this.#serve(client, text));
      },
      close: () => void this.#lines.delete(client),
    };
  }

  keepBack(): () => void {
    this.#keeping = true;
    return () => {
      this.#keeping = false;
    };
  }

  /** Away, with every login forgotten. */
  reboot(): () => void {
    this.fault = 'silence';
    this.#loggedIn.clear();
    return () => {
      this.fault = 'none';
    };
  }

  heal(): void {
    this.fault = 'none';
    this.garble = undefined;
    this.impostor = undefined;
  }

  #serve(client: Client, text: string): void {
    const words = text.split(' ');
    if (words[0] === 'login') {
      this.logins += 1;
      const granted = words[2] === this.#password;
      if (granted) this.#loggedIn.add(client);
      if (this.fault !== 'half-open') this.#say(client, granted ? `welcome ${words[1] ?? ''}` : 'denied');
      return;
    }
    const [id = '', verb = '', plug = '', wanted = ''] = words;
    if (!this.#loggedIn.has(client)) return this.#say(client, `${id} not-logged-in`);
    const lit = this.plugs.get(plug);
    if (lit === undefined) return this.#say(client, `${id} no-such-plug`);
    if (verb === 'read') return this.#tellPower(client, `${id} plug ${plug} ${lit ? 'on' : 'off'}`);
    if (this.fault !== 'ignore-orders') this.plugs.set(plug, wanted === 'toggle' ? !lit : wanted === 'on');
    this.#say(client, `${id} done ${plug}`);
  }

  #tellPower(client: Client, text: string): void {
    if (this.#keeping) {
      this.#kept.push({ client, text });
      return;
    }
    for (const late of this.#kept.splice(0)) this.#say(late.client, late.text);
    for (const false_ of this.impostor?.(text) ?? []) client.hear(false_.from, false_.text);
    this.#say(client, text);
  }

  #say(client: Client, text: string): void {
    if (this.fault === 'lose-replies' || this.fault === 'silence' || this.fault === 'half-open') return;
    const said = this.garble?.(text) ?? text;
    this.transcript.push(`< ${said}`);
    this.#clock.after(1, () => {
      if (this.#lines.has(client)) client.hear('device', said);
    });
  }
}

export interface Spoken {
  readonly from: string;
  readonly text: string;
}

export interface Client {
  opened(): void;
  hear(from: string, text: string): void;
}

export interface Connection {
  send(text: string): void;
  close(): void;
}
