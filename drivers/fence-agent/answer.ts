/** What an agent's end means: exit codes of the FenceAgentAPI ("Agent operations and return values"), and the words beside them. */
import type { OrderResult, Problem, Reading } from '../kit/contract.ts';
import { aborted, deadlinePassed, failed, notStarted, unclear, type Where } from './problems.ts';
import { excerpt } from './redact.ts';
import type { Ran } from './transport.ts';

export type Ended = Extract<Ran, { kind: 'ended' }>;

export interface Asked {
  readonly where: Where;
  readonly action: string;
  /** Revealed, for redaction only. */
  readonly secrets: readonly string[];
}

/** The agent's end, or the problem where it did not come to one that can be judged. */
export function endOf(ran: Ran, { where, action }: Asked): Ended | Problem {
  switch (ran.kind) {
    case 'ended':
      return ran;
    case 'not-started':
      return notStarted(where, ran.says);
    case 'late':
      return deadlinePassed(where, action);
    case 'aborted':
      return aborted(where, action);
    case 'flood':
      return unclear(where, action, 'it wrote without end, and was ended');
  }
}

export const complaintOf = ({ err, out }: Ended, { secrets }: Asked): string => excerpt(err, secrets) || excerpt(out, secrets);

/** `Status: ON` as fencing.py prints it; both words, or one of them twice over, is no statement. */
function spokenPower(out: string): 'on' | 'off' | 'both' | undefined {
  const words = new Set([...out.matchAll(/^Status: +(ON|OFF)\r?$/gim)].map(([, word = '']) => word.toLowerCase()));
  if (words.size > 1) return 'both';
  const [word] = words;
  return word === 'on' || word === 'off' ? word : undefined;
}

/**
 * The exit code alone is not enough for an off: 2 is also what a shell gives for a syntax error and Python for wrong arguments or a
 * script that it cannot open. `silentOff`: for agents that print nothing.
 */
export function powerOf(ended: Ended, asked: Asked, silentOff: boolean): 'on' | 'off' | Problem {
  const { where, action } = asked;
  const { code, cut, out } = ended;
  const spoken = spokenPower(out);
  if (code === undefined) return unclear(where, action, 'a signal ended it');
  if (cut) return unclear(where, action, 'it wrote more than an answer');
  if (code !== 0 && code !== 2) return failed(where, action, complaintOf(ended, asked), isLasting(ended));
  const meant = code === 0 ? 'on' : 'off';
  if (spoken !== undefined && spoken !== meant) return unclear(where, action, `its exit code ${code} says ${meant}, its words do not`);
  if (meant === 'off' && spoken === undefined && !silentOff) {
    const said = complaintOf(ended, asked);
    return unclear(where, action, `exit code 2 without a line "Status: OFF"${said === '' ? '' : ` (${said})`}`);
  }
  return meant;
}

export const readingOf = (power: 'on' | 'off' | Problem, source: string): Reading =>
  typeof power === 'string' ? { power, source } : { power: 'unknown', why: power, source };

/** The agent gave the order and lost sight of it, or broke off anywhere: whether the device acted is not known. */
const HALFWAY = /Timed out waiting to power|Connection lost|Connection timed out|Traceback \(most recent call last\)/i;

/** The agent's own verification of an order is not our evidence: exit 0 only means that the order was taken. */
export function orderOf(ended: Ended, asked: Asked): OrderResult {
  const { where, action } = asked;
  const { code, err } = ended;
  if (code === 0) return { result: 'accepted' };
  if (code !== 1)
    return { result: 'unknown', why: unclear(where, action, code === undefined ? 'a signal ended it' : `it ended with exit code ${code}`) };
  const says = complaintOf(ended, asked);
  const why = failed(where, action, says, isLasting(ended));
  return { result: says === '' || HALFWAY.test(err) ? 'unknown' : 'rejected', why };
}

/** Complaints that no second try can mend (fencing.py and the agents that use it). */
const LASTING = [
  /^Failed: You have to (?:set|enter)/im,
  /does not have the correct privileges/i,
  /Can't find port with name/i,
  /Incorrect Access Key|Incorrect Region/i,
];

const isLasting = ({ err }: Ended): boolean => LASTING.some((words) => words.test(err));
