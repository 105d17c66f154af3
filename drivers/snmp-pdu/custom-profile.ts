/** A user's own profile: the same shape as the ones in profiles/, as JSON in a file. */
import { readFileSync, statSync } from 'node:fs';
import type { Profile } from './profile.ts';
import { checkProfile } from './profile-check.ts';

/** A profile is some 2 kB; anything much larger is another file. */
const MAX_BYTES = 65_536;

/** The profile, or in words what is wrong with the file. */
export function loadProfile(path: string): Profile | string {
  let text: string;
  try {
    if (statSync(path).size > MAX_BYTES) return `profile file ${path} is larger than ${MAX_BYTES} bytes`;
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return `profile file ${path} cannot be read (${(error as { readonly code?: string }).code ?? 'unknown error'})`;
  }
  return parseProfile(text, path);
}

export function parseProfile(text: string, path: string): Profile | string {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return `profile file ${path} is not JSON`;
  }
  const checked = checkProfile(raw);
  return 'profile' in checked ? checked.profile : `profile file ${path}: ${checked.problems.join('; ')}`;
}
