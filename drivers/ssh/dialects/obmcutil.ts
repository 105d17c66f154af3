import type { Dialect } from '../dialect.ts';

/** OpenBMC with phosphor-state-manager: obmcutil in the BMC's own shell. */
export const obmcutil: Dialect = {
  name: 'obmcutil',
  says: 'OpenBMC (obmcutil chassisoff, poweron, chassisstate)',
  evidence: 'device',
  plug: { kind: 'none' },
  access: { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 1 },
  orders: { off: { send: '{sudo}obmcutil chassisoff' }, on: { send: '{sudo}obmcutil poweron' } },
  read: {
    send: '{sudo}obmcutil chassisstate',
    // TransitioningToOff and TransitioningToOn are neither.
    rows: [
      { line: /^CurrentPowerState +: xyz\.openbmc_project\.State\.Chassis\.PowerState\.On$/, power: 'on' },
      { line: /^CurrentPowerState +: xyz\.openbmc_project\.State\.Chassis\.PowerState\.Off$/, power: 'off' },
      { line: /^CurrentPowerState +: .{0,120}$/, power: 'unknown' },
    ],
    extent: 'lines',
  },
  refusals: [{ line: /^.{0,120}(?:[Pp]ermission denied|[Aa]ccess denied).{0,80}$/, means: 'not-permitted' }],
  source: 'OpenBMC phosphor-state-manager obmcutil; phosphor-dbus-interfaces xyz.openbmc_project.State.Chassis',
  testedOn: 'its mock only',
};
