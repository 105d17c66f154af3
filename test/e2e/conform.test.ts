/** `bailiff conform --allow-power` is a named person's command: recorded, alone on the devices, and never on an outlet that carries a node. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestRack } from './rack.ts';

let rack: TestRack;
beforeAll(async () => {
  rack = await TestRack.up({
    cluster: 'orders',
    nodes: [{ name: 'db1', feeds: ['pdu-a/4'] }, { name: 'db2' }],
    devices: [
      { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
      { name: 'pdu-a', kind: 'pdu', family: 'raritan-px2', outlets: 8 },
    ],
  });
});
afterAll(async () => await rack.down());

const conform = async (...words: readonly string[]) => await rack.json('conform', ...words, '--only', 'C01', 'C02');

test('an outlet that carries a node is refused, fenced or not', async () => {
  expect(await conform('db1-bmc', '--allow-power', '--reason', 'x')).toMatchObject({ code: 2, value: { code: 'outlet-in-use' } });
  expect(await conform('pdu-a', '--outlet', '4', '--allow-power', '--reason', 'x')).toMatchObject({
    code: 2,
    value: { code: 'outlet-in-use' },
  });
  const second = await conform('pdu-a', '--outlet', '8', '--second-outlet', '4', '--allow-power', '--reason', 'x');
  expect(second).toMatchObject({ code: 2, value: { code: 'outlet-in-use' } });
  expect(rack.lab.machines.get('db1')?.lampLog.every(({ on }) => on)).toBe(true);
});

test('a spare outlet is switched only with a reason, and that is in the journal', async () => {
  expect((await conform('pdu-a', '--outlet', '8', '--allow-power')).code).toBe(2);
  expect(rack.lab.relay('pdu-a/8')?.carriedOut).toMatchObject({ off: 0 });
  const { code, value } = await conform('pdu-a', '--outlet', '8', '--allow-power', '--reason', 'new PDU', '--by', 'anna');
  expect([code, value.conforms]).toEqual([0, true]);
  expect((await rack.json('journal', 'verify')).value).toMatchObject({ ok: true, entries: 1 });
});

test('without --allow-power nothing is switched and nobody has to say why', async () => {
  const { code, value } = await rack.json('conform', 'db1-bmc', '--only', 'C01', 'C14');
  expect([code, value]).toEqual([0, expect.objectContaining({ conforms: true, kept: 1, notTried: 1, notApplicable: 0 })]);
  const { out } = await rack.bailiff('conform', 'pdu-a', '--outlet', '8', '--only', 'C01', 'C14');
  expect(out.trimEnd().split('\n').slice(-2)).toEqual([
    '1 kept, 0 broken, 1 not tried, 0 not applicable: snmp-pdu on pdu-a keeps what was tried; nothing was switched',
    'One case switches power and can be tried while no node hangs on it: bailiff conform pdu-a --outlet 8 --allow-power --reason TEXT',
  ]);
  expect(rack.lab.lamp('db1')).toBe(true);
});

const outcome = async (...words: readonly string[]) => {
  const { code, value } = await conform('pdu-a', ...words, '--allow-power', '--reason', 'x');
  return [code, value.code];
};
const nothingWasCut = (): void => {
  expect(rack.lab.machines.get('db1')?.lampLog.every(({ on }) => on)).toBe(true);
  expect(rack.lab.relay('pdu-a/4')?.carriedOut).toMatchObject({ off: 0 });
};
const changed = async (change: (text: string) => string): Promise<string> => {
  const text = await readFile(join(rack.folder, 'bailiff.yaml'), 'utf8');
  expect(change(text)).not.toBe(text);
  return await rack.file('changed.yaml', change(text));
};

test('an outlet that carries a node is refused however it is written, and under another entry of the same device', async () => {
  for (const plug of ['1.4', 'Outlet 4', 'name:Outlet 4']) expect(await outcome('--outlet', plug)).toEqual([2, 'outlet-in-use']);
  expect(await outcome('--outlet', 'nobody')).toEqual([2, 'outlet-unresolved']);
  const file = await changed((text) => text.replace(/^ {2}pdu-a: (.*)$/m, (line, entry: string) => `${line}\n  again: ${entry}`));
  const again = await conform('again', '--outlet', '4', '--allow-power', '--reason', 'x', '--config', file);
  expect(again).toMatchObject({ code: 2, value: { code: 'outlet-in-use' } });
  nothingWasCut();
});

test('a configuration with an error is refused where power may be switched', async () => {
  const file = await changed((text) => text.replace(/(db2: .*)fence: \[.*\]/, '$1fence: [[{ device: pdu-a, outlet: 4 }]]'));
  const { code, value } = await conform('pdu-a', '--outlet', '8', '--allow-power', '--reason', 'x', '--config', file);
  expect([code, value.code]).toEqual([2, 'configuration']);
});

test('a device that cannot be used is not opened', async () => {
  await rack.file(
    'stranger.mjs',
    `import { writeFileSync } from 'node:fs';
export const driver = {
  name: 'stranger', summary: 'a stranger', evidence: 'device', plugs: 'none', settings: {},
  kindOf() { throw new Error('no kind'); },
  open() { writeFileSync('opened', ''); throw new Error('opened'); },
};
`,
  );
  const file = await changed((text) => text.replace('devices:\n', 'devices:\n  odd: { driver: ./stranger.mjs }\n'));
  for (const power of [[], ['--allow-power', '--reason', 'x']]) {
    const { code, value } = await conform('odd', '--config', file, ...power);
    expect([code, value]).toMatchObject([
      2,
      { code: 'driver-threw', says: expect.stringMatching(/^device odd cannot be used: .*no kind$/) },
    ]);
  }
  const { code, err } = await rack.bailiff('conform', 'odd', '--config', file);
  expect([code, err.match(/odd cannot be used/g)]).toEqual([2, ['odd cannot be used']]);
  expect(existsSync(join(rack.folder, 'opened'))).toBe(false);
});
