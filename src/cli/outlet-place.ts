/** Which outlet a text means on a device that lists its outlets: only the device knows which label is which number. */
import type { ListedOutlet } from '../../drivers/kit/contract.ts';

/** As the device itself calls it: by plug, or by label (`name:4` is a label only). Undefined where none or several are called so. */
export function placeIn(listed: readonly ListedOutlet[], text: string): string | undefined {
  if (listed.some(({ plug }) => plug === text)) return text;
  const label = text.replace(/^name:/, '').trim();
  const called = listed.filter(({ name }) => name !== undefined && name.trim() === label);
  return called.length === 1 ? called[0]?.plug : undefined;
}
