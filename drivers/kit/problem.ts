/**
 * What an operator is told when something did not work. Every refusal, failure and withholding carries one.
 */
export interface Problem {
  /** Stable, machine-readable, kebab-case; every code is listed in docs/ERRORS.md. */
  readonly code: string;
  /** What happened, in plain words, with the device and the protocol step where there is one. Never a secret. */
  readonly says: string;
  /** What happens next, or what to do. */
  readonly next: string;
  /** True where trying again within the same operation cannot help (wrong password, no such outlet). */
  readonly lasting?: boolean;
}

/** The device that a problem is about, as error texts name it. */
export interface Where {
  /** Its name in the configuration. */
  readonly device: string;
  /** `host:port`. */
  readonly address: string;
}

/** A plug that the device does not have (C14). `at`: the device as the driver's texts name it. */
export const noSuchPlug = (at: string, plug: string, why: string): Problem => ({
  code: 'no-such-plug',
  says: `${at} has no outlet ${JSON.stringify(plug.slice(0, 64))}: ${why}`,
  next: 'Correct the outlet in the fence level of the node; bailiff discover lists those that the device has.',
  lasting: true,
});

/** An order whose time was over right before it would have left (C21). `sent`: a copy of it had left before. */
export const orderTooLate = (device: string, sent: boolean): Problem => ({
  code: 'order-too-late',
  says: sent
    ? `${device}: the time for this order was over before it was answered; it was not repeated`
    : `${device}: the time for this order was over before it could be sent; nothing was sent`,
  next: 'See what was slow: bailiff story. What was ordered before is read.',
});
