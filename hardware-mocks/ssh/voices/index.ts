import type { Voice } from '../voice.ts';
import { ilo, openBmc, racadm } from './controllers.ts';
import { esxi, libvirt, linuxNode, proxmox } from './machines.ts';
import { apc, cyberpower, eaton, raritan, servertech } from './power-strips.ts';

const VOICES: readonly Voice[] = [apc, raritan, servertech, eaton, cyberpower, ilo, racadm, openBmc, libvirt, proxmox, esxi];

export const VOICE_NAMES: readonly string[] = [...VOICES.map(({ name }) => name), 'target'];

/** The voice of that name; each node has a boot id of its own. */
export const voiceNamed = (name: string): Voice | undefined =>
  name === 'target' ? linuxNode() : VOICES.find((voice) => voice.name === name);

export { linuxNode };
