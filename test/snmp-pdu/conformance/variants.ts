/** Every profile once, and what its bench cannot show. */
import { PROFILES } from '../../../drivers/snmp-pdu/profiles/index.ts';
import type { Variant } from './bench.ts';

/** A wrong community is met with silence, so that only version 3 knows wrong credentials. */
const WITHOUT_LOGIN = ['C09: the bench has no wrongCredentials, no logins'];
/** net-snmp draws the salts of version 3 itself: no two transcripts are alike. */
const WITHOUT_GOLDEN = ['C20: the bench has no golden'];

const FULL: readonly Variant[] = [
  { profile: 'apc-rpdu', version: '1', golden: 'snmp-apc-rpdu-v1' },
  { profile: 'apc-rpdu2', version: '2c', golden: 'snmp-apc-rpdu2-v2c' },
  { profile: 'raritan-px2', version: '3' },
];

const OTHERS: readonly Variant[] = PROFILES.map(({ name }) => name)
  .filter((name) => !FULL.some(({ profile }) => profile === name))
  .map((profile) => ({ profile, version: '2c' }));

export const VARIANTS: readonly Variant[] = [...FULL, ...OTHERS];

/** What this bench cannot show, and why. */
export const without = ({ version, golden }: Variant): readonly string[] => [
  ...(version === '3' ? [] : WITHOUT_LOGIN),
  ...(golden === undefined ? WITHOUT_GOLDEN : []),
];

/** C11 counts the sockets and timers of its whole process, so nothing else may run beside it. */
export const ALONE = ['C11'];
