/** What a rack can be built of. A new mock joins with one entry here (loaded when a rack needs it), or by `kinds` of `startLab`. */
import type { LabKind } from './device.ts';

/** All in-tree kinds by their word in the description. */
export const LAB_KINDS: Readonly<Record<string, LabKind>> = {
  bmc: async (world, device) => await (await import('./bmc.ts')).labBmc(world, device),
  pdu: async (world, device) => await (await import('./pdu.ts')).labPdu(world, device),
  ssh: async (world, device) => await (await import('./ssh.ts')).labSsh(world, device),
  redfish: async (world, device) => await (await import('./redfish.ts')).labRedfish(world, device),
};
