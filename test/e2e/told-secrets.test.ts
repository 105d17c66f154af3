/** A driver of somebody else that tells its password: neither the terminal nor the journal, check or story ever shows it (S12). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRack, TWO_NODES } from './rack.ts';

const PASSWORD = 'Tr0ub4dor & "three"';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up(TWO_NODES);
});
afterAll(async () => await rack.down());

const written = async (folder: string): Promise<string> =>
  (await Promise.all((await readdir(folder)).map(async (name) => await readFile(join(folder, name), 'utf8')))).join('');

const TELLING = `
const told = ({ password }) => 'login as fencer with ' + password.reveal() + ' failed: ' + JSON.stringify({ password: password.reveal() });
const odd = (says) => ({ code: 'odd', says, next: says });
export const driver = { name: 'teller', summary: 'a teller', evidence: 'device', plugs: 'none',
  settings: { password: { kind: 'secret', says: 'the password', required: true }, how: { kind: 'string', says: 'how' } },
  settingsProblem(settings) { return settings.how === 'unfit' ? told(settings) : undefined; },
  kindOf(settings) { if (settings.how === 'early') throw new Error(told(settings)); return { evidence: 'device', plugs: 'none' }; },
  open: (_device, settings) => ({
    evidence: 'device',
    async order() { throw new Error(told(settings)); },
    async read() { Promise.reject(new Error(told(settings))); return { power: 'unknown', source: told(settings), why: odd(told(settings)) }; },
    async check() { return { ok: false, found: [told(settings)], problem: odd(told(settings)) }; },
    async close() {},
  }) };
`;

test.each(['unfit', 'early', 'late'])('%s', async (how) => {
  await rack.file('teller.mjs', TELLING);
  const own = Object.fromEntries([...rack.lab.devices].map(([name, { configuration }]) => [name, configuration]));
  await rack.configure({
    devices: { ...own, teller: { driver: './teller.mjs', password: { env: 'TELLER' }, how } },
    nodes: { db1: { fence: [[{ device: 'teller' }], [{ device: 'db1-bmc' }]] }, db2: { fence: [[{ device: 'db2-bmc' }]] } },
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '1s', listenAgain: '0s' },
    policy: { tieBreaker: 'reference-ips', timeout: '8s', answerWithin: '1s', storm: { targets: 9, within: '10m' } },
  });
  const said = [];
  for (const words of [
    ['fence', 'db1', '--reason', 'tested', '--override', 'quorum-floor'],
    ['check'],
    ['status'],
    ['history'],
    ['story', 'db1'],
  ])
    for (const json of [[], ['--json']]) said.push(await rack.start([...words, ...json], { TELLER: PASSWORD }).ended);
  const shown = said.map(({ out, err }) => `${out}${err}`).join('\n');
  const journal = how === 'unfit' ? '' : await written(join(rack.folder, 'state/journal'));
  if (how === 'late') expect(journal).toContain('login as fencer with (secret) failed');
  expect(shown).toContain('login as fencer with (secret) failed');
  for (const text of [shown, journal]) expect(text).not.toContain('Tr0ub4dor');
});
