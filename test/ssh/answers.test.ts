import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listIn, powerIn } from '../../drivers/ssh/answer.ts';
import { type Dialect, fill, shellQuoted } from '../../drivers/ssh/dialect.ts';
import { DIALECTS } from '../../drivers/ssh/dialects/index.ts';
import { linesOf } from '../../drivers/ssh/screen.ts';
import { dialectOf } from '../../drivers/ssh/settings.ts';

const named = (name: string): Dialect => {
  const dialect = DIALECTS.find((each) => each.name === name);
  if (dialect === undefined) throw new TypeError(name);
  return dialect;
};
const read = (name: string, text: string, plug: string): string => powerIn(linesOf(text), named(name).read, plug).power;

/** Dialect, plug, what the device says, what it means. */
const TABLE: readonly (readonly [dialect: string, plug: string, said: string, power: string])[] = [
  ['apc-aos', '1', 'E000: Success\r\n 1: Outlet 1: On\r\n', 'on'],
  ['apc-aos', '1', 'E000: Success\r\n 1: db1: Off: Off\r\n', 'off'],
  ['apc-aos', '1', 'E000: Success\r\n 1: db1: Off\r\n 2: db2: On', 'off'],
  ['apc-aos', '1', 'E000: Success\r\n 1: Off: On\r\n', 'on'],
  ['apc-aos', '1', 'E000: Success\r\n 1: db1: Off*\r\n', 'unknown'],
  ['apc-aos', '1', 'E000: Success\r\n 11: db1: Off\r\n', 'unknown'],
  ['apc-aos', '1', ' 1: db1: Off\r\n 1: db1: On\r\n', 'unknown'],
  ['apc-aos', '1', ' 1: db1: OFF\r\n', 'unknown'],
  ['apc-aos', '1', 'E102: Parameter Error', 'unknown'],
  ['raritan-px', '8', 'Outlet 8 - Test:\r\nPower state: Off\r\n', 'off'],
  ['raritan-px', '20', 'Outlet 20: 20 (no name)\r\nPower state: On\r\n', 'on'],
  ['raritan-px', '2', 'Outlet 20:\r\nPower state: Off\r\n', 'unknown'],
  ['raritan-px', '2', 'Power state: Off\r\n', 'unknown'],
  ['raritan-px', '2', 'Outlet 2:\r\nPower state: Off (cycling)\r\n', 'unknown'],
  ['servertech', '.A12', '   .A12     test-01                   On         Idle On\r\n', 'on'],
  ['servertech', 'AA13', ' AA13  Arm-Console3                   Wake On        On     Normal', 'on'],
  ['servertech', '.A1', '.A1   x   Off   Off', 'off'],
  ['servertech', '.A1', '.A1   x   Off   On', 'unknown'],
  ['servertech', '.A1', '.A1   x   On   Off', 'unknown'],
  ['servertech', '.A1', '.A12   x   Off   Off', 'unknown'],
  ['eaton-epdu', '3', '0\r\r\n', 'off'],
  ['eaton-epdu', '3', '1\r\r\n', 'on'],
  ['eaton-epdu', '3', '0\r\r\n0\r\r\n', 'unknown'],
  ['eaton-epdu', '3', '01', 'unknown'],
  ['cyberpower', '2', '  2     Outlet2        Off', 'off'],
  ['cyberpower', '2', '  2     Outlet2        Pending', 'unknown'],
  ['hpe-ilo', '', '  Properties\r\n    enabledstate=disabled\r\n', 'off'],
  ['hpe-ilo', '', '    enabledstate=enabled', 'on'],
  ['hpe-ilo', '', '    enabledstate=not applicable', 'unknown'],
  ['hpe-ilo', '', 'status=2', 'unknown'],
  ['idrac', '', 'Server power status: OFF', 'off'],
  ['idrac', '', 'Server Power Status: ON', 'on'],
  ['idrac', '', 'Server power status: Powering OFF', 'unknown'],
  ['idrac', '', 'OFF', 'unknown'],
  ['obmcutil', '', 'CurrentPowerState   : xyz.openbmc_project.State.Chassis.PowerState.Off', 'off'],
  ['obmcutil', '', 'CurrentPowerState   : xyz.openbmc_project.State.Chassis.PowerState.TransitioningToOff', 'unknown'],
  ['libvirt', 'db1', 'shut off\n\n', 'off'],
  ['libvirt', 'db1', 'running\n\n', 'on'],
  ['libvirt', 'db1', 'in shutdown\n', 'on'],
  ['libvirt', 'db1', 'paused\n', 'unknown'],
  ['libvirt', 'db1', 'crashed\n', 'unknown'],
  ['libvirt', 'db1', 'pmsuspended\n', 'unknown'],
  ['libvirt', 'db1', 'shut off (destroyed)\n', 'unknown'],
  ['libvirt', 'db1', 'warning: something\nshut off\n', 'unknown'],
  ['proxmox', '100', 'status: stopped\n', 'off'],
  ['proxmox', '100', 'status: running\n', 'on'],
  ['proxmox', '100', 'status: unknown\n', 'unknown'],
  ['esxi', '7', 'Retrieved runtime info\nPowered off\n', 'off'],
  ['esxi', '7', 'Retrieved runtime info\nSuspended\n', 'unknown'],
  ['target-sysrq', '', '5a3fd8e2-1111-4222-8333-0123456789ab\n', 'on'],
  ['target-sysrq', '', 'off\n', 'unknown'],
  ['target-poweroff', '', 'shut off\n', 'unknown'],
];

describe('an answer', () => {
  it.each(TABLE)('%s %s: %j is %4$s', (dialect, plug, said, power) => {
    expect(read(dialect, said, plug)).toBe(power);
  });

  it('in which no exact word stands never means off', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DIALECTS),
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.constantFrom('', '1', 'db1', '.AA1', '100'),
        (dialect, text, plug) => {
          const offWords = /off|disabled|stopped|^0$/im;
          fc.pre(!offWords.test(text));
          expect(powerIn(linesOf(text), dialect.read, plug).power).not.toBe('off');
        },
      ),
    );
  });

  it('made of the right words in the wrong order, cut or joined, means off only for lines that say so of our plug', () => {
    const words = [
      'Off',
      'On',
      '1',
      '2',
      ':',
      ' ',
      '\r\n',
      'Outlet',
      'shut off',
      'status',
      'stopped',
      'Power state',
      'enabledstate=',
      'disabled',
      '*',
      '.AA1',
      '\u001b[0m',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...DIALECTS), fc.array(fc.constantFrom(...words), { maxLength: 12 }), (dialect, pieces) => {
        const lines = linesOf(pieces.join(''));
        const exact = (plug: string): boolean =>
          lines.some((line) =>
            dialect.read.rows.some(
              (row) => row.power === 'off' && row.line.test(line) && (row.line.exec(line)?.groups?.['plug'] ?? plug) === plug,
            ),
          );
        for (const plug of ['', '1', '2', '.AA1']) if (powerIn(lines, dialect.read, plug).power === 'off') expect(exact(plug)).toBe(true);
      }),
    );
  });

  it('of a target never means off', () => {
    for (const dialect of DIALECTS.filter(({ evidence }) => evidence === 'target')) {
      expect(dialect.read.rows.some(({ power }) => power === 'off')).toBe(false);
    }
  });

  it('as a list names each outlet once', () => {
    const text = ' 1: a: On\r\n 2: b: Off\r\n 2: b: On\r\n';
    const list = named('apc-aos').list;
    expect(list === undefined ? [] : [...listIn(linesOf(text), list)]).toEqual([
      ['1', 'on'],
      ['2', 'unknown'],
    ]);
  });
});

describe('the tables themselves', () => {
  it('anchor every expression at both ends, and keep no state in it', () => {
    for (const dialect of DIALECTS) {
      const rows = [...dialect.read.rows, ...(dialect.list?.rows ?? []), ...dialect.refusals];
      const all = [
        ...rows.map(({ line }) => line),
        ...(dialect.plug.kind === 'named' ? [dialect.plug.pattern] : []),
        ...(dialect.access.kind === 'terminal' ? [dialect.access.prompt] : []),
      ];
      for (const expression of all) {
        expect(expression.source, `${dialect.name} ${expression.source}`).toMatch(/^\^.*\$$/);
        expect(expression.global || expression.sticky || expression.multiline || expression.dotAll).toBe(false);
      }
      for (const row of dialect.list?.rows ?? [])
        expect(row.line.source.includes('(?<plug>') || dialect.list?.heading !== undefined).toBe(true);
    }
  });

  it('say which plug they speak of in every command for named plugs, or list all of them', () => {
    for (const { name, plug, orders, read: reading } of DIALECTS) {
      for (const order of Object.values(orders)) expect(order.send.includes('{plug}'), name).toBe(plug.kind === 'named');
      const names = reading.rows.some(({ line }) => line.source.includes('(?<plug>'));
      expect(reading.send.includes('{plug}') || names || plug.kind === 'none', name).toBe(true);
    }
  });
});

describe('a command', () => {
  it('keeps any word one word in a shell', () => {
    expect(shellQuoted("a'b; $(x)")).toBe(`'a'\\''b; $(x)'`);
    fc.assert(
      fc.property(fc.string(), (word) => {
        const quoted = shellQuoted(word);
        if (/^[A-Za-z0-9_.:=@%+,-]+$/.test(word)) expect(quoted).toBe(word);
        else expect(quoted.slice(1, -1).replaceAll(`'\\''`, "'")).toBe(word);
      }),
    );
  });

  it('does not take what looks like a replacement pattern for one', () => {
    expect(fill('x {plug}', '$&$1', { kind: 'exec', quoting: 'word', exit: 'needed', atOnce: 1 })).toBe('x $&$1');
  });
});

describe('the generic dialect', () => {
  const base = {
    dialect: 'generic',
    evidence: 'device',
    commands: { off: 'cut', on: 'feed', read: 'show' },
    says: { on: 'ON', off: 'OFF' },
  };

  it('matches whole lines only', () => {
    const dialect = dialectOf(base);
    if (typeof dialect === 'string') throw new TypeError(dialect);
    for (const [said, power] of [
      ['OFF', 'off'],
      ['ON', 'on'],
      ['POWER OFF', 'unknown'],
      ['OFFLINE', 'unknown'],
      ['OFF\nON', 'unknown'],
      ['', 'unknown'],
    ] as const) {
      expect(powerIn(linesOf(said), dialect.read, '').power, said).toBe(power);
    }
  });

  it('never reads off where it runs on the target', () => {
    const dialect = dialectOf({ ...base, evidence: 'target' });
    if (typeof dialect === 'string') throw new TypeError(dialect);
    expect(powerIn(['OFF'], dialect.read, '').power).toBe('unknown');
  });

  it.each([
    '(a+)+',
    '(a|a)*',
    '(?=a)b',
    '(.)\\1',
    'a*b*c*d*',
    'x'.repeat(201),
    '[',
    '.*',
    'a|b|c|d|e|f|g|h|i|j',
    'a?a?a?a?a?a?a?a?a?b',
    '',
  ])('refuses the expression %j', (off) => {
    expect(typeof dialectOf({ ...base, says: { on: 'ON', off } })).toBe('string');
  });

  it.each(['Outlet \\d+: off', '(?<plug>\\w+) is (?:off|dark)', '\\[0\\]', 'power = [^ ]{3}'])('takes the expression %j', (off) => {
    expect(typeof dialectOf({ ...base, says: { on: 'ON', off } })).toBe('object');
  });

  it('needs to be told what its answers prove', () => {
    expect(dialectOf({ ...base, evidence: undefined })).toMatch(/evidence/);
  });
});
