/**
 * The connection between an order and its reading, with the service on a thread of its own: there an answer can be whole before Node has
 * counted our request as sent, and the connection is free only after that.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { watchedTools, realClock } from '../../drivers/conformance/tools.ts';
import { checkSettings, Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/redfish/driver.ts';
import { USER, WITHIN } from './stage.ts';

const SERVICE = `
import { parentPort } from 'node:worker_threads';
import { realClock } from './clock.ts';
import { Machine } from './machine.ts';
import { MockRedfish } from './redfish/index.ts';
const clock = realClock();
const machine = new Machine({ name: 'db1', clock });
const users = [${JSON.stringify(USER)}];
MockRedfish.start({ systems: [{ id: 'Blade-1', machine }], users, clock }).then((mock) => {
  parentPort.postMessage({ port: mock.port, pin: mock.certificate.fingerprint });
  parentPort.on('message', () => parentPort.postMessage({ connections: mock.count.connections, lamp: machine.lamp }));
});
`;

async function service(): Promise<Worker> {
  const resolveDir = new URL('../../hardware-mocks', import.meta.url).pathname;
  const stdin = { contents: SERVICE, resolveDir, loader: 'ts' as const };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, platform: 'node', format: 'cjs', target: 'node20.19' });
  return new Worker(outputFiles[0]?.text ?? '', { eval: true });
}

it('an order and the readings after it take one connection', { timeout: 60_000 }, async () => {
  const worker = await service();
  try {
    const [{ port, pin }] = (await once(worker, 'message')) as [{ port: number; pin: string }];
    const raw = { host: '127.0.0.1', port, username: USER.name, password: Secret.fixed(USER.password), tls: { pins: [pin] } };
    const taken: number[] = [];
    let before = 0;
    for (let round = 0; round < 40; round += 1) {
      const wanted = round % 2 === 0 ? 'off' : 'on';
      const { settings, problems } = checkSettings(driver.settings, { ...raw, auth: round % 4 < 2 ? 'basic' : 'session' });
      expect(problems).toEqual([]);
      const device = driver.open('bmc', settings, watchedTools(realClock));
      expect(await device.order('', wanted, WITHIN)).toEqual({ result: 'accepted' });
      for (let reading = 0; reading < 3; reading += 1) expect((await device.read('', WITHIN)).power).toBe(wanted);
      await device.close();
      worker.postMessage('count');
      const [{ connections, lamp }] = (await once(worker, 'message')) as [{ connections: number; lamp: boolean }];
      expect(lamp).toBe(wanted === 'on');
      taken.push(connections - before);
      before = connections;
    }
    expect(taken).toEqual(taken.map(() => 1));
  } finally {
    await worker.terminate();
  }
});
