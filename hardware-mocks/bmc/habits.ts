/** What BMCs do otherwise than a quick one that answers everything again: how long a step takes, and what a second copy is met with. */
import { decodePlus, isRmcpPlus, PAYLOAD } from '../../drivers/ipmi/codec/rmcpplus.ts';

/** Messages by what they ask for: three of the login, requests in a session, and everything outside of both. */
export type BmcStep = 'open' | 'rakp1' | 'rakp3' | 'session' | 'outside';

export interface LoginHabits {
  /** Milliseconds from a message to its answer: for each step, or the same for all. Default 0. */
  readonly takesMs?: number | Partial<Record<BmcStep, number>>;
  /** One message after the other: what arrives meanwhile waits. */
  readonly inTurn?: boolean;
  /** New randoms for each RAKP 1: a RAKP 3 that answers an earlier RAKP 2 is refused (OpenBMC phosphor-net-ipmid). */
  readonly drawsAgain?: boolean;
  /** A second RAKP 1 or RAKP 3 of the same login is not answered (OpenIPMI). */
  readonly answersOnce?: boolean;
  /** Nothing outside of a login is answered: neither pings nor Get Channel Authentication Capabilities. */
  readonly deafOutside?: boolean;
}

const LOGIN_STEPS: ReadonlyMap<number, BmcStep> = new Map([
  [PAYLOAD.openSessionRequest, 'open'],
  [PAYLOAD.rakp1, 'rakp1'],
  [PAYLOAD.rakp3, 'rakp3'],
]);

export function stepOf(datagram: Uint8Array): BmcStep {
  const packet = isRmcpPlus(datagram) ? decodePlus(datagram) : undefined;
  if (packet?.ok !== true) return 'outside';
  if (packet.value.sessionId !== 0) return 'session';
  return LOGIN_STEPS.get(packet.value.payloadType) ?? 'outside';
}

/** How long after its arrival each message is answered. */
export class Slowness {
  readonly #habits: LoginHabits;
  readonly #now: () => number;
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(habits: LoginHabits, now: () => number) {
    this.#habits = habits;
    this.#now = now;
  }

  /** Milliseconds from now. */
  of(datagram: Uint8Array): number {
    const { takesMs = 0, inTurn = false } = this.#habits;
    const takes = typeof takesMs === 'number' ? takesMs : (takesMs[stepOf(datagram)] ?? 0);
    const now = this.#now();
    const from = inTurn ? Math.max(now, this.#freeAt) : now;
    this.#freeAt = from + takes;
    return from + takes - now;
  }
}
