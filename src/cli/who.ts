import { userInfo } from 'node:os';

/** Who gives a command: `--by`, or the login name. S1 wants a name. */
export function whoIs(by: string | undefined): string {
  if (by !== undefined && by.trim() !== '') return by.trim();
  const sudo = process.env.SUDO_USER;
  try {
    const login = userInfo().username;
    return sudo === undefined || sudo === '' ? login : `${sudo} (as ${login})`;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
