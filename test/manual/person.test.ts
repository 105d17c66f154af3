/** The words of a person as a device: who is called, how, for what; and that nothing about them is a state, or lasts. */
import { expect, it } from 'vitest';
import { realClock, watchedTools } from '../../drivers/conformance/tools.ts';
import { checkSettings, type PowerDriver } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/manual/driver.ts';

const WHO = { who: 'the rota' };

function person(raw: Readonly<Record<string, unknown>>): PowerDriver {
  const { settings, problems } = checkSettings(driver.settings, raw);
  expect(problems).toEqual([]);
  return driver.open('on-call', settings, watchedTools(realClock));
}

it.each([
  [WHO, 'on-call is a person: the rota has to act'],
  [{ ...WHO, contact: '+49 30 1234' }, 'on-call is a person: the rota (+49 30 1234) has to act'],
  [{ ...WHO, does: 'pull both cords' }, 'on-call is a person: the rota has to act: pull both cords'],
])('%j: a reading is unknown, and tells whom it takes', async (raw, says) => {
  const { power, why, source } = await person(raw).read('', { ms: 1_000 });
  // Not lasting: they may act at any moment.
  expect([power, why?.code, why?.says, why?.lasting, source]).toEqual(['unknown', 'person-needed', says, undefined, 'a person']);
});

it('a person has no outlets, and never will', async () => {
  const wrong = { code: 'no-such-plug', lasting: true };
  expect(await person(WHO).read('3', { ms: 1_000 })).toMatchObject({ power: 'unknown', why: wrong });
  expect(await person(WHO).order('3', 'off', { ms: 1_000 })).toMatchObject({ result: 'rejected', why: wrong });
});

it('check calls nobody, and finds nothing wrong', async () => {
  expect(await person({ ...WHO, contact: '#ops' }).check({ ms: 1_000 })).toEqual({
    ok: true,
    found: ['the rota (#ops) is called when this level is reached; nobody was called now'],
  });
});

it.each([{}, { who: ' ' }, { ...WHO, contact: '' }, { ...WHO, does: 'x'.repeat(501) }, { ...WHO, phone: '1' }])(
  '%j are no settings',
  (raw) => {
    expect(checkSettings(driver.settings, raw).problems).not.toEqual([]);
  },
);
