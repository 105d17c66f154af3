/** Our driver on snmpsim, an agent that keeps what is written: a third implementation of SNMP, in Python. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { openDriver, WITHIN } from '../snmp-pdu/stage.ts';
import { freePort } from './free-port.ts';
import { ownFolder, run, start, until } from './snmp-stage.ts';
import { describeWithStrangers } from './strangers.ts';

const SPDU = '1.3.6.1.4.1.318.1.1.4';
const OUTLETS = [1, 2, 3, 4, 5, 6, 7, 8];

/** snmprec: object, type (2 INTEGER, 4 text, 6 object identifier), value; `writecache` keeps what a SET brought. */
const RECORD = [
  '1.3.6.1.2.1.1.1.0|4|APC MasterSwitch, played by snmpsim',
  '1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.4.2',
  `${SPDU}.4.1.0|2|${OUTLETS.length}`,
  ...OUTLETS.map((n) => `${SPDU}.4.2.1.2.${n}|2|2`),
  ...OUTLETS.map((n) => `${SPDU}.4.2.1.3.${n}|2:writecache|value=1`),
  ...OUTLETS.map((n) => `${SPDU}.4.2.1.4.${n}|4|Outlet ${n}`),
];

describeWithStrangers(['snmpsimd', 'snmpget'], 'our driver on snmpsim', (path) => {
  it('switches and reads in v1 and v2c, and an outlet that does not exist is not off', async () => {
    const folder = await ownFolder();
    for (const part of ['data', 'cache']) {
      await mkdir(join(folder, part));
      await chmod(join(folder, part), 0o777);
    }
    await writeFile(join(folder, 'data', 'private.snmprec'), `${RECORD.join('\n')}\n`);
    const port = await freePort('udp');
    start(path('snmpsimd'), [
      `--data-dir=${join(folder, 'data')}`,
      `--cache-dir=${join(folder, 'cache')}`,
      '--process-user=nobody',
      '--process-group=nogroup',
      `--logging-method=file:${join(folder, 'cache', 'log')}`,
      `--agent-udpv4-endpoint=127.0.0.1:${port}`,
    ]);
    const state = `.${SPDU}.4.2.1.3.3`;
    const get = () => run(path('snmpget'), ['-v2c', '-c', 'private', '-On', '-r', '0', '-t', '1', `127.0.0.1:${port}`, state]);
    await until(async () => (await get()).code === 0);
    for (const version of ['1', '2c']) {
      const pdu = openDriver({ host: '127.0.0.1', port, profile: 'apc-spdu', version, community: Secret.fixed('private') });
      expect(await pdu.order('3', 'off', WITHIN)).toEqual({ result: 'accepted' });
      expect(await pdu.read('3', WITHIN)).toMatchObject({ power: 'off' });
      expect((await get()).text).toContain('INTEGER: 2');
      expect(await pdu.read('9', WITHIN)).toMatchObject({ power: 'unknown' });
      expect(await pdu.order('9', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'no-such-outlet' } });
      expect(await pdu.order('3', 'on', WITHIN)).toEqual({ result: 'accepted' });
      expect(await pdu.read('3', WITHIN)).toMatchObject({ power: 'on' });
    }
  });
});
