import type { Dialect } from '../dialect.ts';
import { apcAos } from './apc-aos.ts';
import { cyberpower } from './cyberpower.ts';
import { eatonEpdu } from './eaton-epdu.ts';
import { esxi } from './esxi.ts';
import { hpeIlo } from './hpe-ilo.ts';
import { idrac } from './idrac.ts';
import { libvirt } from './libvirt.ts';
import { obmcutil } from './obmcutil.ts';
import { proxmox } from './proxmox.ts';
import { raritanPx } from './raritan-px.ts';
import { servertech } from './servertech.ts';
import { targetPoweroff, targetSysrq } from './target.ts';

/** Every dialect but `generic`, whose words come from the settings. */
export const DIALECTS: readonly Dialect[] = [
  apcAos,
  raritanPx,
  servertech,
  eatonEpdu,
  cyberpower,
  hpeIlo,
  idrac,
  obmcutil,
  libvirt,
  proxmox,
  esxi,
  targetSysrq,
  targetPoweroff,
];

export const dialectNamed = (name: string): Dialect | undefined => DIALECTS.find((dialect) => dialect.name === name);
