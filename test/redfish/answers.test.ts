/** Answers written byte by byte: how HTTP may end or bend, what tags and task monitors may say, whose machine it is, and what a login leaves. */
import { afterEach, describe, expect, it } from 'vitest';
import { type PowerDriver, Secret } from '../../drivers/kit/contract.ts';
import { makeCertificate } from '../../hardware-mocks/index.ts';
import { http, type PlainService, plainService, RESET, type Says, SESSIONS, SYSTEM, system } from './plain-service.ts';
import { type Stage, stage, WITHIN } from './stage.ts';

let on: PlainService | Stage | undefined;
const begin = async (says: Says): Promise<PlainService> => {
  const service = await plainService(says);
  on = service;
  return service;
};
afterEach(async () => {
  await on?.end();
  on = undefined;
});
const asked = ({ heard }: PlainService, method: string): readonly string[] =>
  heard.filter((each) => each.method === method).map(({ path }) => path);
const OFF = JSON.stringify(system({ PowerState: 'Off' }));

describe('an answer', () => {
  it.each<readonly [string, string, 'off' | 'unknown', string | undefined, 'kept' | 'ended' | 'reset']>([
    ['with its length', http(200, OFF), 'off', undefined, 'kept'],
    ['up to the end of the connection', `HTTP/1.1 200 OK\r\n\r\n${OFF}`, 'off', undefined, 'ended'],
    ['of HTTP 1.0', `HTTP/1.0 200 OK\r\n\r\n${OFF}`, 'off', undefined, 'ended'],
    ['cut before the end of the connection', `HTTP/1.1 200 OK\r\n\r\n${OFF.slice(0, -2)}`, 'unknown', 'redfish-unusable-answer', 'ended'],
    [
      'in chunks without a last one',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${OFF.length.toString(16)}\r\n${OFF}\r\n`,
      'unknown',
      'redfish-connection-lost',
      'ended',
    ],
    ['reset within the body', http(200, OFF).slice(0, -20), 'unknown', 'redfish-connection-lost', 'reset'],
    [
      'of two lengths',
      `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: ${OFF.length}\r\n\r\n${OFF}`,
      'unknown',
      'redfish-unusable-answer',
      'kept',
    ],
    [
      'of a length and chunks',
      `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'unknown',
      'redfish-unusable-answer',
      'kept',
    ],
    ['without HTTP', OFF, 'unknown', 'redfish-unusable-answer', 'ended'],
    ['with headers without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}\r\n`, 'unknown', 'redfish-unusable-answer', 'kept'],
    [
      'that changes the protocol',
      'HTTP/1.1 101 Other\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\nOff',
      'unknown',
      'redfish-connection-lost',
      'kept',
    ],
    ['of another success', http(206, OFF), 'unknown', 'redfish-unusable-answer', 'kept'],
    ['that is a web page', http(200, '<html>Off</html>', { 'Content-Type': 'text/html' }), 'unknown', 'redfish-unusable-answer', 'kept'],
    [
      'whose PowerState is inherited',
      http(200, `{"@odata.id":"${SYSTEM}","__proto__":{"PowerState":"Off"}}`),
      'unknown',
      'redfish-power-unknown',
      'kept',
    ],
  ])('%s', async (_how, bytes, power, code, then) => {
    const service = await begin(({ path, socket }) => {
      if (path !== SYSTEM) return undefined;
      if (then === 'kept') return bytes;
      socket.write(bytes, () => (then === 'ended' ? socket.end() : socket.resetAndDestroy()));
      return 'nothing';
    });
    const reading = await service.open().read('', WITHIN);
    expect([reading.power, reading.why?.code]).toEqual([power, code]);
  });

  it.each([
    ['a body that drips', 'HTTP/1.1 200 OK\r\n\r\n', ' '],
    ['headers that drip', 'HTTP/1.1 200 OK\r\nX: ', 'x'],
    ['"still at it" without end', '', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])('of %s is not waited for beyond the deadline', async (_what, head, drop) => {
    const service = await begin(({ path, socket }) => {
      if (path !== SYSTEM) return undefined;
      const drip = setInterval(() => void socket.write(drop), 10);
      socket.on('close', () => clearInterval(drip));
      return head;
    });
    expect(await service.open().read('', { ms: 200 })).toMatchObject({ power: 'unknown', why: { code: 'redfish-deadline' } });
  });
});

describe('an entity tag', () => {
  const insisting =
    (tag: string, more: object, headers: Readonly<Record<string, string>>): Says =>
    ({ method, path, headers: brought }) => {
      if (method === 'POST') return brought['if-match'] === tag ? http(204) : http(412);
      return path === SYSTEM ? http(200, system(more), headers) : undefined;
    };

  it.each([
    ['in the header alone', '"h1"', {}, { ETag: '"h1"' }],
    ['in the resource alone', 'W/"r1"', { '@odata.etag': 'W/"r1"' }, {}],
    ['wanted without its W/', '"r2"', { '@odata.etag': 'W/"r2"' }, {}],
    ['in both, where the header is right', '"h3"', { '@odata.etag': 'W/"old"' }, { ETag: '"h3"' }],
    ['without quotes', 'r4', { '@odata.etag': 'r4' }, {}],
  ])('%s is sent back', async (_where, tag, more, headers) => {
    const service = await begin(insisting(tag, more, headers));
    expect(await service.open().order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
  });

  it.each(['"a\r\nX-Other: b"', '"\u20ac"', '"\u0000"', '', '"'.repeat(2_000)])(
    'that can be no header is not sent, and nothing throws: %j',
    async (tag) => {
      const service = await begin(insisting('none', { '@odata.etag': tag }, {}));
      expect(await service.open().order('', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'redfish-refused' } });
      expect(service.heard.some(({ headers }) => 'if-match' in headers || 'x-other' in headers)).toBe(false);
    },
  );
});

describe('an order that is answered "it is so already"', () => {
  const says = (PowerState: string, status: number, error: object): Says => {
    return ({ method, path }) => {
      if (method === 'POST') return http(status, { error });
      return path === SYSTEM ? http(200, system({ PowerState })) : undefined;
    };
  };
  const errors = [
    { '@Message.ExtendedInfo': [{ MessageId: 'iLO.2.14.InvalidOperationForSystemState' }] },
    { code: 'Base.1.8.GeneralError', message: 'Server is already powered OFF.' },
  ];

  it.each([403, 405, 422, 500])('with HTTP %i is taken where a reading shows it, and nowhere else', async (status) => {
    for (const error of errors) {
      const so = await begin(says('Off', status, error));
      expect(await so.open().order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
      await so.end();
      for (const power of ['On', 'PoweringOff']) {
        const other = await begin(says(power, status, error));
        expect(await other.open().order('', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'redfish-refused' } });
        await other.end();
      }
    }
  });
});

describe('the monitor of a task', () => {
  const MONITOR = '/redfish/v1/TaskService/TaskMonitors/7';
  const watched = async (first: string, looked: readonly string[]): Promise<PlainService> => {
    const answers = [...looked];
    return await begin(({ method, path }) => {
      if (method === 'POST') return first;
      return path === MONITOR ? (answers.shift() ?? http(500)) : undefined;
    });
  };
  const taken = http(202, '', { Location: MONITOR });

  it.each<readonly [string, readonly string[], string, string | undefined]>([
    ['is gone (404)', [http(404)], 'accepted', undefined],
    ['is gone (410)', [http(410)], 'accepted', undefined],
    ['is for others to see (403)', [http(403)], 'accepted', undefined],
    ['has ended', [http(202), http(204)], 'accepted', undefined],
    ['is a task that runs', [http(200, { TaskState: 'Running' }), http(200, { TaskState: 'Completed' })], 'accepted', undefined],
    ['is a task that failed', [http(200, { TaskState: 'Running' }), http(200, { TaskState: 'Exception' })], 'rejected', 'redfish-refused'],
    ['says that the order failed (400)', [http(202), http(400)], 'rejected', 'redfish-refused'],
    ['says nothing of use (500)', [http(500)], 'unknown', 'redfish-order-unanswered'],
  ])('%s', async (_what, looked, result, code) => {
    const service = await watched(taken, looked);
    const given = await service.open().order('', 'off', WITHIN);
    expect([given.result, 'why' in given ? given.why.code : undefined, 'why' in given && given.why.lasting === true]).toEqual([
      result,
      code,
      false,
    ]);
    expect(asked(service, 'GET').filter((path) => path === MONITOR)).toHaveLength(looked.length);
  });

  it.each([
    ['in the body', http(202, { TaskMonitor: MONITOR })],
    ['as the body itself', http(202, { '@odata.id': MONITOR })],
  ])('may be told %s', async (_where, first) => {
    const service = await watched(first, [http(200, { TaskState: 'Killed' })]);
    expect((await service.open().order('', 'off', WITHIN)).result).toBe('rejected');
  });

  it('elsewhere is not looked at', async () => {
    const service = await watched(http(202, '', { Location: 'https://192.0.2.1/x' }), []);
    expect(await service.open().order('', 'off', WITHIN)).toEqual({ result: 'accepted' });
    expect(service.heard.at(-1)?.path).toBe(RESET);
  });
});

describe('a system that is configured by its serial number', () => {
  const SECOND = '/redfish/v1/Systems/2';
  /** Two bays; which machine is in which can be changed. */
  const chassis = (bays: readonly string[]) => (): Promise<PlainService> =>
    begin(({ method, path }) => {
      if (method !== 'GET') return undefined;
      const [one, two] = bays;
      if (path === '/redfish/v1/Systems')
        return http(200, { '@odata.id': path, Members: [{ '@odata.id': SYSTEM }, { '@odata.id': SECOND }] });
      if (path === SYSTEM) return http(200, system({ SerialNumber: one, PowerState: 'Off' }));
      return path === SECOND ? http(200, { ...system({ SerialNumber: two }), '@odata.id': SECOND }) : undefined;
    });

  it('is not taken for the machine that came into its bay', async () => {
    const bays = ['SN-1', 'SN-2'];
    const service = await chassis(bays)();
    const device = service.open({ system: 'SN-1' });
    expect((await device.read('', WITHIN)).power).toBe('off');
    bays[0] = 'SN-9';
    expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-no-such-member', lasting: true } });
    expect(await device.order('', 'off', WITHIN)).toMatchObject({ result: 'rejected', why: { code: 'redfish-no-such-member' } });
    expect(asked(service, 'POST')).toEqual([]);
  });

  it.each([{ system: 'SN-1' }, { serial: 'SN-1' }])('is found again in another bay (%j)', async (settings) => {
    const bays = ['SN-1', 'SN-2'];
    const service = await chassis(bays)();
    const device = service.open(settings);
    expect((await device.read('', WITHIN)).power).toBe('off');
    bays.reverse();
    expect(await device.read('', WITHIN)).toEqual({ power: 'on', source: `GET ${SECOND}` });
  });

  it('is no longer itself where the settings name its bay as well', async () => {
    const bays = ['SN-1', 'SN-2'];
    const service = await chassis(bays)();
    const device = service.open({ system: '1', serial: 'SN-1' });
    expect((await device.read('', WITHIN)).power).toBe('off');
    bays.reverse();
    expect(await device.read('', WITHIN)).toMatchObject({ power: 'unknown', why: { code: 'redfish-another-identity' } });
  });
});

describe('a session', () => {
  const made = (number: number): string => http(201, {}, { 'X-Auth-Token': `token${number}`, Location: `${SESSIONS}/${number}` });
  const readings = async (device: PowerDriver, count: number, ms: number): Promise<readonly string[]> => {
    const powers: string[] = [];
    for (let round = 0; round < count; round += 1) powers.push((await device.read('', { ms })).power);
    return powers;
  };

  /** A service whose answer to a login waits for us. */
  const slowLogin = async (): Promise<{ readonly service: PlainService; readonly answer: () => void }> => {
    const held: Array<() => void> = [];
    const service = await begin(({ method, path, socket }) => {
      if (method !== 'POST' || path !== SESSIONS) return undefined;
      const number = held.push(() => void socket.write(made(number)));
      return 'nothing';
    });
    return { service, answer: () => held.at(-1)?.() };
  };
  /** A reading that is given up once its login has arrived. */
  const givenUp = async (service: PlainService, device: PowerDriver): Promise<string> => {
    const before = asked(service, 'POST').length;
    const abort = new AbortController();
    const reading = device.read('', { ...WITHIN, signal: abort.signal });
    await expect.poll(() => asked(service, 'POST').length).toBeGreaterThan(before);
    abort.abort();
    return (await reading).power;
  };

  it('whose login outlasts a call is kept for the next, and given back', async () => {
    const { service, answer } = await slowLogin();
    const device = service.open({ auth: 'session' });
    expect(await givenUp(service, device)).toBe('unknown');
    expect(await readings(device, 2, 30)).toEqual(['unknown', 'unknown']);
    const fourth = device.read('', WITHIN);
    answer();
    expect([(await fourth).power, asked(service, 'POST')]).toEqual(['on', [SESSIONS]]);
    await device.close();
    expect(asked(service, 'DELETE')).toEqual([`${SESSIONS}/1`]);
  });

  it('whose login is under way at the end is given back when it comes, and not waited for when it does not', async () => {
    const { service, answer } = await slowLogin();
    const device = service.open({ auth: 'session' });
    expect(await givenUp(service, device)).toBe('unknown');
    const closed = device.close();
    answer();
    await closed;
    expect(asked(service, 'DELETE')).toEqual([`${SESSIONS}/1`]);
    const other = service.open({ auth: 'session' });
    expect(await givenUp(service, other)).toBe('unknown');
    await other.close();
    expect(asked(service, 'DELETE')).toHaveLength(1);
  });

  it('that is never taken does not lead to another with each call: the password is sent', async () => {
    let logins = 0;
    const service = await begin(({ path, headers }) => {
      if (path === SESSIONS) logins += 1;
      if (path === SESSIONS) return made(logins);
      return headers['x-auth-token'] === undefined ? undefined : http(401);
    });
    const device = service.open({ auth: 'session' });
    expect(await readings(device, 4, WITHIN.ms)).toEqual(['on', 'on', 'on', 'on']);
    expect(logins).toBe(1);
  });

  it('of an old password is given back when there is a new one', async () => {
    let password = 'one';
    let logins = 0;
    const service = await begin(({ method, path }) => {
      if (method !== 'POST' || path !== SESSIONS) return undefined;
      logins += 1;
      return made(logins);
    });
    const device = service.open({ auth: 'session', password: new Secret('a test', () => password) });
    expect(await readings(device, 2, WITHIN.ms)).toEqual(['on', 'on']);
    password = 'two';
    const both = await Promise.all([device.read('', WITHIN), device.read('', WITHIN)]);
    expect([both.map(({ power }) => power), logins]).toEqual([['on', 'on'], 2]);
    await device.close();
    expect(asked(service, 'DELETE')).toEqual([`${SESSIONS}/1`, `${SESSIONS}/2`]);
  });
});

it('an order that may have been heard is not rejected because the second try met a stranger', async () => {
  const here = await stage();
  on = here;
  const device = here.open();
  expect((await device.read('', WITHIN)).power).toBe('on');
  here.mock.manners.dropsKeptConnections = true;
  here.mock.changeCertificate(makeCertificate({ name: 'somebody else' }));
  expect(await device.order('', 'off', WITHIN)).toMatchObject({ result: 'unknown', why: { code: 'redfish-certificate-changed' } });
});
