/** A login with the keys of an agent: a few of them, or the one that is named; an agent that hangs holds up nothing beyond the deadline. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fingerprint } from '../../drivers/ssh/key-names.ts';
import { string } from './authority.ts';
import { type Rack, rack, until } from './rack.ts';

/** draft-ietf-sshm-ssh-agent, 5.1: message numbers. */
const [REQUEST_IDENTITIES, IDENTITIES_ANSWER, SIGN_REQUEST, SIGN_RESPONSE] = [11, 12, 13, 14];

interface AgentKey {
  readonly blob: Buffer;
  readonly key: KeyObject;
}

function agentKey(): AgentKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const point = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    blob: Buffer.concat([string('ssh-ed25519'), string(point)]),
    key: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

const undo: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

interface FakeAgent {
  readonly path: string;
  readonly sockets: ReadonlySet<Socket>;
}

/** Without keys it takes connections and says nothing. */
async function agent(keys: readonly AgentKey[] | undefined): Promise<FakeAgent> {
  const folder = await mkdtemp(join(tmpdir(), 'agent-'));
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let heard = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data]);
      while (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE(0)) {
        const message = heard.subarray(4, 4 + heard.readUInt32BE(0));
        heard = heard.subarray(4 + heard.readUInt32BE(0));
        if (keys !== undefined) socket.write(string(answer(message, keys)));
      }
    });
  });
  const path = join(folder, 'socket');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  undo.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });
  return { path, sockets };
}

function answer(message: Buffer, keys: readonly AgentKey[]): Buffer {
  if (message[0] === REQUEST_IDENTITIES) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(keys.length);
    return Buffer.concat([Buffer.of(IDENTITIES_ANSWER), count, ...keys.flatMap(({ blob }) => [string(blob), string('comment')])]);
  }
  expect(message[0]).toBe(SIGN_REQUEST);
  const length = message.readUInt32BE(1);
  const blob = message.subarray(5, 5 + length);
  const data = message.subarray(9 + length, 9 + length + message.readUInt32BE(5 + length));
  const found = keys.find((each) => each.blob.equals(blob));
  if (found === undefined) return Buffer.of(5);
  return Buffer.concat([Buffer.of(SIGN_RESPONSE), string(Buffer.concat([string('ssh-ed25519'), string(sign(null, data, found.key))]))]);
}

async function start(right: AgentKey): Promise<Rack> {
  const started = await rack('apc-aos', { users: [{ name: 'fencer', publicKey: `ssh-ed25519 ${right.blob.toString('base64')}` }] });
  undo.push(() => started.close());
  return started;
}

describe('an agent', () => {
  const keys = Array.from({ length: 6 }, agentKey);
  const [, , , fourth, fifth] = keys;
  if (fourth === undefined || fifth === undefined) throw new Error('too few keys');

  it('with many keys: four of them are offered, so that the device does not lock the account', async () => {
    const { path, sockets } = await agent(keys);
    const { open } = await start(fourth);
    expect(await open({ password: undefined, agent: path }).read('1', { ms: 10_000 })).toMatchObject({ power: 'on' });
    await until(() => sockets.size === 0);
    expect(sockets.size).toBe(0);
    const other = await start(fifth);
    expect(await other.open({ password: undefined, agent: path }).read('1', { ms: 10_000 })).toMatchObject({
      power: 'unknown',
      why: { code: 'ssh-login-refused' },
    });
  });

  it('with many keys: the one that is named is offered, wherever it stands', async () => {
    const { path } = await agent(keys);
    const { open } = await start(fifth);
    const named = open({ password: undefined, agent: path, agentKey: fingerprint(fifth.blob) });
    expect(await named.read('1', { ms: 10_000 })).toMatchObject({ power: 'on' });
    const wrong = open({ password: undefined, agent: path, agentKey: fingerprint(fourth.blob) });
    expect(await wrong.read('1', { ms: 10_000 })).toMatchObject({ power: 'unknown', why: { code: 'ssh-login-refused' } });
  });

  it('that hangs: the deadline holds, and neither socket is left', async () => {
    const { path, sockets } = await agent(undefined);
    const { open, mock, liveTimers } = await start(fifth);
    const abort = new AbortController();
    const reading = open({ password: undefined, agent: path }).read('1', { ms: 60_000, signal: abort.signal });
    await until(() => sockets.size === 1);
    expect(sockets.size).toBe(1);
    abort.abort();
    expect(await reading).toMatchObject({ power: 'unknown', why: { code: 'ssh-aborted', says: expect.stringContaining('logging in') } });
    await until(() => sockets.size === 0 && mock.open === 0);
    expect([sockets.size, mock.open, liveTimers()]).toEqual([0, 0, 0]);
  });
});
