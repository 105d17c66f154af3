/** Every problem that this driver can tell, in one place: codes, words, and what to do. */
import type { Problem, Where } from '../kit/contract.ts';
import type { DeadlineTexts } from '../kit/deadline.ts';
import { noSuchPlug as kitNoSuchPlug } from '../kit/problem.ts';

const at = (where: Where): string => `${where.device} (ssh ${where.address})`;

const deadlinePassed = (where: Where, step: string): Problem => ({
  code: 'ssh-deadline',
  says: `${at(where)} had not answered by the deadline while ${step}`,
  next: 'Check that the device is reachable and not overloaded; a device with a slow login needs a longer timeout.',
});

const aborted = (where: Where, step: string): Problem => ({
  code: 'ssh-aborted',
  says: `${at(where)}: the call was cancelled while ${step}`,
  next: 'Nothing to do: whoever asked no longer waits for the answer.',
});

export const driverClosed = (where: Where): Problem => ({
  code: 'ssh-closed',
  says: `${at(where)}: the driver has been closed`,
  next: 'Nothing to do on a stop; otherwise open the device again.',
});

export const deadlineTexts: DeadlineTexts = { aborted, deadlinePassed, driverClosed };

export const unreachable = (where: Where, why: string): Problem => ({
  code: 'ssh-unreachable',
  says: `${at(where)} could not be reached: ${why}`,
  next: 'Check address, port, cabling and firewall, and that SSH is enabled on the device.',
});

export const connectionLost = (where: Where, step: string, why = 'the connection ended'): Problem => ({
  code: 'ssh-connection-lost',
  says: `${at(where)}: ${why} while ${step}`,
  next: 'It is tried again on a new connection as long as the deadline allows.',
});

export const noCommonAlgorithm = (where: Where, why: string): Problem => ({
  code: 'ssh-no-common-algorithm',
  says: `${at(where)}: no agreement on ciphers and keys: ${why}`,
  next: 'Old firmware: update it, or set legacyAlgorithms: true for this device.',
  lasting: true,
});

export const sessionsExhausted = (where: Where, why: string): Problem => ({
  code: 'ssh-sessions-exhausted',
  says: `${at(where)} has no free session: ${why}`,
  next: 'Log other people out of the device, or give the fencing user a session of its own.',
});

export const loginRefused = (where: Where, username: string, tried: readonly string[]): Problem => ({
  code: 'ssh-login-refused',
  says: `${at(where)} refused the login of ${username} (tried: ${tried.join(', ') || 'nothing that it would take'})`,
  next: 'Correct the username, key or password of this device. No further login is tried for a while, so that the account is not locked out.',
  lasting: true,
});

export const loginPaused = (where: Where, username: string, seconds: number): Problem => ({
  code: 'ssh-login-paused',
  says: `${at(where)} refused the login of ${username} a moment ago; the same credentials are not tried again for ${seconds} s`,
  next: 'Correct the credentials of this device: new ones are tried at once.',
  lasting: true,
});

export const keyUnusable = (where: Where, origin: string, why: string): Problem => ({
  code: 'ssh-key-unusable',
  says: `${at(where)}: the private key from ${origin} cannot be used: ${why}`,
  next: 'Give a private key in OpenSSH or PEM form, and its passphrase where it has one.',
  lasting: true,
});

export const secretMissing = (where: Where, origin: string): Problem => ({
  code: 'ssh-secret-missing',
  says: `${at(where)}: the secret from ${origin} could not be read`,
  next: 'Check that the file or variable exists and may be read.',
});

export const hostKeyChanged = (where: Where, shown: string, pinned: readonly string[], more?: string): Problem => ({
  code: 'ssh-host-key-changed',
  says: `${at(where)} shows the host key ${shown}; pinned is ${pinned.join(' or ')}${more === undefined ? '' : `; ${more}`}: nothing was sent to it`,
  next: 'Either somebody is in between, or the device was replaced or renewed its key. Compare with the device itself, then pin the new key (bailiff discover).',
  lasting: true,
});

export const hostKeyUnknown = (where: Where, shown: string, why: string): Problem => ({
  code: 'ssh-host-key-unknown',
  says: `${at(where)} shows the host key ${shown}, and ${why}: nothing was sent to it`,
  next: 'Compare the key with the device itself, then pin it in hostKey or add it to the knownHosts file (bailiff discover).',
  lasting: true,
});

export const hostKeyRevoked = (where: Where, shown: string): Problem => ({
  code: 'ssh-host-key-revoked',
  says: `${at(where)} shows the host key ${shown}, which the knownHosts file has as @revoked: nothing was sent to it`,
  next: 'Do not trust this machine until it has a new key.',
  lasting: true,
});

export const certificateMissing = (where: Where, shown: string, why: string, authorities: readonly string[]): Problem => ({
  code: 'ssh-host-certificate-missing',
  says: `${at(where)} shows the host key ${shown}, and ${why} (trusted is the CA ${authorities.join(' or ')}): nothing was sent to it`,
  next: 'Have the CA certify this key (ssh-keygen -s CA -h) and give the certificate to the device (HostCertificate of sshd) or here (hostCertificate); or pin the key.',
});

export const certificateRefused = (where: Where, shown: string, offered: string, why: string, pinned: readonly string[]): Problem => ({
  code: 'ssh-host-certificate-refused',
  says: `${at(where)} shows the host key ${shown} with the ${offered}, which is refused: ${why}${
    pinned.length === 0 ? '' : `; pinned is ${pinned.join(' or ')}`
  }: nothing was sent to it`,
  next: 'Have the CA that is configured certify this key for the name under which the device is configured (ssh-keygen -s CA -h -n NAME -V), or correct host, hostCa or knownHosts.',
  lasting: true,
});

export const certificateUnreadable = (where: Where, file: string, why: string): Problem => ({
  code: 'ssh-host-certificate-unreadable',
  says: `${at(where)}: ${file} cannot be taken for its certificate: ${why}`,
  next: 'Check the path in hostCertificate, its permissions, and that it holds what ssh-keygen -s wrote (…-cert.pub).',
});

export const knownHostsUnreadable = (where: Where, file: string, why: string): Problem => ({
  code: 'ssh-known-hosts-unreadable',
  says: `${at(where)}: ${file} cannot be read: ${why}`,
  next: 'Check the path in knownHosts and its permissions.',
});

export const wrongSettings = (device: string, says: string): Problem => ({
  code: 'ssh-settings',
  says: `${device}: ${says}`,
  next: 'Correct the settings of this device; nothing is sent to it until then.',
  lasting: true,
});

export const noSuchPlug = (where: Where, plug: string, why: string): Problem => kitNoSuchPlug(at(where), plug, why);

export const notPermitted = (where: Where, said: string): Problem => ({
  code: 'ssh-not-permitted',
  says: `${at(where)} does not let this user do that: ${said}`,
  next: 'Give the fencing user the right to switch outlets on the device.',
  lasting: true,
});

export const orderRefused = (where: Where, said: string): Problem => ({
  code: 'ssh-order-refused',
  says: `${at(where)} did not take the order: ${said}`,
  next: 'The reading decides; look at the device where it stays on.',
});

export const cannotOrder = (where: Where, dialect: string, wanted: string): Problem => ({
  code: 'ssh-cannot-order',
  says: `${at(where)}: ${dialect} has no way to switch ${wanted}`,
  next: 'Use another device of this node for it.',
  lasting: true,
});

export const answerUnclear = (where: Where, said: string): Problem => ({
  code: 'ssh-answer-unclear',
  says: `${at(where)}: the answer says neither on nor off: ${said}`,
  next: 'If the device is of another model or firmware than its dialect expects, use the dialect generic with its words.',
});

export const answerTooLong = (where: Where, bytes: number): Problem => ({
  code: 'ssh-answer-too-long',
  says: `${at(where)} said more than ${bytes} bytes to one command`,
  next: 'Check that the address is that of the power device and the dialect is right.',
});

export const outOfStep = (where: Where, said: string): Problem => ({
  code: 'ssh-out-of-step',
  says: `${at(where)}: what the terminal shows does not begin with our command: ${said}`,
  next: 'The session was thrown away; the next call begins a new one.',
});

export const noExitStatus = (where: Where): Problem => ({
  code: 'ssh-no-exit-status',
  says: `${at(where)}: the command ended without an exit status`,
  next: 'The next reading decides.',
});

export const commandFailed = (where: Where, code: number, said: string): Problem => ({
  code: 'ssh-command-failed',
  says: `${at(where)}: the command ended with exit status ${code}: ${said}`,
  next: 'Run the command by hand on the device; rights and the outlet name are the usual causes.',
});

export const queueFull = (where: Where): Problem => ({
  code: 'ssh-busy',
  says: `${at(where)}: too many calls wait for this device already`,
  next: 'Calls are refused until those in flight are answered.',
});
