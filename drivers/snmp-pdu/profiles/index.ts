/** Every PDU family that ships, by name. Data only: a family is added by a file here and a line below. */
import type { Profile } from '../profile.ts';
import { apcEasy } from './apc-easy.ts';
import { apcMsp } from './apc-msp.ts';
import { apcRpdu } from './apc-rpdu.ts';
import { apcRpdu2 } from './apc-rpdu2.ts';
import { apcRpdu2Chained } from './apc-rpdu2-chained.ts';
import { apcSpdu } from './apc-spdu.ts';
import { apcVm } from './apc-vm.ts';
import { atenPe } from './aten-pe.ts';
import { avocentPm } from './avocent-pm.ts';
import { baytech } from './baytech.ts';
import { cyberpowerEpdu } from './cyberpower-epdu.ts';
import { cyberpowerEpdu2 } from './cyberpower-epdu2.ts';
import { eatonEpduG3 } from './eaton-epdu-g3.ts';
import { eatonManagedEpdu } from './eaton-managed-epdu.ts';
import { eatonNlogic } from './eaton-nlogic.ts';
import { eatonSwitchedEpdu } from './eaton-switched-epdu.ts';
import { enlogic } from './enlogic.ts';
import { hpPdu2 } from './hp-pdu2.ts';
import { hpPdu3 } from './hp-pdu3.ts';
import { ibmBladecenter } from './ibm-bladecenter.ts';
import { ibmPdu } from './ibm-pdu.ts';
import { intelModular } from './intel-modular.ts';
import { netio } from './netio.ts';
import { raritanPx1 } from './raritan-px1.ts';
import { raritanPx2 } from './raritan-px2.ts';
import { servertechSentry3 } from './servertech-sentry3.ts';
import { servertechSentry4 } from './servertech-sentry4.ts';
import { synaccess } from './synaccess.ts';
import { trippliteFenceTree } from './tripplite-fence-tree.ts';
import { trippliteTlp } from './tripplite-tlp.ts';
import { trippliteUpsOutlet } from './tripplite-ups-outlet.ts';
import { vertivGeistV5 } from './vertiv-geist-v5.ts';

export const PROFILES: readonly Profile[] = [
  apcEasy,
  apcMsp,
  apcRpdu,
  apcRpdu2,
  apcRpdu2Chained,
  apcSpdu,
  apcVm,
  atenPe,
  avocentPm,
  baytech,
  cyberpowerEpdu,
  cyberpowerEpdu2,
  eatonEpduG3,
  eatonManagedEpdu,
  eatonNlogic,
  eatonSwitchedEpdu,
  enlogic,
  hpPdu2,
  hpPdu3,
  ibmBladecenter,
  ibmPdu,
  intelModular,
  netio,
  raritanPx1,
  raritanPx2,
  servertechSentry3,
  servertechSentry4,
  synaccess,
  trippliteFenceTree,
  trippliteTlp,
  trippliteUpsOutlet,
  vertivGeistV5,
];

export const profileNamed = (name: string): Profile | undefined => PROFILES.find((profile) => profile.name === name);
