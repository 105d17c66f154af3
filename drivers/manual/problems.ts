/** Every problem that this driver can tell, in one place: codes, words, and what to do. */
import type { Problem } from '../kit/contract.ts';
import type { Person } from './settings.ts';

export const personNeeded = (device: string, { called, does }: Person): Problem => ({
  code: 'person-needed',
  says: `${device} is a person: ${called} has to act${does === undefined ? '' : `: ${does}`}`,
  next: 'When the node is down: bailiff attest NODE --by NAME --reason TEXT.',
});
