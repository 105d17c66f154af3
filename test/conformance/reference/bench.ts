import { Secret, type DriverModule } from '../../../drivers/kit/contract.ts';
import type { Bench, Golden, Stand } from '../../../drivers/conformance/index.ts';
import { JumpingClock } from './clock.ts';
import { ReferenceDevice } from './device.ts';
import { devices } from './driver.ts';

const PASSWORD = 'open sesame'.replace(' ', '-');

/** A bench with every control there is, over a device in memory and in virtual time. */
export function referenceBench(module: DriverModule, golden: Golden): Bench {
  const clock = new JumpingClock();
  let made = 0;
  return {
    subject: 'a power strip in memory',
    module,
    plug: '1',
    secondPlug: '2',
    missingPlugs: ['3', '0', '01', '-1', 'one'],
    golden,
    clock,
    fresh: () => {
      made += 1;
      const address = `memory-${made}`;
      const device = new ReferenceDevice(clock, PASSWORD);
      devices.set(address, device);
      return Promise.resolve(standOn(device, address));
    },
  };
}

function standOn(device: ReferenceDevice, address: string): Stand {
  const fault = (which: ReferenceDevice['fault']) => () => {
    device.fault = which;
  };
  const garble = (bend: (text: string) => string) => () => {
    device.garble = bend;
  };
  return {
    settings: { address, password: Secret.fixed(PASSWORD) },
    lamp: (plug) => (device.plugs.get(plug) === true ? 'on' : 'off'),
    turn: (plug, power) => void device.plugs.set(plug, power === 'on'),
    silence: fault('silence'),
    loseReplies: fault('lose-replies'),
    ignoreOrders: fault('ignore-orders'),
    halfOpen: fault('half-open'),
    keepBackReplies: () => device.keepBack(),
    impostors: {
      'a reply from another address': () => {
        device.impostor = (text) => [{ from: 'stranger', text: text.replace(/on$/, 'off') }];
      },
      'a reply about another plug': () => {
        device.impostor = (text) => [{ from: 'device', text: text.replace(/plug 1 on$/, 'plug 2 off') }];
      },
    },
    garble: {
      'cut short': garble((text) => text.slice(0, 2)),
      'far too long': garble((text) => text.repeat(500)),
      garbage: garble(() => '\u0000\u0001\ufffd?'),
    },
    reboot: () => device.reboot(),
    heal: () => device.heal(),
    wrongCredentials: { address, password: Secret.fixed('close-sesame') },
    logins: () => device.logins,
    connections: () => device.connections,
    transcript: () => device.transcript,
    release: () => {
      devices.delete(address);
      return Promise.resolve();
    },
  };
}
