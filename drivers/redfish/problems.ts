/** Every problem that this driver can tell, in one place: codes, words, and what to do. */
import type { Problem, Where } from '../kit/contract.ts';
import type { DeadlineTexts } from '../kit/deadline.ts';
import { noSuchPlug as kitNoSuchPlug } from '../kit/problem.ts';

const at = (where: Where): string => `${where.device} (redfish ${where.address})`;

/** What a device said, for an error text: printable, on one line, short. */
const excerpt = (text: string): string =>
  text
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .trim()
    .slice(0, 240);

const deadlinePassed = (where: Where, step: string): Problem => ({
  code: 'redfish-deadline',
  says: `${at(where)} had not answered by the deadline while ${step}`,
  next: 'Check that the device is reachable and not overloaded; a slow management controller needs a longer timeout.',
});

const aborted = (where: Where, step: string): Problem => ({
  code: 'redfish-aborted',
  says: `${at(where)}: the call was cancelled while ${step}`,
  next: 'Nothing to do: whoever asked no longer waits for the answer.',
});

export const driverClosed = (where: Where): Problem => ({
  code: 'redfish-closed',
  says: `${at(where)}: the driver has been closed`,
  next: 'Nothing to do on a stop; otherwise open the device again.',
});

export const deadlineTexts: DeadlineTexts = { aborted, deadlinePassed, driverClosed };

export const queueFull = (where: Where): Problem => ({
  code: 'redfish-queue-full',
  says: `${at(where)}: too many calls wait for this device already`,
  next: 'Calls are refused until those in flight are answered.',
});

export const unreachable = (where: Where, why: string): Problem => ({
  code: 'redfish-unreachable',
  says: `${at(where)} could not be reached: ${why}`,
  next: 'Check address, port, cabling and firewall, and that Redfish (HTTPS) is enabled on the device.',
});

export const tlsFailed = (where: Where, why: string): Problem => ({
  code: 'redfish-tls-failed',
  says: `${at(where)}: no agreement on TLS: ${why}`,
  next: 'Old firmware: update it, or set legacyTls: true for this device. Plain HTTP on this port looks the same.',
});

export const certificateChanged = (where: Where, shown: string, pinned: readonly string[]): Problem => ({
  code: 'redfish-certificate-changed',
  says: `${at(where)} shows a certificate with the fingerprint ${shown}; pinned is ${pinned.join(' or ')}: nothing was sent to it`,
  next: 'Either somebody is in between, or the device was replaced or renewed its certificate. Compare with the device itself, then pin the new one in tls.pins (bailiff discover).',
  lasting: true,
});

export const certificateRefused = (where: Where, shown: string, why: string): Problem => ({
  code: 'redfish-certificate-refused',
  says: `${at(where)} shows a certificate (fingerprint ${shown}) that tls.ca does not vouch for: ${why}; nothing was sent to it`,
  next: 'Check tls.ca, tls.serverName and the validity of the certificate, or pin it in tls.pins after comparing it with the device itself (bailiff discover).',
  lasting: true,
});

export const fileUnreadable = (where: Where, file: string, why: string): Problem => ({
  code: 'redfish-ca-unreadable',
  says: `${at(where)}: ${file} cannot be used: ${why}`,
  next: 'Check the path in tls.ca: it must be a readable file with certificates in PEM form.',
});

export const secretUnreadable = (where: Where, origin: string): Problem => ({
  code: 'redfish-secret-unreadable',
  says: `${at(where)}: the password from ${origin} could not be read`,
  next: 'Check that the file or variable exists and may be read.',
});

export const wrongSettings = (where: Where, says: string): Problem => ({
  code: 'redfish-settings',
  says: `${at(where)}: ${says}`,
  next: 'Correct the settings of this device; nothing is sent to it until then.',
  lasting: true,
});

export const connectionLost = (where: Where, step: string, why: string): Problem => ({
  code: 'redfish-connection-lost',
  says: `${at(where)}: ${why} while ${step}`,
  next: 'It is tried again on a new connection as long as the deadline allows.',
});

export const unusableAnswer = (where: Where, step: string, why: string): Problem => ({
  code: 'redfish-unusable-answer',
  says: `${at(where)}: the answer to ${step} cannot be used: ${why}`,
  next: 'Check that the address is that of a Redfish service, and look for a firmware update of the device.',
});

export const elsewhere = (where: Where, step: string, link: string): Problem => ({
  code: 'redfish-elsewhere',
  says: `${at(where)}: the answer to ${step} leads to another place (${excerpt(link)}); it was not followed`,
  next: 'Credentials go to this device alone. Configure the address that it calls its own.',
  lasting: true,
});

export const loginRefused = (where: Where, username: string, said: string): Problem => ({
  code: 'redfish-login-refused',
  says: `${at(where)} refused the login of ${username}${said === '' ? '' : `: ${excerpt(said)}`}`,
  next: 'Correct the username or password of this device. No further login is tried for a while, so that the account is not locked out.',
  lasting: true,
});

export const loginPaused = (where: Where, username: string, seconds: number): Problem => ({
  code: 'redfish-login-paused',
  says: `${at(where)} refused the login of ${username} a moment ago; the same password is not sent again for ${seconds} s`,
  next: 'Correct the username or password of this device: a new password is tried at once.',
  lasting: true,
});

export const noFreeSession = (where: Where, said: string): Problem => ({
  code: 'redfish-no-free-session',
  says: `${at(where)} has no free session: ${excerpt(said)}`,
  next: 'Log other people out of the device, or use auth: basic, which needs no session.',
});

const lacksRight = (where: Where, says: string): Problem => ({
  code: 'redfish-not-permitted',
  says: `${at(where)} ${says}`,
  next: 'Give the fencing user a role that may reset systems or switch outlets (Operator; privilege ConfigureComponents).',
  lasting: true,
});

export const notPermitted = (where: Where, step: string, said: string): Problem =>
  lacksRight(where, `does not allow ${step} to this user: ${excerpt(said)}`);

export const roleTooWeak = (where: Where, username: string, role: string): Problem =>
  lacksRight(
    where,
    `gives user ${username} the role ${excerpt(role)}, which has no privilege ConfigureComponents: an order would be refused`,
  );

export const passwordMustChange = (where: Where, username: string): Problem => ({
  code: 'redfish-password-must-change',
  says: `${at(where)}: the password of ${username} has to be changed before this user may do anything`,
  next: 'Log in once by hand, set a new password, and configure it here.',
  lasting: true,
});

export const busy = (where: Where, step: string, said: string): Problem => ({
  code: 'redfish-busy',
  says: `${at(where)} has no time for ${step}: ${excerpt(said)}`,
  next: 'It is asked again as long as the deadline allows; management controllers are busy for a minute after they started.',
});

export const notFound = (where: Where, step: string): Problem => ({
  code: 'redfish-not-found',
  says: `${at(where)} does not know what was asked for: ${step}`,
  next: 'Check that Redfish is enabled on the device and licensed, and what bailiff discover shows.',
});

export const refused = (where: Where, step: string, said: string): Problem => ({
  code: 'redfish-refused',
  says: `${at(where)} did not take ${step}: ${excerpt(said)}`,
  next: 'The reading decides; look at the device where it stays on.',
});

export const orderUnanswered = (where: Where, step: string, said: string): Problem => ({
  code: 'redfish-order-unanswered',
  says: `${at(where)}: whether ${step} was carried out is not known: ${excerpt(said)}`,
  next: 'The next reading decides.',
});

/** `what`: a system, a power strip. */
export const noSuchMember = (where: Where, what: string, wanted: string, known: readonly string[]): Problem => ({
  code: 'redfish-no-such-member',
  says: `${at(where)} has no ${what} ${JSON.stringify(wanted)}; it has ${known.slice(0, 16).join(', ') || 'none at all'}`,
  next: 'Correct the id, UUID or serial number in the settings of this device (bailiff discover shows them).',
  lasting: true,
});

export const ambiguousMember = (where: Where, what: string, setting: string, known: readonly string[]): Problem => ({
  code: 'redfish-ambiguous',
  says: `${at(where)} has ${known.length} of ${what} that fit (${known.slice(0, 16).join(', ')}), and the settings do not say which`,
  next: `Name one in ${setting}: by id, UUID or serial number. None is chosen for you.`,
  lasting: true,
});

export const anotherIdentity = (where: Where, what: string, shown: string, configured: string): Problem => ({
  code: 'redfish-another-identity',
  says: `${at(where)}: ${what} is ${shown}, configured is ${configured}: this is another machine, and it was not touched`,
  next: 'The address now belongs to another machine, or its board was replaced. Compare, then correct host, uuid or serial.',
  lasting: true,
});

export const noAction = (where: Where, action: string): Problem => ({
  code: 'redfish-no-action',
  says: `${at(where)} does not offer ${action}`,
  next: 'Look for a firmware update or a missing licence; otherwise use another device of this node.',
});

export const notOffered = (where: Where, wanted: string, offered: readonly string[]): Problem => ({
  code: 'redfish-not-offered',
  says: `${at(where)} does not offer ${wanted}; it offers ${offered.slice(0, 16).map(excerpt).join(', ') || 'nothing'}`,
  next: 'Only a forced power off can fence. Use another device of this node, or update its firmware.',
  lasting: true,
});

export const noPower = (where: Where, what: string, why: string): Problem => ({
  code: 'redfish-power-unknown',
  says: `${at(where)}: ${what} tells neither On nor Off: ${excerpt(why)}`,
  next: 'It is read again. Where it stays so, the state cannot be told from this device.',
});

export const noSuchPlug = (where: Where, plug: string, why: string): Problem => kitNoSuchPlug(at(where), plug, why);

export const outletHeld = (where: Where, plug: string): Problem => ({
  code: 'redfish-outlet-locked',
  says: `${at(where)}: the power control of outlet ${plug} is locked on the device`,
  next: 'Unlock it on the device (PowerControlLocked), or use another device of this node.',
  lasting: true,
});

/** `driver`: the one for what was found. */
export const otherKind = (host: string, of: string, driver: string): Problem => ({
  code: 'redfish-other-kind',
  says: `${host}: a Redfish service ${of}`,
  next: `Use the driver ${driver}.`,
});
