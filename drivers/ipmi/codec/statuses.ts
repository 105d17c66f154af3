/** RMCP+ status codes (IPMI 2.0, table 13-15) and completion codes (table 5-2) as named errors with plain words and a next step. */

/** What to do after a status other than 00h in Open Session or RAKP. */
export type StatusMeans =
  /** No session slot now: back off and try again. */
  | 'busy'
  /** This cipher suite is not offered: the next configured one may be. */
  | 'suite'
  /** The half open login is gone on the BMC: start again from Open Session. */
  | 'stale'
  /** User, password, key or privilege: trying again cannot help and may lock the account. */
  | 'credentials';

export interface Meaning<M extends string> {
  readonly means: M;
  /** Kebab-case, stable: the code of a problem. */
  readonly code: string;
  readonly says: string;
  readonly next: string;
}

export const STATUS = {
  ok: 0x00,
  insufficientResources: 0x01,
  invalidSessionId: 0x02,
  invalidPayloadType: 0x03,
  invalidAuthentication: 0x04,
  invalidIntegrity: 0x05,
  noMatchingAuthentication: 0x06,
  noMatchingIntegrity: 0x07,
  inactiveSessionId: 0x08,
  invalidRole: 0x09,
  unauthorizedRole: 0x0a,
  insufficientResourcesForRole: 0x0b,
  invalidNameLength: 0x0c,
  unauthorizedName: 0x0d,
  unauthorizedGuid: 0x0e,
  invalidIntegrityCheck: 0x0f,
  invalidConfidentiality: 0x10,
  noSuiteMatch: 0x11,
  illegalParameter: 0x12,
} as const;

const ANOTHER_SUITE = 'name a cipher suite that the BMC offers in cipherSuites (bailiff tries 17, then 3)';
const CHECK_USER = 'check username, password and privilege on the BMC; some firmware answers this way for a wrong password too';
const WAIT_FOR_SLOT = 'close other IPMI sessions on this BMC or wait until they expire (about a minute)';
const START_AGAIN = 'nothing to do unless it stays: the login starts again';

const meaning = <M extends string>(means: M, code: string, says: string, next: string): Meaning<M> => ({ means, code, says, next });

const STATUSES: ReadonlyMap<number, Meaning<StatusMeans>> = new Map<number, Meaning<StatusMeans>>([
  [0x01, meaning('busy', 'ipmi-no-session-slot', 'the BMC has no free session', WAIT_FOR_SLOT)],
  [0x02, meaning('stale', 'ipmi-session-lost', 'the BMC does not know this login (invalid session id)', START_AGAIN)],
  [0x03, meaning('suite', 'ipmi-suite-refused', 'the BMC does not take this payload type', ANOTHER_SUITE)],
  [0x04, meaning('suite', 'ipmi-suite-refused', 'the BMC does not offer the authentication algorithm of this cipher suite', ANOTHER_SUITE)],
  [0x05, meaning('suite', 'ipmi-suite-refused', 'the BMC does not offer the integrity algorithm of this cipher suite', ANOTHER_SUITE)],
  [0x06, meaning('suite', 'ipmi-suite-refused', 'the BMC found no matching authentication payload', ANOTHER_SUITE)],
  [0x07, meaning('suite', 'ipmi-suite-refused', 'the BMC found no matching integrity payload', ANOTHER_SUITE)],
  [0x08, meaning('stale', 'ipmi-session-lost', 'the BMC has dropped this login (inactive session id)', START_AGAIN)],
  [0x09, meaning('credentials', 'ipmi-privilege-refused', 'the BMC does not know the role that was asked for', CHECK_USER)],
  [0x0a, meaning('credentials', 'ipmi-privilege-refused', 'the user may not have the privilege that was asked for', CHECK_USER)],
  [0x0b, meaning('busy', 'ipmi-no-session-slot', 'the BMC has no free session at this privilege', WAIT_FOR_SLOT)],
  [0x0c, meaning('credentials', 'ipmi-user-refused', 'the user name has a length that the BMC does not take', CHECK_USER)],
  [0x0d, meaning('credentials', 'ipmi-user-refused', 'the BMC does not know this user, or the user is disabled', CHECK_USER)],
  [0x0e, meaning('credentials', 'ipmi-user-refused', 'the BMC does not accept the GUID', CHECK_USER)],
  [
    0x0f,
    meaning('credentials', 'ipmi-password-wrong', 'the BMC says that our code does not fit: the password is wrong', 'correct the password'),
  ],
  [0x10, meaning('suite', 'ipmi-suite-refused', 'the BMC does not offer the encryption of this cipher suite', ANOTHER_SUITE)],
  [0x11, meaning('suite', 'ipmi-suite-refused', 'the BMC offers no cipher suite with these algorithms', ANOTHER_SUITE)],
  [0x12, meaning('suite', 'ipmi-suite-refused', 'the BMC calls a parameter illegal', ANOTHER_SUITE)],
]);

/** What a status other than 00h means. Unknown ones count as a refused suite: harmless, and the next suite may do. */
export function meaningOfStatus(status: number): Meaning<StatusMeans> {
  return (
    STATUSES.get(status) ?? meaning('suite', 'ipmi-suite-refused', 'the BMC refused the login with a status of its own', ANOTHER_SUITE)
  );
}

/** What to do after a completion code other than 00h. */
export type CompletionMeans =
  /** Try the same again a little later. */
  | 'later'
  /** Not an answer: the first copy of the request is still at work. */
  | 'keep-waiting'
  /** The device cannot do this now; reading tells why. */
  | 'not-now'
  /** More privilege is needed: the same user cannot do this. */
  | 'privilege'
  /** It will never do this. */
  | 'never';

const READ_AGAIN = 'the power is read again before anything else is done';
const LATER = 'it is tried again while the deadline lasts';
const NOT_SUPPORTED = 'check that this BMC supports power control, and look for a firmware update';

const COMPLETIONS: ReadonlyMap<number, Meaning<CompletionMeans>> = new Map<number, Meaning<CompletionMeans>>([
  [0xc0, meaning('later', 'ipmi-busy', 'the BMC is busy', LATER)],
  [0xc1, meaning('never', 'ipmi-command-unknown', 'the BMC does not know this command', NOT_SUPPORTED)],
  [0xc2, meaning('never', 'ipmi-command-unknown', 'the BMC does not know this command on this logical unit', NOT_SUPPORTED)],
  [0xc3, meaning('later', 'ipmi-busy', 'the BMC timed out inside itself', LATER)],
  [0xc4, meaning('later', 'ipmi-busy', 'the BMC is out of space', LATER)],
  [0xc5, meaning('later', 'ipmi-busy', 'the BMC has cancelled a reservation', LATER)],
  [0xc6, meaning('never', 'ipmi-request-refused', 'the BMC calls the request truncated', NOT_SUPPORTED)],
  [0xc7, meaning('never', 'ipmi-request-refused', 'the BMC does not take the length of the request', NOT_SUPPORTED)],
  [0xc8, meaning('never', 'ipmi-request-refused', 'the BMC calls a field of the request too long', NOT_SUPPORTED)],
  [0xc9, meaning('never', 'ipmi-request-refused', 'the BMC calls a parameter out of range', NOT_SUPPORTED)],
  [0xca, meaning('never', 'ipmi-request-refused', 'the BMC cannot return that many bytes', NOT_SUPPORTED)],
  [0xcb, meaning('never', 'ipmi-request-refused', 'what was asked for is not present on the BMC', NOT_SUPPORTED)],
  [0xcc, meaning('never', 'ipmi-request-refused', 'the BMC calls a field of the request invalid', NOT_SUPPORTED)],
  [0xcd, meaning('never', 'ipmi-request-refused', 'the BMC calls the command illegal for this record', NOT_SUPPORTED)],
  [0xce, meaning('later', 'ipmi-busy', 'the BMC could not provide its answer', LATER)],
  [0xcf, meaning('keep-waiting', 'ipmi-busy', 'the BMC is still working on the first copy of the request', LATER)],
  [0xd0, meaning('later', 'ipmi-busy', 'the BMC is updating its sensor records', LATER)],
  [0xd1, meaning('not-now', 'ipmi-firmware-update', 'the BMC is in firmware update mode', 'wait until the update has ended')],
  [0xd2, meaning('later', 'ipmi-initialising', 'the BMC is starting up', LATER)],
  [0xd3, meaning('later', 'ipmi-busy', 'the BMC cannot reach the part that does this', LATER)],
  [
    0xd4,
    meaning(
      'privilege',
      'ipmi-privilege-too-low',
      'the session may not do this',
      'give the user the privilege operator, or raise privilege',
    ),
  ],
  [0xd5, meaning('not-now', 'ipmi-illegal-in-this-state', 'the BMC cannot do this in its present state', READ_AGAIN)],
  [0xd6, meaning('never', 'ipmi-command-disabled', 'the BMC has this function disabled', 'enable power control on the BMC')],
  [0xff, meaning('not-now', 'ipmi-unspecified', 'the BMC gave no reason', READ_AGAIN)],
]);

/** What a completion code other than 00h means. `command specific` and OEM codes have no meaning that fits all commands. */
export function meaningOfCompletion(completionCode: number): Meaning<CompletionMeans> {
  return COMPLETIONS.get(completionCode) ?? meaning('not-now', 'ipmi-unspecified', 'the BMC gave a code of its own', READ_AGAIN);
}

/** Set Session Privilege Level has codes of its own (IPMI 2.0, table 22-23). */
export function meaningOfPrivilegeRefusal(completionCode: number): Meaning<CompletionMeans> {
  if (completionCode === 0x80) return meaning('privilege', 'ipmi-privilege-refused', 'the user does not have this privilege', CHECK_USER);
  if (completionCode === 0x81)
    return meaning('privilege', 'ipmi-privilege-refused', 'the privilege exceeds what user or channel may have', CHECK_USER);
  return meaningOfCompletion(completionCode);
}

/** `0Dh` as people write such codes. */
export const codeText = (code: number): string => `${code.toString(16).toUpperCase().padStart(2, '0')}h`;
