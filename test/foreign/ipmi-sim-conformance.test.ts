/** The IPMI driver keeps its promises on a BMC that we did not write: OpenIPMI's ipmi_sim, with cipher suite 3. */
import { expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { type Bench, conformance } from '../../drivers/conformance/index.ts';
import { driver } from '../../drivers/ipmi/driver.ts';
import { tapControls } from '../conformance/ipmi/controls.ts';
import { withinSession } from '../conformance/ipmi/session.ts';
import { type Behind, boundSocket, Tap } from '../conformance/tap.ts';
import { IpmiSim, SIM_USER } from './ipmi-sim.ts';
import { describeWithStrangers } from './strangers.ts';

/** Its one outlet has no name; orders cannot be made idle; its random bytes are its own, so that no transcript repeats. */
const NOT_APPLICABLE = ['C19: the bench has no secondPlug', 'C20: the bench has no transcript, no golden'];

/** The way to the simulator and back. */
async function wayTo(sim: IpmiSim): Promise<Behind> {
  const socket = await boundSocket();
  let deliver: (reply: Uint8Array) => void = () => undefined;
  socket.on('message', (reply) => deliver(reply));
  socket.on('error', () => undefined);
  return {
    hear: (datagram, answer) => {
      deliver = answer;
      socket.send(datagram, sim.port, '127.0.0.1', () => undefined);
    },
    stop: async () => {
      socket.close();
      await sim.stop();
    },
  };
}

function simBench(program: string): Bench {
  return {
    subject: 'ipmi on ipmi_sim',
    module: driver,
    plug: '',
    missingPlugs: ['1', '0'],
    pace: { briefMs: 250, usualMs: 6_000 },
    fresh: async () => {
      const sim = await IpmiSim.start(program);
      const tap = await Tap.start(await wayTo(sim), (asked) => !withinSession(asked));
      const settings = {
        host: '127.0.0.1',
        port: tap.port,
        username: SIM_USER.name,
        password: Secret.fixed(SIM_USER.password),
        cipherSuites: [3],
      };
      return {
        ...tapControls(tap),
        settings,
        lamp: () => sim.power,
        turn: (_plug, power) => {
          sim.power = power;
        },
        reboot: async () => {
          await sim.end();
          return () => sim.begin();
        },
        wrongCredentials: { ...settings, password: Secret.fixed('wrong-secret') },
        release: () => tap.stop(),
      };
    },
  };
}

describeWithStrangers(['ipmi_sim'], 'conformance of the IPMI driver on ipmi_sim', (path) => {
  it('keeps every promise that applies', { timeout: 180_000 }, async () => {
    const results = await conformance(simBench(path('ipmi_sim')));
    expect(results.filter(({ result }) => result === 'broken').map(({ id, says }) => `${id}: ${says}`)).toEqual([]);
    expect(results.filter(({ result }) => result === 'not-applicable').map(({ id, says }) => `${id}: ${says}`)).toEqual(NOT_APPLICABLE);
    expect(results).toHaveLength(21);
  });
});
