/** What `check` finds out about a BMC. Read only: nothing is switched and nothing is set. */
import type { Health, Problem } from '../kit/contract.ts';
import {
  type ChassisStatus,
  type CipherSuite,
  COMMAND,
  type Command,
  concat,
  type Decoded,
  type DeviceId,
  decoded,
  decodeChassisStatus,
  decodeDeviceId,
  decodeGuid,
  decodeSuiteRecords,
  encodeCipherSuitesRequest,
  NOTHING,
  PRIVILEGE,
  reject,
  toHex,
} from './codec/index.ts';
import { privilegeTooLow } from './problems.ts';
import type { LoginSeen } from './session/terms.ts';

interface Checked {
  /** `most`: at most so many milliseconds of what is left. */
  get<T>(
    command: Command,
    data: Uint8Array,
    decode: (data: Uint8Array) => Decoded<T>,
    most?: number,
  ): Promise<{ readonly value: T } | Problem>;
  /** The latest login. `afterSilence`: an earlier suite met silence, which says nothing about what the BMC takes. */
  login(): (LoginSeen & { readonly afterSilence: boolean }) | undefined;
  readonly privilege: number;
  /** The configured cipher suites, in their order. */
  readonly suites: readonly CipherSuite[];
}

/** Questions that a BMC may leave unanswered get this long. */
const OPTIONAL_MS = 800;
/** A list of cipher suites fits in four slices of 16 bytes many times over. */
export const MAX_SLICES = 8;

export const SUITE_0_OFFERED = 'the BMC offers cipher suite 0, which checks no password: disable it';

const POLICY_SAYS: Readonly<Record<ChassisStatus['restorePolicy'], string>> = {
  'stay-off': 'stays off when the mains come back',
  previous: 'goes back to what it was when the mains come back: cut at a PDU while running, it starts again',
  'always-on': 'starts when the mains come back: after a cut at a PDU it must stay cut',
  unknown: 'power restore policy is not told',
};

export async function checkHealth(bmc: Checked): Promise<Health> {
  const found: string[] = [];
  const status = await bmc.get(COMMAND.getChassisStatus, NOTHING, decodeChassisStatus);
  if ('code' in status) return { ok: false, found, problem: status };
  const login = bmc.login();
  if (login !== undefined)
    found.push(
      `logged in with cipher suite ${login.suite.id} (${login.suite.authentication.name}, ${login.suite.integrity.name}, ${login.suite.confidentiality.name})`,
    );
  const first = bmc.suites[0];
  if (login?.afterSilence === false && first !== undefined && first.id !== login.suite.id)
    found.push(`it did not take cipher suite ${first.id}: cipherSuites: [${login.suite.id}] saves asking for it at every start`);
  const mayCut = bmc.privilege >= PRIVILEGE.operator;
  found.push(mayCut ? 'privilege granted: may switch the power' : 'privilege user: may only read the power');
  found.push(`power is ${status.value.on ? 'on' : 'off'}; the machine ${POLICY_SAYS[status.value.restorePolicy]}`);
  if (status.value.fault || status.value.controlFault) found.push('warning: the BMC reports a power fault');
  const device = await bmc.get(COMMAND.getDeviceId, NOTHING, decodeDeviceId, OPTIONAL_MS);
  if (!('code' in device)) found.push(describeDevice(device.value));
  const guid = await bmc.get(COMMAND.getSystemGuid, NOTHING, decodeGuid, OPTIONAL_MS);
  if (!('code' in guid)) found.push(`system GUID ${toHex(guid.value)}`);
  // RAKP message 2 tells the GUID too, under the password's seal (IPMI 2.0, 13.21).
  const told = 'code' in guid ? login?.guid : guid.value;
  const identity = told === undefined ? {} : { identity: { guid: toHex(told) } };
  if ((await offeredSuites(bmc)).includes(0)) found.push(`warning: ${SUITE_0_OFFERED}`);
  if (mayCut) return { ok: true, found, ...identity };
  return { ok: false, found, problem: privilegeTooLow(), ...identity };
}

function describeDevice(device: DeviceId): string {
  const minor = device.firmwareMinor.toString(16).padStart(2, '0');
  const version = `${device.ipmiVersion & 0x0f}.${device.ipmiVersion >>> 4}`;
  const updating = device.updating ? ', firmware update in progress' : '';
  return `manufacturer ${device.manufacturer}, product ${device.product}, firmware ${device.firmwareMajor}.${minor}, IPMI ${version}${updating}`;
}

/** Ids of the suites that the BMC lists; empty where it does not list them (ipmi_sim). */
async function offeredSuites(bmc: Checked): Promise<readonly number[]> {
  let list: Uint8Array = NOTHING;
  for (let index = 0; index < MAX_SLICES; index += 1) {
    const slice = await bmc.get(
      COMMAND.getChannelCipherSuites,
      encodeCipherSuitesRequest(index),
      (data) => (data.length < 1 ? reject('too-short') : decoded(data.slice(1))),
      OPTIONAL_MS,
    );
    if ('code' in slice) return [];
    list = concat(list, slice.value);
    if (slice.value.length < 16) break;
  }
  const records = decodeSuiteRecords(list);
  return records.ok ? records.value.map(({ id }) => id) : [];
}
