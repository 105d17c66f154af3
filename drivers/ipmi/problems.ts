/**
 * Every problem of this driver that is not met in a session, in one place: codes, words, and what to do. What the session meets is in
 * `session/failures.ts`: there a device has no name yet.
 */
import type { Problem } from '../kit/contract.ts';
import { KEY_BYTES } from './codec/index.ts';
import { refusedCommand } from './session/failures.ts';
import type { Failure } from './session/terms.ts';

const FIRMWARE = 'look for a firmware update of this BMC';

/** A failure of the session, with the device's name. */
export const problemOf = (device: string, { step, code, says, next, lasting }: Failure): Problem => ({
  code,
  says: `${device}: ${step}: ${says}`,
  next,
  ...(lasting ? { lasting } : {}),
});

/** The completion code says that all is well, and the data behind it does not. */
export const malformedAnswer = (step: string, says: string): Failure => ({
  ...refusedCommand(step, 0xff),
  code: 'ipmi-malformed-answer',
  says,
  next: FIRMWARE,
});

export const privilegeTooLow = (): Problem => ({
  code: 'ipmi-privilege-too-low',
  says: 'the configured privilege user may not switch the power',
  next: 'set privilege: operator, and give the user this privilege on the BMC',
  lasting: true,
});

export const tooOld = (host: string): Problem => ({
  code: 'ipmi-too-old',
  says: `${host}: a BMC that speaks IPMI 1.5 only: its logins protect neither password nor orders`,
  next: 'look for a firmware update with IPMI 2.0, or fence this node at a PDU',
  lasting: true,
});

export const suiteUnknown = (says: string, next: string): Problem => ({ code: 'ipmi-suite-unknown', says, next, lasting: true });

export const suiteInsecure = (id: number, lacks: string): Problem => ({
  code: 'ipmi-suite-insecure',
  says: `cipher suite ${id} ${lacks}`,
  next: 'name 17, 3, 12 or 8 in cipherSuites, or set insecure: true and know why',
  lasting: true,
});

export const passwordTooLong = (bytes: number): Problem => ({
  code: 'ipmi-password-too-long',
  says: `the password has ${bytes} bytes; IPMI 2.0 takes at most ${KEY_BYTES}`,
  next: 'set a shorter one on the BMC and here',
  lasting: true,
});

export const kgMalformed = (): Problem => ({
  code: 'ipmi-kg-malformed',
  says: 'kg is not a BMC key',
  next: `give at most ${KEY_BYTES} bytes of text, or 0x and ${2 * KEY_BYTES} hex digits`,
  lasting: true,
});

export const secretUnreadable = (origin: string): Problem => ({
  code: 'ipmi-secret-unreadable',
  says: `the secret could not be read from ${origin}`,
  next: 'check that it exists and may be read',
});
