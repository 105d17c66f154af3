/** Two different persons must be two: one person's other spellings are not. */
import { expect, it } from 'vitest';
import { samePerson } from '../../src/core/attest.ts';

it.each([
  ['anna', 'anna', true],
  ['anna', 'Anna', true],
  ['Anna Berg', 'anna  berg ', true],
  ['anna', 'anna (as root)', true],
  ['anna (as root)', 'anna (as bailiff)', true],
  ['Zoë', 'Zoe\u0308', true],
  ['anna', 'ben', false],
  ['anna', 'hanna', false],
  ['anna (as root)', 'ben (as root)', false],
  ['root', 'anna (as root)', false],
  ['anna berg', 'annaberg', false],
])('%j and %j: one person: %s', (one, other, same) => {
  expect([samePerson(one, other), samePerson(other, one)]).toEqual([same, same]);
});
