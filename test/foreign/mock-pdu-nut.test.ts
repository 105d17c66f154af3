/** nut's SNMP driver drives our mock PDU: nut's server in front of it, nut's clients ask for states and order. */
import { chmod, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { MockPdu } from '../../hardware-mocks/pdu/index.ts';
import { startPdu } from '../snmp-pdu/stage.ts';
import { freePort } from './free-port.ts';
import { ownFolder, run, start, until } from './snmp-stage.ts';
import { describeWithStrangers } from './strangers.ts';

interface Switched {
  readonly family: string;
  /** nut's name for its MIB. */
  readonly mib: string;
  /** Which of our outlets nut's outlet 2 is: nut numbers by the instance on the wire. */
  readonly row: number;
  /** Does nut 2.8.0 read the outlet again after its first look? */
  readonly follows: boolean;
}

const SWITCHED: readonly Switched[] = [
  { family: 'raritan-px2', mib: 'raritan-px2', row: 2, follows: false },
  { family: 'eaton-managed-epdu', mib: 'aphel_revelation', row: 3, follows: true },
];

interface Nut {
  /** What nut knows of outlet 2. */
  status(): Promise<string>;
  /** Nut's exit code for an instant command on outlet 2. */
  order(command: string): Promise<number>;
}

/** nut as it is run on a machine: driver, server and clients, with a folder of their own. */
async function startNut(path: (name: NutName) => string, pdu: MockPdu, mib: string): Promise<Nut> {
  const folder = await ownFolder();
  const port = await freePort('tcp');
  const files = {
    'ups.conf': `[pdu]\n driver = snmp-ups\n port = 127.0.0.1:${pdu.port}\n community = private\n snmp_version = v2c\n mibs = ${mib}\n pollfreq = 1\n`,
    'upsd.conf': `LISTEN 127.0.0.1 ${port}\nSTATEPATH ${folder}\n`,
    'upsd.users': '[fencer]\n password = of-the-test\n instcmds = ALL\n',
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o600);
  }
  const env = { NUT_CONFPATH: folder, NUT_STATEPATH: folder, NUT_ALTPIDPATH: folder };
  const { username } = userInfo();
  start(path('snmp-ups'), ['-a', 'pdu', '-u', username, '-F', '-i', '1'], env);
  start(path('upsd'), ['-u', username, '-F'], env);
  const at = `pdu@127.0.0.1:${port}`;
  // Its word comes first, a remark on TLS after it.
  const status = async (): Promise<string> => (await run(path('upsc'), [at, 'outlet.2.status'])).text.split('\n')[0] ?? '';
  await until(async () => ['on', 'off'].includes(await status()));
  return {
    status,
    order: async (command) => (await run(path('upscmd'), ['-u', 'fencer', '-p', 'of-the-test', at, `outlet.2.load.${command}`])).code,
  };
}

const NUT = ['snmp-ups', 'upsd', 'upsc', 'upscmd'] as const;
type NutName = (typeof NUT)[number];

describeWithStrangers(NUT, 'nut on our mock PDU', (path) => {
  it.each(SWITCHED)('cuts and restores an outlet of $family', async ({ family, mib, row, follows }) => {
    const pdu = await startPdu(family);
    const nut = await startNut(path, pdu, mib);
    expect(await nut.status()).toBe('on');
    for (const power of ['off', 'on'] as const) {
      expect(await nut.order(power)).toBe(0);
      await until(async () => pdu.outlet(row).relay.closed === (power === 'on'));
      if (follows) await until(async () => (await nut.status()) === power);
      expect(pdu.outlets.all.every((outlet) => outlet.row === row || outlet.relay.closed)).toBe(true);
    }
    expect(pdu.outlets.audit).toMatchObject([
      { outlet: row, action: 'off' },
      { outlet: row, action: 'on' },
    ]);
  });

  it('reads the outlets of apc-spdu, which it cannot switch: its table has no order for them', async () => {
    const pdu = await startPdu('apc-spdu');
    pdu.outlet(2).relay.order('off', { delayMs: 0 });
    const nut = await startNut(path, pdu, 'apc_pdu');
    expect(await nut.status()).toBe('off');
    expect(await nut.order('on')).not.toBe(0);
    expect(pdu.outlets.audit).toEqual([]);
  });
});
