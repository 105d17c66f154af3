/** What the journal tells an operator. Codes are stable and listed in docs/ERRORS.md. */
import type { Problem } from '../vocabulary/index.ts';
import type { Damage } from './segment.ts';

const FIX: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on that file system.',
  EDQUOT: 'Raise the quota of the user that bailiff runs as, or free space.',
  EROFS: 'The file system is read-only: look for disk errors in the kernel log, repair and remount it.',
  EIO: 'The disk reports errors: look into the kernel log, and move the state folder to a good disk.',
  EACCES: 'Give the folder and its files to the user that bailiff runs as.',
  EPERM: 'Give the folder and its files to the user that bailiff runs as.',
  EFBIG: 'Raise the file size limit of the process (ulimit -f, LimitFSIZE=).',
};

export const unwritable = (path: string, step: string, code: string): Problem => ({
  code: 'journal-unwritable',
  says: `the state file ${path} could not be written (${step}: ${code}); nothing of it was kept`,
  next: `Nothing is ordered that is not journalled first. ${FIX[code] ?? 'Mend the file system.'} Then try again.`,
});

export const broken = (path: string, because: string): Problem => ({
  code: 'journal-broken',
  says: `the journal ${path} is closed to further writes: ${because}`,
  next: 'Nothing more is ordered. Mend the file system and restart bailiff: it reads every outlet before it orders anything.',
  lasting: true,
});

export const tooLarge = (bytes: number, most: number): Problem => ({
  code: 'journal-entry-too-large',
  says: `an entry of ${bytes} bytes is larger than a journal line may be (${most} bytes); it was not written`,
  next: 'Nothing that depended on it is done. Shorten what led to it (a verdict with thousands of targets, a very long reason).',
  lasting: true,
});

export const inUse = (stateDir: string, owner: string): Problem => ({
  code: 'state-in-use',
  says: `the state folder ${stateDir} is in use by ${owner}`,
  next: 'Wait until that process has ended or stop it, or send the request to it; two writers on one state folder are never allowed.',
});

export const ownerUnknown = (stateDir: string, says: string): Problem => ({
  code: 'state-owner-unknown',
  says: `cannot tell whether the state folder ${stateDir} is free: ${says}`,
  next: 'Install the command flock (package util-linux; BusyBox, as on Alpine, has it too), and see that the folder is on a local disk and may be written.',
});

export const unreadable = (path: string, code: string): Problem => ({
  code: 'journal-unreadable',
  says: `the journal ${path} could not be read (${code})`,
  next: 'See that the folder and its files belong to the user that bailiff runs as, and that the disk is sound.',
});

export const torn = (path: string, line: number, offset: number, bytes: number): Problem => ({
  code: 'journal-torn-line',
  says: `the last line of ${path} (line ${line}, byte ${offset}) was written only in part: ${bytes} bytes of an unacknowledged entry`,
  next: 'Nothing to do: it was never acted on, and the next writer cuts it off. Expected after a crash or a power failure.',
});

export const lastWordsDamaged = (path: string): Problem => ({
  code: 'last-words-damaged',
  says: `an earlier process could not write its journal, and what it said of that in ${path} cannot be read`,
  next: 'What was open then is taken for given up: see bailiff history, and fence again what still has to be. Look for disk errors.',
});

const RESTORE =
  'with a copy of the journal: bailiff journal restore COPY --lowest-epoch N --reason TEXT; without one: --empty instead of COPY. Epochs, ' +
  'fenced marks and open operations that came later are forgotten then, so check by hand which nodes are off first.';

const ASIDE = `See bailiff journal verify and the kernel log. Then, ${RESTORE}`;

/** `epoch`: the one in force when the journal was last marked. */
export const older = (stateDir: string, why: string, epoch: number | undefined): Problem => ({
  code: 'journal-older',
  says: `the journal in ${stateDir} is older than its marker, or is another one: ${why}${epoch === undefined ? '' : ` (epoch ${epoch} was in force)`}`,
  next: `Old verdicts could be admitted again, so nothing is begun. Bring the newest copy back if there is one; ${RESTORE}`,
  lasting: true,
});

export const markerDamaged = (path: string): Problem => ({
  code: 'journal-marker-damaged',
  says: `the marker ${path} cannot be read, so nobody can tell whether the journal beside it is the newest`,
  next: `Look for disk errors. Where the journal is the right one, copy it elsewhere and restore that copy; ${RESTORE}`,
  lasting: true,
});

/** `says` names what is wrong, with the place. */
export const copyUnusable = (says: string): Problem => ({
  code: 'journal-copy-unusable',
  says: `this is no journal that can be brought back: ${says}`,
  next: 'Nothing was changed. Give a copy of the folder journal that is whole; a copy of one segment is enough where it begins with a snapshot.',
});

export const damaged = (path: string, damage: Damage): Problem => ({
  code: 'journal-damaged',
  says: `${path}:${damage.line} (byte ${damage.offset}): the line ${damage.says}`,
  next: ASIDE,
  lasting: true,
});

export const segmentMissing = (path: string, why: string): Problem => ({
  code: 'journal-damaged',
  says: `${path} is missing: ${why}`,
  next: ASIDE,
  lasting: true,
});
