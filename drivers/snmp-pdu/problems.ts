/** Every way in which a PDU can disappoint, in words for an operator. Never a secret, never a text that came from the wire unescaped. */
import type { Problem } from '../kit/contract.ts';
import { orderTooLate } from '../kit/problem.ts';
import type { Heard, Stage } from './client.ts';

const make = (code: string, says: string, next: string, lasting = false): Problem => ({
  code,
  says,
  next,
  ...(lasting ? { lasting } : {}),
});

/** error-status of RFC 3416 section 3 and RFC 1157 section 4.1.1. */
const ERRORS: Readonly<Record<number, string>> = {
  1: 'tooBig',
  2: 'noSuchName',
  3: 'badValue',
  4: 'readOnly',
  5: 'genErr',
  6: 'noAccess',
  7: 'wrongType',
  8: 'wrongLength',
  9: 'wrongEncoding',
  10: 'wrongValue',
  11: 'noCreation',
  12: 'inconsistentValue',
  13: 'resourceUnavailable',
  14: 'commitFailed',
  15: 'undoFailed',
  16: 'authorizationError',
  17: 'notWritable',
  18: 'inconsistentName',
};

export const errorName = (error: number): string => ERRORS[error] ?? `error ${error}`;

/** Text from a device, fit for one line of a log. */
export const quoted = (text: string): string => JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);

const STAGES: Readonly<Record<Stage, { readonly code: string; readonly says: string; readonly next: string }>> = {
  'engine discovery': {
    code: 'snmp-engine',
    says: 'the agent does not agree about its engine id',
    next: 'See whether two devices share this address, or the agent starts again and again.',
  },
  clock: {
    code: 'snmp-clock',
    says: "the agent's boot counter or clock does not fit (notInTimeWindows)",
    next: 'The session is opened again at the next try; if it stays, the agent forgets its boot counter.',
  },
  user: {
    code: 'snmp-user',
    says: 'the agent does not know the user (unknownUserNames)',
    next: 'Compare `user` with the SNMPv3 users of the PDU.',
  },
  'security level': {
    code: 'snmp-level',
    says: 'the agent does not take this security level from the user (unsupportedSecLevels)',
    next: 'Compare `level`, auth.protocol and priv.protocol with the user on the PDU.',
  },
  authentication: {
    code: 'snmp-auth',
    says: 'authentication failed (wrongDigests)',
    next: 'Compare auth.key and auth.protocol with the user on the PDU.',
  },
  privacy: {
    code: 'snmp-privacy',
    says: 'the message could not be decrypted',
    next: 'Compare priv.key and priv.protocol (aes256b or aes256r) with the user on the PDU.',
  },
};

/** Trying again within the same operation cannot help. */
const LASTING: readonly Stage[] = ['user', 'security level', 'authentication', 'privacy'];

/** Why an exchange did not bring answers. `step` names it: `set outlet 4 off`. `secured`: version 3 with privacy. */
export function problemOf(
  device: string,
  step: string,
  heard: Exclude<Heard, { readonly reply: 'answers' }>,
  secured: { readonly v3: boolean; readonly priv: boolean },
): Problem {
  const at = `${device}: ${step}`;
  switch (heard.reply) {
    case 'silent':
      return silence(at, heard.sent, heard.stage, secured);
    case 'aborted':
      return make('aborted', `${at}: cancelled before an answer came`, 'Nothing: the caller ended it.');
    case 'closed':
      return make('driver-closed', `${at}: the driver was closed`, 'Nothing: the caller ended it.');
    case 'refused':
      return make(
        'pdu-refused',
        `${at}: no SNMP agent listens there (ICMP unreachable)`,
        'See whether SNMP is switched on at the PDU, and host and port.',
      );
    case 'too-late':
      return orderTooLate(at, heard.sent);
    case 'cannot':
      return make('pdu-unusable', `${at}: ${heard.says}`, 'Mend the configuration of this device.');
    case 'unsent':
      return make('pdu-unsent', `${at}: the request could not be sent (${heard.says})`, 'See the network of this machine.');
    case 'malformed':
      return make('snmp-malformed', `${at}: ${heard.says}`, 'The answer was not believed; it is asked again.');
    case 'security': {
      const { code, says, next } = STAGES[heard.stage];
      return make(code, `${at}: SNMPv3 ${heard.stage}: ${says}`, next, LASTING.includes(heard.stage));
    }
    case 'error':
      return make(
        'snmp-error',
        `${at}: the agent answered ${errorName(heard.error)}`,
        'Compare profile and outlet with the PDU (`bailiff discover`).',
      );
  }
}

function silence(at: string, sent: number, stage: Stage | undefined, secured: { readonly v3: boolean; readonly priv: boolean }): Problem {
  const asked = `no answer to ${sent} ${sent === 1 ? 'request' : 'requests'} before the deadline`;
  if (!secured.v3)
    return make(
      'pdu-silent',
      `${at}: ${asked}`,
      'See power and network of the PDU; a wrong community is met with the same silence, and so is a version (1, 2c) that it does not speak.',
    );
  if (stage === 'engine discovery')
    return make(
      'pdu-silent',
      `${at}: SNMPv3 engine discovery: ${asked}`,
      'See power and network of the PDU, and whether SNMPv3 is switched on there.',
    );
  const cause = secured.priv
    ? ' after the engine was found: many agents answer a wrong privacy key with silence'
    : ' after the engine was found';
  return make(
    'pdu-silent',
    `${at}: SNMPv3 ${secured.priv ? 'privacy or network' : 'network'}: ${asked}${cause}`,
    'See the network; compare priv.key and priv.protocol with the user on the PDU.',
  );
}

export const noSuchOutlet = (device: string, plug: string, says: string): Problem =>
  make(
    'no-such-outlet',
    `${device}: outlet ${quoted(plug)}: ${says}`,
    'List the outlets with `bailiff discover`, then correct the configuration.',
    true,
  );

/** In a reading it is not lasting: an agent that has just started can lack its own objects for a while. */
export const outletMissing = (device: string, plug: string): Problem =>
  make(
    'no-such-outlet',
    `${device}: outlet ${quoted(plug)}: the PDU has no such object (noSuchInstance)`,
    'It is not taken for off. List the outlets with `bailiff discover`.',
  );

export const notUnique = (device: string, name: string, plugs: readonly string[]): Problem =>
  make(
    'outlet-name-not-unique',
    `${device}: the name ${quoted(name)} is on outlets ${plugs.join(', ')}`,
    'Address the outlet by number, or rename one on the PDU.',
    true,
  );

export const nameMismatch = (device: string, plug: string, expected: string, found: string): Problem =>
  make(
    'outlet-name-mismatch',
    `${device}: outlet ${quoted(plug)} is named ${quoted(found)}, not ${quoted(expected)}`,
    'Somebody renamed or rewired it: find out which node it feeds before anything is switched.',
    true,
  );

export const renumbered = (device: string, plug: string, part: string): Problem =>
  make(
    'outlet-renumbered',
    `${device}: outlet ${quoted(plug)}: its row belongs to another ${part} now`,
    'The chain of units was renumbered; the row is looked up again at the next try.',
  );

export const mayNotWrite = (device: string, step: string, error: number): Problem =>
  make(
    'pdu-write-denied',
    `${device}: ${step}: the outlet exists and the agent refuses the order (${errorName(error)})`,
    'Give the community or user the right to write on the PDU.',
    true,
  );

export const orderRefused = (device: string, step: string, error: number, lasting: boolean): Problem =>
  make(
    'order-refused',
    `${device}: ${step}: the agent refuses the order (${errorName(error)})`,
    'See whether the outlet is switchable and the profile fits.',
    lasting,
  );

export const wholeUnit = (device: string, step: string): Problem =>
  make(
    'whole-unit-object',
    `${device}: ${step}: the profile names an object that would switch the whole unit`,
    'Correct the profile; nothing was sent.',
    true,
  );

export const profileUnusable = (device: string, says: string): Problem =>
  make('profile-unusable', `${device}: ${says}`, 'Mend the profile or its file.', true);

export const stateUnknown = (device: string, plug: string, says: string): Problem =>
  make(
    'outlet-state-unknown',
    `${device}: outlet ${quoted(plug)}: ${says}`,
    'It is not taken for off; it is read again until the deadline.',
  );

/** A condition that does not hold and will not by itself. */
export const notFit = (device: string, plug: string, says: string): Problem =>
  make(
    'outlet-state-unknown',
    `${device}: outlet ${quoted(plug)}: ${says}`,
    'It is not taken for off, and waiting does not help: see this outlet on the PDU itself.',
  );

export const contradiction = (device: string, plug: string, says: string): Problem =>
  make(
    'outlet-contradiction',
    `${device}: outlet ${quoted(plug)} says off while ${says} flows`,
    'The relay or the meter is wrong: it is not taken for off. See the PDU.',
  );

export const loginMissing = (host: string, says: string): Problem =>
  make(
    'pdu-login-missing',
    `${host} was not asked: ${says}`,
    'Give a community (--set community=env:NAME), or a version 3 user (--set user=NAME auth.protocol=sha256 auth.key=env:NAME priv.protocol=aes priv.key=env:NAME).',
    true,
  );

export const familyUnknown = (host: string, sysObjectId = 'unknown', sysDescr = 'unknown'): Problem =>
  make(
    'pdu-family-unknown',
    `${host}: an SNMP agent answers (sysObjectID ${sysObjectId}, ${quoted(sysDescr)}), and no profile fits its outlets`,
    'Write a profile for it: docs/guides/add-a-pdu-profile.md.',
    true,
  );
