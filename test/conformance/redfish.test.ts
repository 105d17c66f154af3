/** The Redfish drivers keep their promises on the mock service, over real TLS on loopback. */
import { describe, expect, it } from 'vitest';
import { conformance } from '../../drivers/conformance/index.ts';
import { driver } from '../../drivers/redfish/driver.ts';
import { driver as pdu } from '../../drivers/redfish/pdu.ts';
import { redfishBench } from '../redfish/bench.ts';

const system = { module: driver, plug: '', missingPlugs: ['1', '0', ' ', 'Self', 'no-such-plug'], settings: { system: 'Self' } };

const VARIANTS = [
  { ...system, subject: 'redfish on the mock service, basic', golden: 'redfish-basic' },
  {
    ...system,
    subject: 'redfish on the mock service, session, ActionInfo, tasks, 409',
    golden: 'redfish-session',
    settings: { system: 'Self', auth: 'session' },
    manners: { orderAnswer: 202, taskMs: 50, tellsResetTypes: 'action-info', refusesWhenAlready: 409, chunked: true },
  },
  {
    module: pdu,
    plug: '2',
    secondPlug: '3',
    missingPlugs: ['0', '5', '02', ' 2', '', '__proto__', '2/../3'],
    settings: {},
    subject: 'redfish-pdu on the mock power strip',
    golden: 'redfish-pdu',
  },
] as const;

/** A system is one outlet without a name: there is no second plug that could answer for the first. */
const notApplicable = (plug: string): readonly string[] => (plug === '' ? ['C19: the bench has no secondPlug'] : []);

describe('conformance of the Redfish drivers', () => {
  it.each(VARIANTS)('$subject', { timeout: 180_000 }, async (variant) => {
    const results = await conformance(redfishBench(variant));
    const told = (which: string): readonly string[] =>
      results.filter(({ result }) => result === which).map(({ id, says }) => `${id}: ${says}`);
    expect(told('broken')).toEqual([]);
    expect(told('not-applicable')).toEqual(notApplicable(variant.plug));
    expect(results).toHaveLength(21);
  });
});
