/** A network that doubles datagrams: what a BMC says to a copy that we did not send is nothing against the password. */
import { describe, expect, test } from 'vitest';
import { refusal } from '../../drivers/ipmi/codec/index.ts';
import { mixedUp, unproven } from '../../drivers/ipmi/session/failures.ts';
import { Trial } from '../../drivers/ipmi/session/trial.ts';
import { stepOf } from '../../hardware-mocks/bmc/habits.ts';
import { bench } from './bench.ts';
import type { TinyOptions } from './tiny-bmc.ts';

const CALL = { ms: 8000 };
const ONE_PER_PORT = { onePerPort: true, repeats: 'sealed', steadyRandoms: false, slots: 63 } as const;
const DRAWS_ANEW = { repeats: 'other-keys', steadyRandoms: false, slots: 63 } as const;

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

async function told(seed: number, duplicate: number, bmc: Partial<TinyOptions>): Promise<string> {
  const stage = bench({ seed, bmc });
  stage.net.weather = { loss: 0, duplicate, delayMs: 1, jitterMs: 5 };
  const { power, why } = await stage.clock.wait(stage.driver.read('', CALL));
  return power === 'unknown' ? `${why?.code}${why?.lasting === true ? ', lasting' : ''}` : power;
}

test('every datagram is doubled, and the BMC takes the second Open Session of a port in place of the first: nobody is blamed', async () => {
  const stage = bench({ bmc: ONE_PER_PORT });
  stage.net.weather = { ...stage.net.weather, duplicate: 1 };
  const { power, why } = await stage.clock.wait(stage.driver.read('', CALL));
  expect([power, why?.code, why?.lasting ?? false]).toEqual(['unknown', 'ipmi-copies-mixed-up', false]);
  stage.net.weather = { ...stage.net.weather, duplicate: 0 };
  expect(await stage.clock.wait(stage.driver.read('', CALL))).toMatchObject({ power: 'on' });
});

describe.each([
  ['keeps one login for each port', ONE_PER_PORT],
  ['draws anew for each copy', DRAWS_ANEW],
] as const)('a BMC that %s', (_, bmc) => {
  test.each([0.1, 0.3])('%f of all datagrams are doubled and overtake each other: the right password lets us in', async (duplicate) => {
    const all = [];
    for (const seed of SEEDS) all.push(await told(seed, duplicate, bmc));
    expect(new Set(all)).toEqual(new Set(['on']));
  });
});

test('a wrong password is told all the same where one datagram in ten is doubled', async () => {
  for (const seed of SEEDS) expect(await told(seed, 0.1, { ...DRAWS_ANEW, password: 'another' })).toBe('ipmi-password-wrong, lasting');
});

test('two logins are a verdict, three where the network was seen to double; a login that was heard twice is none', () => {
  const plain = new Trial();
  expect([plain.wrongCode(true), plain.wrongCode(false), plain.wrongCode(true)]).toEqual([false, false, true]);
  const doubled = new Trial();
  doubled.doubled();
  expect([doubled.wrongProof(true), doubled.wrongProof(true), doubled.wrongProof(false), doubled.wrongProof(true)]).toEqual([
    false,
    false,
    false,
    true,
  ]);
  doubled.suspect(unproven('RAKP 4', true), false, mixedUp('RAKP 4'), false);
  doubled.over();
  expect([doubled.suspicion, doubled.wrongProof(true), doubled.wrongProof(true)]).toEqual([undefined, false, true]);
});

test.each([0x0d, 0x0f])('an Open Session ends the older login, which is then unknown (status %i): nobody is blamed', async (status) => {
  const stage = bench({ bmc: { refuseLogin: (tag, _, id) => refusal(tag, status, id) } });
  stage.net.weather = { ...stage.net.weather, delayMs: 750 };
  stage.net.filter = (datagram, way) => {
    if (way === 'to-bmc' && stepOf(datagram) === 'open') stage.bmc.sessions.clear();
    return datagram;
  };
  expect(await stage.clock.wait(stage.driver.read('', { ms: 20_000 }))).toMatchObject({ power: 'on' });
});
