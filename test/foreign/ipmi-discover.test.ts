/** What discover says of a BMC that we did not write: it lists no cipher suites and allows everything that is dangerous. */
import { expect, it } from 'vitest';
import { Secret } from '../../drivers/kit/contract.ts';
import { driver } from '../../drivers/ipmi/driver.ts';
import { realClock } from '../../hardware-mocks/index.ts';
import { seeded, seededBytes } from '../ipmi/virtual.ts';
import { IpmiSim, SIM_USER } from './ipmi-sim.ts';
import { describeWithStrangers } from './strangers.ts';

const clock = realClock();
const tools = {
  now: () => clock.now(),
  after: (ms: number, run: () => void) => clock.after(ms, run),
  random: () => 0.5,
  bytes: seededBytes(seeded(1)),
  debug: () => undefined,
};

describeWithStrangers(['ipmi_sim'], 'discover on ipmi_sim', (path) => {
  it('knows it without a login, and logs in where it is told how', async () => {
    const sim = await IpmiSim.start(path('ipmi_sim'));
    try {
      const stranger = await driver.discover?.('127.0.0.1', { port: sim.port }, tools, { ms: 10_000 });
      expect(stranger).toMatchObject({
        found: [expect.stringContaining('IPMI 2.0'), expect.stringContaining('does not list its cipher suites')],
        warnings: expect.arrayContaining([expect.stringContaining('without any authentication'), expect.stringContaining('in the clear')]),
        configuration: { port: sim.port },
      });
      const given = { port: sim.port, username: SIM_USER.name, password: Secret.fixed(SIM_USER.password) };
      const found = await driver.discover?.('127.0.0.1', given, tools, { ms: 10_000 });
      if (found === undefined || 'code' in found) throw new Error(found?.says);
      expect(found.found.join('\n')).toMatch(/logged in with cipher suite 3[\s\S]*power is on/);
      expect(sim.power).toBe('on');
    } finally {
      await sim.stop();
    }
  });
});
