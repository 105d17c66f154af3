/** What an action takes is no right: whether this user may switch is told by their role, or is not known. */
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { driver as redfish } from '../../drivers/redfish/driver.ts';
import { driver as pdu } from '../../drivers/redfish/pdu.ts';
import { oneStage } from './one-stage.ts';
import { READER, type Stage, WITHIN } from './stage.ts';

const begin = oneStage();

const READING = { username: READER.name, password: Secret.fixed(READER.password) };
const ORDERED = /^> (?:POST|PATCH|DELETE) (?!.*Sessions)/;

describe.each([
  ['a system', redfish],
  ['a power strip', pdu],
])('the right to switch %s', (_what, module) => {
  const check = async (here: Stage, more: Readonly<Record<string, unknown>> = {}) => {
    const { ok, found, problem } = await here.open(more, module).check(WITHIN);
    expect(here.mock.log.filter((line) => ORDERED.test(line))).toEqual([]);
    return { ok, last: found.at(-1), problem };
  };

  it.each(['basic', 'session'])('is told by the role of the user, logged in by %s', async (auth) => {
    const here = await begin();
    expect(await check(here, { auth })).toMatchObject({
      ok: true,
      last: 'user fencer may switch: its role Operator has ConfigureComponents',
    });
  });

  it('is not that of a user who may only look', async () => {
    const here = await begin();
    expect(await check(here, READING)).toMatchObject({
      ok: false,
      last: 'user reader has the role ReadOnly, without ConfigureComponents',
      problem: { code: 'redfish-not-permitted', says: expect.stringContaining('gives user reader the role ReadOnly') },
    });
  });

  it('is told by a predefined role alone', async () => {
    const here = await begin({ manners: { tellsRights: 'role-only' } });
    expect(await check(here)).toMatchObject({ ok: true, last: expect.stringContaining('may switch') });
    expect(await check(here, READING)).toMatchObject({ ok: false });
  });

  it('is not known where the maker has privileges of his own', async () => {
    const here = await begin({ manners: { tellsRights: 'with-oem' } });
    expect(await check(here, READING)).toMatchObject({
      ok: true,
      last: 'whether user reader may switch is not known: the privileges of its role ReadOnly are not all told',
    });
  });

  it('is not known where the service tells no accounts', async () => {
    const here = await begin({ manners: { tellsRights: 'nothing' } });
    expect(await check(here)).toMatchObject({
      ok: true,
      last: 'whether user fencer may switch is not known: the service tells no accounts',
    });
  });
});
