/** Management controllers: one outlet without a name. */
import { type Reply, said, type Voice, word } from '../voice.ts';

const ILO_DONE = ['status=0', 'status_tag=COMMAND COMPLETED'];

export const ilo: Voice = {
  name: 'hpe-ilo',
  prompt: '</>hpiLO-> ',
  greeting: ['User:fencer logged-in to ilo.example(10.0.0.9 / FE80::1)', '', 'iLO Advanced 2.78 at  Apr 28 2021', 'Server Power: On', ''],
  answer: (line, board) => {
    const told = line.trim();
    const power = board.truth('');
    if (told === '') return said();
    if (told === 'exit') return { out: ['', 'CLI session stopped'], bye: true };
    if (told === 'show /system1') {
      const state = word(board.power('') ?? 'off', { on: 'enabled', off: 'disabled', neither: 'starting' });
      return {
        out: [
          ...ILO_DONE,
          '',
          '/system1',
          '  Targets',
          '    oemhp_PresentPower',
          '  Properties',
          '    name=ProLiant DL360 Gen9',
          `    enabledstate=${state}`,
          '    processor_number=2',
        ],
        tells: true,
      };
    }
    const wanted = told === 'power off hard' ? 'off' : told === 'start /system1' || told === 'power on' ? 'on' : undefined;
    if (wanted === undefined) return said('status=2', 'status_tag=COMMAND PROCESSING FAILED', 'error_tag=COMMAND NOT RECOGNIZED');
    if (power === wanted) return said(...ILO_DONE, '', `Server power already ${wanted}.`);
    board.order('', wanted);
    return said(...ILO_DONE, '', wanted === 'off' ? 'Forcing server power off .......' : 'Server powering on .......');
  },
};

export const racadm: Voice = {
  name: 'idrac',
  newline: '\r\n',
  answer: (line, board) => {
    const [program, verb, action = ''] = line.trim().split(/\s+/);
    if (program !== 'racadm' || verb !== 'serveraction') return { out: ['ERROR: Invalid subcommand specified.'], code: 2 };
    if (action === 'powerstatus')
      return {
        out: [`Server power status: ${word(board.power('') ?? 'off', { on: 'ON', off: 'OFF', neither: 'Powering OFF' })}`],
        tells: true,
      };
    const wanted = action === 'powerdown' ? 'off' : action === 'powerup' ? 'on' : undefined;
    if (wanted === undefined) return { out: ['ERROR: RAC1014 : The specified action is not valid.'], code: 2 };
    if (board.truth('') === wanted) return { out: [`Server is already powered ${wanted.toUpperCase()}.`], code: 1 };
    board.order('', wanted);
    return said('Server power operation successful');
  },
};

const STATE = 'xyz.openbmc_project.State.Chassis';

export const openBmc: Voice = {
  name: 'obmcutil',
  answer: (line, board) => {
    const told = line.trim().replace(/^sudo -n /, '');
    const state = (): Reply => ({
      out: [
        `CurrentPowerState   : ${STATE}.PowerState.${word(board.power('') ?? 'off', { on: 'On', off: 'Off', neither: 'TransitioningToOff' })}`,
      ],
      tells: true,
    });
    if (told === 'obmcutil chassisstate') return state();
    if (told === 'obmcutil chassisoff' || told === 'obmcutil poweron') {
      board.order('', told.endsWith('off') ? 'off' : 'on');
      return said();
    }
    return { out: [], err: [`-sh: ${told.split(' ')[0] ?? ''}: not found`], code: 127 };
  },
};
