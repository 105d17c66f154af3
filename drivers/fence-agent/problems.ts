/** Every problem that this driver can tell, in one place: codes, words, and what to do. */
import type { Problem } from '../kit/contract.ts';

export interface Where {
  readonly device: string;
  /** Name of the agent's file. */
  readonly agent: string;
}

const at = ({ device, agent }: Where): string => `${device} (${agent})`;

export const deadlinePassed = (where: Where, action: string): Problem => ({
  code: 'fence-agent-deadline',
  says: `${at(where)} had not finished ${action} by the deadline; its processes were ended`,
  next: 'Try it by hand and see how long it takes; shorten its own waits (power_wait, login_timeout) or give the operation more time.',
});

export const aborted = (where: Where, action: string): Problem => ({
  code: 'fence-agent-aborted',
  says: `${at(where)}: ${action} was cancelled; its processes were ended`,
  next: 'Nothing to do: whoever asked no longer waits for the answer.',
});

export const driverClosed = (where: Where): Problem => ({
  code: 'fence-agent-closed',
  says: `${at(where)}: the driver has been closed`,
  next: 'Nothing to do on a stop; otherwise open the device again.',
});

export const notRunnable = (where: Where, says: string): Problem => ({
  code: 'fence-agent-not-runnable',
  says: `${at(where)} cannot be run: ${says}`,
  next: 'Install the fence agent (Debian: fence-agents), or mend owner and mode of its file.',
  lasting: true,
});

export const notStarted = (where: Where, says: string): Problem => ({
  code: 'fence-agent-not-started',
  says: `${at(where)} could not be started: ${says}`,
  next: 'Check its first line (the interpreter), and the limits on processes and files of this coordinator.',
});

export const valueRefused = (where: Where, name: string, says: string): Problem => ({
  code: 'fence-agent-value-refused',
  says: `${at(where)}: the value of ${name} ${says}`,
  next: 'Write the value without it; what an agent reads on its standard input has no escaping.',
  lasting: true,
});

export const secretMissing = (where: Where, says: string): Problem => ({
  code: 'fence-agent-secret-missing',
  says: `${at(where)}: a secret cannot be had: ${says}`,
  next: 'Mend the file, variable or credential that it refers to.',
});

export const noSuchPlug = (where: Where, plug: string, says: string): Problem => ({
  code: 'fence-agent-no-such-plug',
  says: `${at(where)} has no outlet ${JSON.stringify(plug.slice(0, 80))}: ${says}`,
  next: 'Correct the outlet in the fence level of the node; see bailiff check.',
  lasting: true,
});

export const failed = (where: Where, action: string, says: string, lasting = false): Problem => ({
  code: 'fence-agent-failed',
  says: `${at(where)} failed ${action}: ${says === '' ? 'it did not say why' : says}`,
  next: 'Correct what it names; bailiff check tries it without switching anything.',
  ...(lasting ? { lasting: true } : {}),
});

export const unclear = (where: Where, action: string, says: string): Problem => ({
  code: 'fence-agent-unclear',
  says: `${at(where)}: the answer to ${action} is not clear: ${says}`,
  next: 'Nothing is taken for granted: only a reading settles it. Try the agent by hand where it stays like this.',
});

export const offInDoubt = (where: Where, says: string): Problem => ({
  code: 'fence-agent-off-in-doubt',
  says: `${at(where)} says off, and its off is no proof: ${says}`,
  next: 'Use a driver of ours for this device, or give a second agent in secondReading.',
  lasting: true,
});

export const contradicted = (where: Where, second: string, power: string): Problem => ({
  code: 'fence-agent-contradicted',
  says: `${at(where)} says off, and ${second} reads ${power}`,
  next: 'Believe neither: look at the device. Perhaps the two are not set up for the same outlet.',
});

export const wrongSettings = (where: Where, says: string): Problem => ({
  code: 'fence-agent-settings',
  says: `${at(where)} is not set up: ${says}`,
  next: 'Correct the settings of this device in the configuration.',
  lasting: true,
});

export const wrongParameter = (where: Where, says: string, takes: string): Problem => ({
  code: 'fence-agent-parameter',
  says: `${at(where)}: ${says}`,
  next: `Correct parameters and secrets of this device. The agent takes: ${takes}.`,
  lasting: true,
});

export const metadataUnusable = (where: Where, says: string): Problem => ({
  code: 'fence-agent-metadata',
  says: `${at(where)} does not describe itself as a fence agent: ${says}`,
  next: 'Check that the file is a fence agent and that what it needs (Python modules) is installed.',
});

export const cannotList = (where: Where): Problem => ({
  code: 'fence-agent-cannot-list',
  says: `${at(where)} has neither list-status nor list`,
  next: 'Nothing to mend: read an outlet to see that its name is right.',
  lasting: true,
});
