/** Command lines of rack PDUs. */
import type { Board } from '../board.ts';
import { type Reply, said, type Voice, word } from '../voice.ts';

const BYE: Reply = { out: [], bye: true };

const APC_WORDS = { on: 'On', off: 'Off', neither: 'Off*' };

function apcLine(plug: string, board: Board): string {
  const named = board.named(plug);
  return ` ${named}: Outlet ${named}: ${word(board.power(plug) ?? 'off', APC_WORDS)}`;
}

export const apc: Voice = {
  name: 'apc-aos',
  prompt: 'apc>',
  greeting: ['', 'Schneider Electric               Network Management Card AOS  v6.8.2', '(c) Copyright 2019 All Rights Reserved', ''],
  answer: (line, board) => {
    const [verb = '', ...rest] = line.trim().split(/\s+/);
    const [plug = ''] = rest;
    const lower = verb.toLowerCase();
    if (lower === '') return said();
    if (lower === 'exit' || lower === 'quit' || lower === 'bye') return BYE;
    if (!['oloff', 'olon', 'olstatus'].includes(lower)) return said('E101: Command Not Found');
    if (rest.length !== 1) return said('E102: Parameter Error');
    if (lower === 'olstatus' && plug.toLowerCase() === 'all')
      return { out: ['E000: Success', ...board.plugs.map((each) => apcLine(each, board))], tells: true };
    if (!board.has(plug)) return said('E102: Parameter Error');
    if (lower === 'olstatus') return { out: ['E000: Success', apcLine(plug, board)], tells: true };
    board.order(plug, lower === 'olon' ? 'on' : 'off');
    return said('E000: Success');
  },
};

const RARITAN_WORDS = { on: 'On', off: 'Off', neither: 'Cycling' };

export const raritan: Voice = {
  name: 'raritan-px',
  prompt: '[My PDU] # ',
  greeting: ['', 'Welcome to PX2 CLI!', 'Last login: 2024-05-04 10:20:11', ''],
  answer: (line, board) => {
    const [first = '', second = '', plug = '', wanted = ''] = line.trim().split(/\s+/);
    if (first === '') return said();
    if (first === 'exit') return BYE;
    if (first === 'show' && second === 'outlets') {
      const plugs = plug === 'all' || plug === '' ? board.plugs : board.has(plug) ? [plug] : undefined;
      if (plugs === undefined) return said(`Invalid outlet number '${plug}'.`);
      return {
        out: plugs.flatMap((each) => [
          `Outlet ${board.named(each)}:`,
          `Power state: ${word(board.power(each) ?? 'off', RARITAN_WORDS)}`,
          '',
        ]),
        tells: true,
      };
    }
    if (first !== 'power' || second !== 'outlets' || (wanted !== 'on' && wanted !== 'off')) return said('Error: unknown command.');
    if (!board.has(plug)) return said(`Invalid outlet number '${plug}'.`);
    return {
      out: [],
      ask: {
        question: `Do you wish to turn outlet ${board.named(plug)} ${wanted}? [y/n] `,
        answered: (answer) => {
          if (answer.trim() !== 'y') return said('Operation aborted.');
          board.order(plug, wanted);
          return said();
        },
      },
    };
  },
};

const CDU_WORDS = { on: 'On         On', off: 'Off        Off', neither: 'Off        On' };

export const servertech: Voice = {
  name: 'servertech',
  prompt: 'Switched CDU: ',
  greeting: ['', 'Sentry Switched CDU Version 7.1c', ''],
  answer: (line, board) => {
    const [verb = '', plug] = line.trim().split(/\s+/);
    const table = (plugs: readonly string[]): Reply => ({
      out: [
        '',
        '   Outlet    Outlet                   Outlet     Control',
        '   ID        Name                     State      State',
        '',
        ...plugs.map(
          (each) =>
            `   ${board.named(each)}      Tower_${board.named(each).slice(1)}              ${word(board.power(each) ?? 'off', CDU_WORDS)}`,
        ),
        '',
        '   Command successful',
        '',
      ],
      tells: true,
    });
    const lower = verb.toLowerCase();
    if (lower === '') return said();
    if (lower === 'logout' || lower === 'quit') return { out: ['', 'Session ended'], bye: true };
    if (!['status', 'on', 'off'].includes(lower)) return said('', 'Invalid command', '');
    if (plug === undefined) return lower === 'status' ? table(board.plugs) : said('', 'Invalid parameter: no outlet', '');
    if (!board.has(plug)) return said('', `Outlet name ${plug} not found`, '');
    if (lower !== 'status') board.order(plug, lower === 'on' ? 'on' : 'off');
    return table([plug]);
  },
};

const OUTLET_OBJECT = /^PDU\.OutletSystem\.Outlet\[(\d{1,3})\]\.(PresentStatus\.SwitchOnOff|DelayBeforeShutdown|DelayBeforeStartup)$/;

export const eaton: Voice = {
  name: 'eaton-epdu',
  prompt: 'pdu#0>',
  greeting: ['', 'Eaton ePDU'],
  // The device ends lines with two carriage returns.
  newline: '\r\r\n',
  answer: (line, board) => {
    const [verb = '', object = '', value] = line.trim().split(/\s+/);
    if (verb === '') return said();
    if (verb === 'quit') return BYE;
    const [, plug = '', field = ''] = OUTLET_OBJECT.exec(object) ?? [];
    if (!board.has(plug)) return said(`Unknown object ${object}`);
    if (verb === 'get' && field === 'PresentStatus.SwitchOnOff') {
      return { out: [word(board.power(plug) ?? 'off', { on: '1', off: '0', neither: '2' })], tells: true };
    }
    if (verb !== 'set' || value !== '0' || !field.startsWith('Delay')) return said('Error: invalid request');
    board.order(plug, field === 'DelayBeforeStartup' ? 'on' : 'off');
    return said('0');
  },
};

export const cyberpower: Voice = {
  name: 'cyberpower',
  prompt: 'CyberPower > ',
  greeting: ['', 'CyberPower System Inc., Command Shell v1.0', ''],
  answer: (line, board) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '') return said();
    if (words[0] === 'exit') return BYE;
    if (words.join(' ') === 'oltsta show') {
      const rows = board.plugs.map(
        (each) =>
          `  ${board.named(each)}     Outlet${board.named(each)}        ${word(board.power(each) ?? 'off', { on: 'On', off: 'Off', neither: 'Pending' })}`,
      );
      return { out: ['', '  Index  Name           Status', '------------------------------', ...rows, ''], tells: true };
    }
    const [verb, index, plug = '', act, how = ''] = words;
    if (verb !== 'oltctrl' || index !== 'index' || act !== 'act' || !/^delay(?:on|off)$/.test(how)) return said('Error: unknown command');
    if (!board.has(plug)) return said('Error: index out of range');
    board.order(plug, how === 'delayon' ? 'on' : 'off');
    return said();
  },
};
