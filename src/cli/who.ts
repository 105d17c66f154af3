import { userInfo } from 'node:os';
import type { Principal } from '../service/service.ts';

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

/** Who runs the command: whoever has the account may act under a name of their choice, as with any tool on their machine. */
export const principal = (by: string | undefined, role: Principal['role'] = 'person'): Principal => ({
  name: whoIs(by),
  role,
  known: by === undefined || by.trim() === '' ? 'login' : 'stated',
});
