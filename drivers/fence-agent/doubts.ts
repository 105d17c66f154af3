/**
 * Fence agents whose "off" does not prove that the power is off, as data. Found by reading the agents' sources; each row says where.
 * What stands here is not believed alone: a second agent has to read off as well (the setting `secondReading`).
 */

export interface Doubt {
  /** Names of the agent's file, with those of its symbolic links. */
  readonly agents: readonly string[];
  /** Continues "its off is no proof: ". */
  readonly says: string;
  /** The function in the source that shows it, and the version that was read. */
  readonly source: string;
}

const READ = 'fence-agents 4.12.1';
const SNMP = 'every answer that is not its code for on is called off: an outlet that does not exist, an unknown state, an SNMP exception';
const FABRIC = 'it cuts a node from network or storage and reads that; the power stays on';

export const DOUBTS: readonly Doubt[] = [
  {
    agents: ['fence_apc_snmp', 'fence_tripplite_snmp'],
    says: SNMP,
    source: `${READ}, get_power_status: status == str(device.state_on) and "on" or "off"`,
  },
  { agents: ['fence_ipdu'], says: SNMP, source: `${READ}, get_power_status: status == str(device.state_on) and "on" or "off"` },
  { agents: ['fence_emerson'], says: SNMP, source: `${READ}, get_power_status: status == str(STATUS_UP) and "on" or "off"` },
  { agents: ['fence_ibmblade'], says: SNMP, source: `${READ}, get_power_status: status == str(STATUS_UP) and "on" or "off"` },
  { agents: ['fence_intelmodular'], says: SNMP, source: `${READ}, get_power_status: status == str(STATUS_UP) and "on" or "off"` },
  {
    agents: ['fence_virsh'],
    says: 'every state that it does not know is called off, also "in shutdown", in which the guest still runs',
    source: `${READ}, get_power_status: return "off" after the states it knows`,
  },
  {
    agents: ['fence_amt'],
    says: 'every power state but S0 is called off, also sleep, and an answer that it does not understand',
    source: `${READ}, get_power_status: else: return "off"`,
  },
  {
    agents: ['fence_ilo_ssh', 'fence_ilo3_ssh', 'fence_ilo4_ssh', 'fence_ilo5_ssh', 'fence_ilo_mp'],
    says: 'every EnabledState that does not begin with "enabled" is called off',
    source: `${READ}, get_power_status: else: return "off"`,
  },
  {
    agents: ['fence_rhevm'],
    says: 'an answer without a state is called off',
    source: `${READ}, get_power_status: result == None: return "off"`,
  },
  {
    agents: ['fence_skalar'],
    says: 'machines in the states error, node offline and starting are called off',
    source: `${READ}, get_power_status: "ERROR": "off", "NODE_OFFLINE": "off", "STARTING": "off"`,
  },
  {
    agents: ['fence_lpar'],
    says: 'every state but four is called off, also Error, Not Available, and a partition that runs while it migrates',
    source: `${READ}, _normalize_status: else: status = "off"`,
  },
  {
    agents: ['fence_ibmz'],
    says: 'every status that is not that of a running partition is called off, also degraded, exceptions, and no connection to it',
    source: `${READ}, partition_status: return 'off'`,
  },
  {
    agents: ['fence_cisco_ucs'],
    says: 'a server that is missing or mismatched, and every power state that is not on, is called off',
    source: `${READ}, get_power_status: presence_status in ["missing", "mismatch"]; else: return "off"`,
  },
  {
    agents: ['fence_vmware'],
    says: 'every state but poweredOn is called off, also suspended; on VMware Server 1 a guest that does not exist, too',
    source: `${READ}, vmware_get_outlets_vi; get_power_status: options["--plug"] in outlets and "on" or "off"`,
  },
  {
    agents: ['fence_vbox'],
    says: 'a guest that is not in the list of running ones is called off, also when that list could not be had',
    source: `${READ}, get_outlets_status: "off" for all, then "on" for those of list runningvms`,
  },
  {
    agents: ['fence_zvmip'],
    says: 'a guest that does not exist is called off, and that cannot be turned off',
    source: `${READ}, get_power_status: "running always with --missing-as-off"`,
  },
  {
    agents: ['fence_crosslink'],
    says: 'a ping that is not answered is called off',
    source: `${READ}, get_power_status: ping, else: return "off"`,
  },
  { agents: ['fence_brocade', 'fence_sanbox2'], says: FABRIC, source: `${READ}, device_opt: fabric_fencing` },
  {
    agents: ['fence_cisco_mds', 'fence_ifmib'],
    says: `${FABRIC}; and ${SNMP}`,
    source: `${READ}, device_opt: fabric_fencing; get_power_status`,
  },
  { agents: ['fence_scsi', 'fence_mpath'], says: FABRIC, source: `${READ}, device_opt: fabric_fencing` },
  {
    agents: ['fence_compute', 'fence_evacuate'],
    says: 'it reads what OpenStack says of a service on the node, not power',
    source: `${READ}, get_power_status: connection.services.list`,
  },
  {
    agents: ['fence_sbd'],
    says: "it reads the message in the node's slot on a shared disk, not power",
    source: `${READ}, translate_status`,
  },
  {
    agents: ['fence_kdump', 'fence_heuristics_ping', 'fence_watchdog', 'fence_dummy', 'fence_legacy'],
    says: 'it reads no power at all',
    source: `${READ}, whole file`,
  },
];

/** Values that fence agents take for true (fencing.py, _parse_input_stdin). */
const TRUE = /^(?:1|yes|on|true)$/i;

/** Why an off of this agent, with these parameters, is no proof; undefined where none is known. `name` is the file's own name. */
export function doubtOf(name: string, parameters: Readonly<Record<string, string>>): Doubt | undefined {
  const known = DOUBTS.find(({ agents }) => agents.includes(name));
  if (known !== undefined) return known;
  const given = Object.entries(parameters).find(([key, value]) => /^missing[-_]as[-_]off$/.test(key) && TRUE.test(value));
  if (given !== undefined) {
    return { agents: [name], says: `${given[0]} is set, so an outlet that does not exist is called off`, source: 'the configuration' };
  }
  const network = Object.entries(parameters).find(([key, value]) => /^network[-_]fencing$/.test(key) && TRUE.test(value));
  if (network !== undefined) return { agents: [name], says: `${network[0]} is set: ${FABRIC}`, source: 'the configuration' };
  return undefined;
}
