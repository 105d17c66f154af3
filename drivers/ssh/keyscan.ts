/**
 * Asks a device for its host certificates by OpenSSH's ssh-keyscan: the SSH library has no word for them. Nothing secret goes there, and
 * nothing that comes back is believed: it is checked against an authority. A child process, an argument array, no shell; bounded by the
 * deadline and in bytes.
 */
import { spawn } from 'node:child_process';
import { certificatesIn } from './codec/certificate.ts';
import type { RunningDeadline } from '../kit/deadline.ts';

interface Scanned {
  readonly certificates: readonly Uint8Array[];
  /** What became of it, in words that go on after `no certificate vouches for it:`. */
  readonly why: string;
}

export type Scan = (to: { readonly host: string; readonly port: number }, deadline: RunningDeadline) => Promise<Scanned>;

/** A certificate is 64 KiB at most, in base64, and there are three. */
const MOST_OUTPUT = 320 * 1024;
const MOST_COMPLAINT = 512;
/** DSA keys are certified by nobody any more. */
const TYPES = 'ed25519,ecdsa,rsa';
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'];

export const scanWith =
  (command: string): Scan =>
  ({ host, port }, deadline) => {
    deadline.step = 'asking for its host certificate';
    // Half of the time is for the login; what the others have said by then is printed although one of its connections hangs.
    const seconds = Math.max(1, Math.floor(deadline.remainingMs / 2_000));
    const args = ['-c', '-t', TYPES, '-T', String(seconds), '-p', String(port), '--', host];
    return new Promise((resolve) => {
      if (deadline.over !== undefined) return resolve(nothing('there was no time to ask for one'));
      const path = [process.env['PATH'], ...FOLDERS].filter(Boolean).join(':');
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env: { PATH: path, LC_ALL: 'C' } });
      const out: Buffer[] = [];
      let bytes = 0;
      let complaint = '';
      let settled = false;
      const settle = (scanned: Scanned): void => {
        if (settled) return;
        settled = true;
        forget();
        child.kill('SIGKILL');
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(scanned);
      };
      const forget = deadline.onOver(() => settle(nothing('there was no time to ask for one')));
      child.stdout.on('data', (data: Buffer) => {
        bytes += data.length;
        if (bytes > MOST_OUTPUT) settle(nothing(`${command} said more than ${MOST_OUTPUT} bytes`));
        else out.push(data);
      });
      child.stderr.on('data', (data: Buffer) => {
        if (complaint.length < MOST_COMPLAINT) complaint += data.toString('latin1');
      });
      child.once('error', (error: NodeJS.ErrnoException) => settle(nothing(notStarted(command, error.code ?? error.message))));
      child.once('close', () => {
        const certificates = certificatesIn(Buffer.concat(out).toString('latin1'));
        settle(
          certificates.length > 0
            ? { certificates, why: 'those that it offers are for other keys' }
            : nothing(`it offers none${said(complaint)}`),
        );
      });
    });
  };

export const keyscan: Scan = scanWith('ssh-keyscan');

const nothing = (why: string): Scanned => ({ certificates: [], why });

const notStarted = (command: string, why: string): string =>
  why === 'ENOENT'
    ? `${command} of OpenSSH, which asks for one, is not installed here (Debian package openssh-client)`
    : `${command} could not be started: ${why}`;

/** Its banner lines begin with #. */
function said(complaint: string): string {
  const line = complaint.split('\n').find((each) => each !== '' && !each.startsWith('#'));
  return line === undefined ? '' : ` (ssh-keyscan says ${JSON.stringify(line.slice(0, 120).replace(/[^\u0020-\u007e]/g, ' '))})`;
}
