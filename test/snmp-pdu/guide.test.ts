/** The recipe in docs/guides/add-a-pdu-profile.md works as it is written. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseProfile } from '../../drivers/snmp-pdu/custom-profile.ts';
import { PART_NAMES } from '../../drivers/snmp-pdu/profile.ts';
import { profileNamed } from '../../drivers/snmp-pdu/profiles/index.ts';

const guide = await readFile(join(import.meta.dirname, '../../docs/guides/add-a-pdu-profile.md'), 'utf8');

it('the profile of the guide is one, and means what the family it was taken from means', () => {
  const text = /```json acme\.json\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const profile = parseProfile(text, 'acme.json');
  if (typeof profile === 'string') throw new Error(profile);
  const origin = profileNamed('vertiv-geist-v5');
  expect({ state: profile.state, orders: profile.orders }).toEqual({ state: origin?.state, orders: origin?.orders });
  expect(profile.batch).toEqual({ orders: 1, readings: 8 });
});

it('names every part that a plug can have', () => {
  for (const part of PART_NAMES) expect(guide).toContain(part);
});
