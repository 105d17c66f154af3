/** Every family that a mock PDU can be. */
import type { Family } from '../family.ts';
import { apc } from './apc.ts';
import { cyberpower } from './cyberpower.ts';
import { eaton } from './eaton.ts';
import { hp } from './hp.ts';
import { ibm } from './ibm.ts';
import { raritan } from './raritan.ts';
import { servertech } from './servertech.ts';
import { small } from './small.ts';
import { tripplite } from './tripplite.ts';
import { vertiv } from './vertiv.ts';

export const FAMILIES: readonly Family[] = [
  ...apc,
  ...tripplite,
  ...eaton,
  ...raritan,
  ...servertech,
  ...cyberpower,
  ...vertiv,
  ...ibm,
  ...hp,
  ...small,
];

export function familyNamed(name: string): Family {
  const found = FAMILIES.find((family) => family.name === name);
  if (found === undefined) throw new RangeError(`no mock of family ${name}; there are ${FAMILIES.map((family) => family.name).join(', ')}`);
  return found;
}
