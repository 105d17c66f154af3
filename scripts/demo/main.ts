/**
 * `npm run demo`: a simulated rack on loopback, and the whole story of a split brain on it, over real sockets and with the commands that
 * a user would type. Ends with exit 1 if anything went otherwise than told.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlLab, startLab, writeLabConfiguration } from '../../hardware-mocks/index.ts';
import { bailiff, expect, say, title } from './stage.ts';

const BAILIFF = join(fileURLToPath(new URL('.', import.meta.url)), 'bailiff.cjs');

/** db1 and db2 have two supplies each, on two PDUs of different makers; web1 has a BMC and nothing else. */
const RACK = {
  cluster: 'orders',
  nodes: [{ name: 'db1', feeds: ['pdu-a/4', 'pdu-b/4'] }, { name: 'db2', feeds: ['pdu-a/5', 'pdu-b/5'] }, { name: 'web1' }],
  devices: [
    { name: 'db1-bmc', kind: 'bmc', node: 'db1' },
    { name: 'db2-bmc', kind: 'bmc', node: 'db2' },
    { name: 'web1-bmc', kind: 'bmc', node: 'web1' },
    { name: 'pdu-a', kind: 'pdu', family: 'apc-rpdu2', outlets: 8 },
    { name: 'pdu-b', kind: 'pdu', family: 'raritan-px2', version: '3', outlets: 8 },
  ],
};

const verdictOf = (id: string, epoch: number): string =>
  JSON.stringify(
    {
      id,
      cluster: 'orders',
      epoch,
      claim: 'partitioned',
      targets: ['db1'],
      survivors: ['db2', 'web1'],
      issuer: 'arb-1',
      issuedAt: new Date(Date.now() - 1000).toISOString(),
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
      reason: 'both sides are alive, the link between them is not; db1 answers fewer clients',
    },
    undefined,
    2,
  );

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bailiff-demo-'));
  const run = async (...words: readonly string[]) => await bailiff(BAILIFF, folder, words);
  title('A rack on loopback: three nodes, their BMCs (IPMI over UDP), two PDUs (SNMP v2c and v3)');
  const started = await startLab(RACK);
  if ('problem' in started) throw new Error(started.problem.says);
  const lab = started.value;
  const arbiters = [{ id: 'arb-1', publicKey: { file: 'arb-1.pub' } }];
  await bailiff(BAILIFF, folder, ['verdict', 'keygen', 'arb-1'], 'nothing');
  const policy = { storm: { targets: 2, within: '10m' } };
  await writeLabConfiguration(lab, { folder, sections: { arbiters, policy } });
  const control = await controlLab(lab, join(folder, 'lab.sock'));
  try {
    await run('status');
    await split(run, folder);
    expect(lab.lamp('db1') === false, 'db1 is on after a confirmed fence');
    await stale(run, folder);
    expect(lab.lamp('db2') === true, 'db2 lost its power');
    await deadBmc(run);
    expect(lab.lamp('db1') === false, 'db1 is on after both of its feeds were cut');
    await liar(run);
    expect(lab.lamp('web1') === true, 'the lying BMC switched after all');
    title('What really happened, whatever any device said');
    await run('lab', 'truth', '--folder', '.');
    await run('history');
    await run('journal', 'verify');
  } finally {
    await control.close();
    await lab.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Run = (...words: readonly string[]) => ReturnType<typeof bailiff>;

async function split(run: Run, folder: string): Promise<void> {
  title('Split brain: the arbiter says that db1 lost, in epoch 7, and signs it');
  await writeFile(join(folder, 'v7.json'), verdictOf('v7', 7));
  await sign(folder, 'v7');
  await run('plan', '--verdict', 'v7.jws');
  const done = await run('verdict', 'submit', 'v7.jws');
  expect(done.code === 0 && done.out.includes('confirmed'), 'the verdict did not end confirmed');
  title('Its story, from the journal');
  const operation = /bailiff story (\S+)/.exec(done.out)?.[1] ?? '';
  await run('story', operation);
}

async function sign(folder: string, name: string): Promise<void> {
  const into = `${name}.jws`;
  const signed = await bailiff(BAILIFF, folder, ['verdict', 'sign', `${name}.json`, '--key', 'arb-1.key'], { into });
  await writeFile(join(folder, into), signed.out);
}

async function stale(run: Run, folder: string): Promise<void> {
  title('The same verdict with an older epoch: refused, nothing is switched');
  await writeFile(join(folder, 'v6.json'), verdictOf('v6', 6));
  await sign(folder, 'v6');
  const done = await run('verdict', 'submit', 'v6.jws');
  expect(done.code === 3 && done.out.includes('stale-epoch'), 'the stale verdict was not refused');
}

async function deadBmc(run: Run): Promise<void> {
  title('The BMC of db1 is dead, as it often is together with its node: level 2 cuts both feeds');
  await run('unfence', 'db1', '--reason', 'the split is healed');
  await run('lab', 'fault', 'db1-bmc', 'mute', '--folder', '.');
  const done = await run('fence', 'db1', '--reason', 'no sign of life', '--by', 'anna');
  expect(done.code === 0 && done.out.includes('pdu-b:4'), 'level 2 did not confirm');
}

async function liar(run: Run): Promise<void> {
  title('A BMC that says "accepted" and does nothing: not reported as off');
  say('web1 may live by the verdict of epoch 7, and its vote is needed: a person has to lift both limits, for this one command.');
  await run('lab', 'fault', 'web1-bmc', 'ignore-orders', '--folder', '.');
  const done = await run(
    'fence',
    'web1',
    '--reason',
    'its disk hangs',
    '--by',
    'anna',
    '--timeout',
    '4s',
    '--override',
    'survivor',
    'quorum-floor',
  );
  expect(done.code === 1 && done.out.includes('still-on'), 'a node that is on was not reported as such');
}

main().then(
  () => say('', process.exitCode === 1 ? 'The demo went wrong; see above.' : 'That was the demo. Next: README.md, "A rack in 60 seconds".'),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
