import { Secret } from '../../../drivers/kit/contract.ts';
import type { Bench } from '../../../drivers/conformance/index.ts';
import { driver } from '../../../drivers/fence-agent/driver.ts';
import { Lamps } from '../../fence-agent/lamps.ts';
import { goldenFile } from '../golden.ts';

/** The fence agent driver with an honest agent over files, real processes and all. */
export function fenceAgentBench(): Bench {
  return {
    subject: 'fence-agent with an honest agent',
    module: driver,
    plug: '1',
    secondPlug: '2',
    missingPlugs: ['3', '0', '01', ' 1', '', '1,2', '1\nplug=2', '"1"'],
    golden: goldenFile('fence-agent'),
    pace: { briefMs: 250, usualMs: 10_000, relayMs: 10_000 },
    fresh: async () => {
      const lamps = await Lamps.lit();
      const mode = (name: string) => () => lamps.mode(name);
      return {
        settings: lamps.settings,
        lamp: (plug) => lamps.lamp(plug),
        turn: (plug, power) => lamps.turn(plug, power),
        silence: mode('silent'),
        halfOpen: mode('half-open'),
        loseReplies: mode('loses-answers'),
        ignoreOrders: mode('ignores-orders'),
        keepBackReplies: () => lamps.keepBack(),
        impostors: {
          'an agent that says off before it says on': mode('impostor'),
          'an agent whose words say off and whose exit code says on': mode('words-against-code'),
        },
        garble: {
          'cut short': mode('cut-short'),
          garbage: mode('garbage'),
          'far too long': mode('oversized'),
          'exit code 2 without a word': mode('code-only'),
        },
        reboot: async () => {
          await lamps.mode('away');
          return () => lamps.mode('honest');
        },
        heal: mode('honest'),
        wrongCredentials: { ...lamps.settings, secrets: { password: Secret.fixed('wrong-pass-word') } },
        overheard: () => lamps.lines('overheard'),
        transcript: () => lamps.lines('transcript'),
        release: () => lamps.away(),
      };
    },
  };
}
