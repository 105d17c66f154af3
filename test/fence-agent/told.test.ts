/** What an agent is told, to the letter, and what it tells of itself and of its outlets. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { inputLines } from '../../drivers/fence-agent/input.ts';
import { Workshop } from './workshop.ts';

const within = { ms: 15_000 };
let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop.end());

const DESCRIBES = `<resource-agent name="fence_x"><parameters><parameter name="plug"/><parameter name="port"/></parameters>
<actions><action name="off"/><action name="status"/><action name="monitor"/><action name="LIST"/></actions></resource-agent>`;
const describes = (list = 'list-status', text = DESCRIBES): string =>
  `[ "$action" = metadata ] && { echo '${text.replace('LIST', list)}'; exit 0; }`;

describe('an agent is told', () => {
  it('the action first, then the rest by name, one line each', () => {
    expect(inputLines('off', { username: 'u', ip: 'h', 'a-b': '1' })).toBe('action=off\na-b=1\nip=h\nusername=u\n');
  });

  it('the outlet by the parameter that is configured for it, and none where its action is about none', async () => {
    const agent = await shop.agent('fence_port', describes(), 'echo "Status: ON"');
    const secrets = { password: Secret.fixed('s3cret') };
    const device = shop.device({ agent, outlets: true, plugParameter: 'port', parameters: { ip: 'h' }, secrets });
    expect((await device.read('7', within)).power).toBe('on');
    expect(await shop.told('fence_port')).toEqual(['action=status', 'ip=h', 'password=s3cret', 'port=7']);
    expect(await device.check(within)).toMatchObject({ problem: { code: 'fence-agent-parameter' } });
    expect(await shop.told('fence_port')).toEqual(['action=metadata']);
    await device.list?.(within);
    expect((await shop.told('fence_port')).filter((line) => !/^(?:action=list-status|ip=h|password=s3cret)$/.test(line))).toEqual([]);
  });

  it('of one outlet only, by the separator that it was given', async () => {
    const agent = await shop.agent('fence_port', 'echo "Status: ON"');
    const read = async (plug: string, parameters = {}) =>
      (await shop.device({ agent, outlets: true, parameters }).read(plug, within)).why?.code ?? 'read';
    expect([await read('8,9'), await read('8|9')]).toEqual(['fence-agent-no-such-plug', 'read']);
    for (const name of ['plug_separator', 'plug-separator']) {
      expect([await read('8,9', { [name]: '|' }), await read('8|9', { [name]: '|' })]).toEqual(['read', 'fence-agent-no-such-plug']);
    }
  });

  it.each(['\u2028', '\u0085', '\v', '\x1c', '\r'])('no value with the end of a line in it: %j', async (end) => {
    const device = shop.device({ agent: await shop.agent('fence_x'), secrets: { password: Secret.fixed(`a${end}action=on`) } });
    expect(await device.order('', 'off', within)).toMatchObject({ result: 'rejected', why: { code: 'fence-agent-value-refused' } });
  });
});

describe('a list', () => {
  const listed = async (...lines: readonly string[]) => {
    const agent = await shop.agent('fence_emerson', describes(), ...lines);
    return await shop.device({ agent, outlets: true }).list?.(within);
  };

  it('of an agent whose off is no proof names no outlet off', async () => {
    expect(await listed('echo 1,one,OFF; echo 2,two,ON; echo 3,three,UNKNOWN; echo a notice')).toMatchObject([
      { plug: '1', name: 'one', reading: { power: 'unknown', why: { code: 'fence-agent-off-in-doubt' } } },
      { plug: '2', name: 'two', reading: { power: 'on' } },
      { plug: '3', name: 'three', reading: { power: 'unknown', why: { code: 'fence-agent-unclear' } } },
    ]);
  });

  it('counts only where it came to its end', async () => {
    expect(await listed('echo 1,one,ON; exit 1')).toMatchObject({ code: 'fence-agent-failed' });
    expect(await listed('echo 1,one,ON; yes 2,two,ON | head -c 70000')).toMatchObject({ says: expect.stringContaining('64 KiB') });
    expect(await listed('echo none')).toMatchObject({ says: expect.stringContaining('named no outlet') });
  });

  it('without states tells none', async () => {
    const agent = await shop.agent('fence_x', describes('list'), 'echo 1,one; echo 2,ON');
    expect(await shop.device({ agent, outlets: true }).list?.(within)).toMatchObject([
      { plug: '1', name: 'one', reading: { power: 'unknown' } },
      { plug: '2', name: 'ON', reading: { power: 'unknown' } },
    ]);
  });

  it('is none where the agent has no such action', async () => {
    const agent = await shop.agent('fence_x', describes('reboot'));
    expect(await shop.device({ agent, outlets: true }).list?.(within)).toMatchObject({ code: 'fence-agent-cannot-list' });
  });
});

describe('check', () => {
  const good = ['echo "Status: ON"'];
  const check = async (lines: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
    await shop.device({ agent: await shop.agent('fence_x', ...lines), ...more }).check(within);
  const metadata = (name: string, ...actions: readonly string[]): string =>
    `<resource-agent name="${name}"><actions>${actions.map((each) => `<action name="${each}"/>`).join('')}</actions></resource-agent>`;

  it('is content with an agent that can read and switch off', async () => {
    expect(await check([describes('list', metadata('fence_x', 'off', 'status')), ...good])).toMatchObject({ ok: true });
  });

  it.each([
    ['an agent that cannot switch off', [describes('', metadata('fence_x', 'status')), ...good], /no action off/],
    ['an agent that cannot read', [describes('', metadata('fence_x', 'off')), ...good], /no action status/],
    [
      'a failed description',
      [`[ $action = metadata ] && { echo '${DESCRIBES}'; echo sorry >&2; exit 1; }`, ...good],
      /failed metadata: sorry/,
    ],
    ['a description without end', [`[ $action = metadata ] && { echo '${DESCRIBES}'; yes | head -c 70000; exit 0; }`, ...good], /64 KiB/],
  ])('is not content with %s', async (_what, lines, says) => {
    expect(await check(lines)).toMatchObject({ ok: false, problem: { says: expect.stringMatching(says) } });
  });

  it('asks the second agent, too', async () => {
    const first = [describes('', metadata('fence_x', 'off', 'status')), ...good];
    const second = await shop.agent('fence_y', describes('', metadata('fence_y', 'off', 'status')), 'echo away >&2; exit 1');
    const health = await check(first, { secondReading: { agent: second } });
    expect(health).toMatchObject({ ok: false, problem: { says: expect.stringContaining('fence_y) failed status: away') } });
  });
});
