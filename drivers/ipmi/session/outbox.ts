/** What is to be sent: datagrams in order, and where the next ones are to leave from another port. */
export class Outbox {
  /** One group for each port. */
  #groups: Uint8Array[][] = [[]];

  say(...datagrams: readonly Uint8Array[]): void {
    this.#groups.at(-1)?.push(...datagrams);
  }

  /** What follows leaves from another port: the next login is not to be taken for a part of this one (pyghmi tells consoles apart by it). */
  move(): void {
    this.#groups.push([]);
  }

  /** The last words of a login, where there are any. */
  part(farewell: readonly Uint8Array[] | undefined): void {
    if (farewell === undefined) return;
    this.say(...farewell);
    this.move();
  }

  /** Datagrams up to where another port is to be taken. */
  drain(): readonly Uint8Array[] {
    const [first = []] = this.#groups;
    this.#groups[0] = [];
    return first;
  }

  /** After `drain`: true where another port is to be taken now, and there may be more to drain. */
  takeMove(): boolean {
    if (this.#groups.length < 2) return false;
    this.#groups.shift();
    return true;
  }
}
