/** A SET leaves in its time, and while somebody wants it, or not at all: repetitions and smaller requests included. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { atEnd, onMock, openDriver, tools, WITHIN } from './stage.ts';

const HOUR = 3_600_000;
const MARK = 'the last datagram';

/** Tools whose clock is put forward by an hour at will, and whose short timers run when the test says so: a process that was stopped. */
function stopped() {
  let ahead = 0;
  let due: (() => void)[] = [];
  return {
    tools: {
      ...tools,
      now: () => tools.now() + ahead,
      after: (ms: number, run: () => void) => {
        if (ms > 2_500) return tools.after(ms, run);
        due.push(run);
        return () => {
          due = due.filter((each) => each !== run);
        };
      },
    },
    leap: () => {
      ahead = HOUR;
    },
    /** Every timer that was due while the process was stopped. */
    run: () => {
      for (const each of due.splice(0)) each();
    },
  };
}

/** An agent that hears and says nothing. */
async function silent() {
  const socket = createSocket('udp4');
  let heard = 0;
  socket.on('message', (bytes: Buffer) => {
    if (bytes.toString() !== MARK) heard += 1;
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  atEnd(async () => void socket.close());
  const { port } = socket.address();
  return {
    port,
    another: () => once(socket, 'message'),
    /** Datagrams heard until one of ours has arrived that was sent last of all. */
    untilMarked: async () => {
      const marked = once(socket, 'message');
      socket.send(MARK, port, '127.0.0.1');
      await marked;
      return heard;
    },
  };
}

const onSilence = (port: number, with_: typeof tools) =>
  openDriver({ host: '127.0.0.1', port, profile: 'apc-rpdu', version: '2c', community: Secret.fixed('private') }, with_);

describe('a SET without an answer', () => {
  it('is repeated while there is time, and not when the process was stopped until that was over', async () => {
    const clock = stopped();
    const agent = await silent();
    const ordered = onSilence(agent.port, clock.tools).order('4', 'off', { ms: 20_000, notAfter: tools.now() + 10_000 });
    await agent.another();
    clock.run();
    await agent.another();
    clock.leap();
    clock.run();
    expect(await ordered).toMatchObject({ result: 'unknown', why: { code: 'order-too-late' } });
    expect(JSON.stringify(await ordered)).not.toContain('nothing was sent');
    clock.run();
    expect(await agent.untilMarked()).toBe(2);
  });

  it('is not repeated when it is called off', async () => {
    const clock = stopped();
    const agent = await silent();
    const abort = new AbortController();
    const ordered = onSilence(agent.port, clock.tools).order('4', 'off', { ms: 20_000, signal: abort.signal });
    await agent.another();
    abort.abort();
    expect(await ordered).toMatchObject({ result: 'unknown', why: { code: 'aborted' } });
    clock.run();
    expect(await agent.untilMarked()).toBe(1);
  });
});

describe('a SET of several outlets', () => {
  it('that was refused as too big is not asked in halves when the time is over, and nobody is told that nothing was sent', async () => {
    let looks = Number.NEGATIVE_INFINITY;
    const clock = { ...tools, now: () => tools.now() + (looks >= 0 ? HOUR : 0) };
    const { pdu, pduDriver } = await onMock('apc-rpdu2', { maxSet: 3 }, {}, clock);
    const notAfter = clock.now() + 3_000;
    const heard = pdu.count.heard;
    const ordered = pduDriver.orderAll(['1', '2', '3', '4'], 'off', { ...WITHIN, notAfter });
    while (pdu.count.heard === heard) await new Promise<void>((resolve) => void setImmediate(resolve));
    looks = 0;
    for (const result of await ordered) {
      expect(result).toMatchObject({ result: 'unknown' });
      expect(JSON.stringify(result)).not.toContain('nothing was sent');
    }
    expect(pdu.outlets.audit).toEqual([]);
  });

  it('whose time is over from the start is rejected: nothing was sent', async () => {
    const { pdu, pduDriver } = await onMock('apc-rpdu2');
    const heard = pdu.count.heard;
    const ordered = await pduDriver.orderAll(['1', '2'], 'off', { ...WITHIN, notAfter: tools.now() });
    expect(ordered.map((each) => [each.result, 'why' in each ? each.why?.code : ''])).toEqual([
      ['rejected', 'order-too-late'],
      ['rejected', 'order-too-late'],
    ]);
    expect(pdu.count.heard).toBe(heard);
  });
});
