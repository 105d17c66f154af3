/** What went wrong, in plain words, at which step. */
import {
  codeText,
  decodePrivilege,
  type Meaning,
  meaningOfCompletion,
  meaningOfPrivilegeRefusal,
  meaningOfStatus,
} from '../codec/index.ts';
import type { Response } from './established.ts';
import type { Failure } from './terms.ts';

const QUIRKS_HINT = 'check username, password, kg and privilege; if they are right, look for the quirk of this BMC (setting quirks)';

const passing = (step: string, code: string, says: string, next: string): Failure => ({
  step,
  code,
  says,
  next,
  lasting: false,
  credentials: false,
});

export const noAnswer = (step: string, sends: number): Failure =>
  passing(
    step,
    'ipmi-no-answer',
    sends === 0 ? 'the deadline had passed before anything could be sent' : 'the BMC did not answer',
    step === 'RAKP 2' || step === 'RAKP 4'
      ? 'the BMC talks, but not about this user: some say nothing to an unknown user or a wrong password; check both, then the network'
      : 'check address, UDP port and network, that IPMI over LAN is enabled, and whether the BMC itself has power',
  );

export const unreachable = (step: string): Failure =>
  passing(
    step,
    'ipmi-unreachable',
    'the address says that nothing listens on this UDP port (ICMP port unreachable)',
    'check address and port, and that IPMI over LAN is enabled; a BMC that restarts is back after a minute or two',
  );

/** What getaddrinfo(3) says of a name that it cannot resolve, as Node spells it. */
const UNRESOLVED: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME']);

export const cannotSend = (step: string, reason: string): Failure =>
  passing(
    step,
    'ipmi-cannot-send',
    UNRESOLVED.has(reason) ? `the name of the BMC does not resolve (${reason})` : `the network refuses to send to this address (${reason})`,
    UNRESOLVED.has(reason) ? 'check the spelling of the host, and DNS or /etc/hosts' : 'check the address and the route to the BMC',
  );

/** S2: an order leaves in its time or not at all. */
export const tooLate = (step: string, sent: boolean): Failure =>
  passing(
    step,
    'order-too-late',
    sent
      ? 'the time for this order was over before it was answered; it was not repeated'
      : 'the time for this order was over before it could be sent; nothing was sent',
    'see what was slow: bailiff story; what was ordered before is read',
  );

export const abandoned = (step: string): Failure =>
  passing(step, 'ipmi-abandoned', 'the call was given up before the BMC answered', 'nothing to do: whoever gave it up asks again');

export function refusedLogin(step: string, status: number): Failure {
  const { means, code, says, next } = meaningOfStatus(status);
  const credentials = means === 'credentials';
  return { step, code, says: `${says} (status ${codeText(status)})`, next, lasting: credentials || means === 'suite', credentials };
}

export const mixedUp = (step: string): Failure =>
  passing(
    step,
    'ipmi-copies-mixed-up',
    'the code of the BMC does not fit, after a message that it may have heard twice; or the password or the BMC key is wrong',
    'nothing to do where it stays rare: the login starts again by itself; else check password and kg, then loss and delay on the way to the BMC',
  );

export const unproven = (step: 'RAKP 2' | 'RAKP 4', withKg: boolean): Failure => ({
  step,
  code: step === 'RAKP 2' ? 'ipmi-password-wrong' : 'ipmi-kg-wrong',
  says:
    step === 'RAKP 2'
      ? 'the BMC and we do not use the same password for this user'
      : `the password fits, the BMC key does not: ${withKg ? 'Kg is another one on the BMC' : 'the BMC seems to have a Kg and none is configured'}`,
  next: QUIRKS_HINT,
  lasting: true,
  credentials: true,
});

const fromMeaning = (step: string, meaning: Meaning<string>, completionCode: number): Failure => ({
  step,
  code: meaning.code,
  says: `${meaning.says} (completion code ${codeText(completionCode)})`,
  next: meaning.next,
  lasting: meaning.means === 'privilege' || meaning.means === 'never',
  credentials: false,
});

const refusedPrivilege = (step: string, completionCode: number): Failure => ({
  ...fromMeaning(step, meaningOfPrivilegeRefusal(completionCode), completionCode),
  credentials: meaningOfPrivilegeRefusal(completionCode).means === 'privilege',
});

/** Of an answer to Set Session Privilege Level: undefined where it grants at least what was asked for. */
export function lackingPrivilege(step: string, { completionCode, data }: Response, asked: number): Failure | undefined {
  const granted = decodePrivilege(data);
  if (completionCode === 0 && (!granted.ok || granted.value >= asked)) return undefined;
  return refusedPrivilege(step, completionCode === 0 ? 0x81 : completionCode);
}

/** For a completion code other than 00h. */
export const refusedCommand = (step: string, completionCode: number): Failure =>
  fromMeaning(step, meaningOfCompletion(completionCode), completionCode);
