/**
 * `bailiff/mocks`: simulated power hardware that other people's tools can drive too. The physical world (Machine, Relay) knows no
 * protocol and is the truth; shells around it speak; fault plans make them misbehave, repeatably.
 */
export { type MockClock, realClock, VirtualClock } from './clock.ts';
export { anySeed, type ByteSource, SeededRandom, strongBytes } from './random.ts';
export {
  type Checked,
  FAULT_FIELDS,
  type Fault,
  type FaultKind,
  type FaultPlan,
  faultPlanFromWords,
  NO_FAULTS,
  readFaultPlan,
} from './faults.ts';
export { type Delivery, Faulty, type LoginFate, type OrderFate, type SaidPower } from './faulty.ts';
export { type ChassisAction, type LampMoment, Machine, type MachineOptions, type RestorePolicy } from './machine.ts';
export { type AfterReboot, Relay, type RelayOptions, type Wanted } from './relay.ts';
export { type BmcCount, type BmcOptions, type BmcUser, MockBmc } from './bmc/index.ts';
export {
  type Cipher,
  type Digest,
  FAMILIES,
  type Family,
  MockPdu,
  type PduCount,
  type PduOptions,
  type PduUser,
  type PduVersion,
} from './pdu/index.ts';
export {
  fingerprintOf,
  freshKeyPair,
  MockSsh,
  type MockSshOptions,
  type PasswordBy,
  type SshCount,
  type SshManners,
  type SshUser,
  type Voice,
  VOICE_NAMES,
  voiceNamed,
} from './ssh/index.ts';
export {
  type MadeCertificate,
  makeCertificate,
  MockRedfish,
  type MockRedfishOptions,
  type MockStrip,
  type MockSystem,
  type RedfishCount,
  type RedfishManners,
  type RedfishUser,
} from './redfish/index.ts';
export { type ProxyCount, type ProxyOptions, UdpProxy, type WayCount, type Weather } from './proxy.ts';
export { Lab, type LabOptions, type Endpoint, startLab, type Truth } from './lab.ts';
export {
  LAB_HEADING,
  type LabConfigurationOptions,
  labConfiguration,
  labConfigurationIn,
  writeLabConfiguration,
} from './lab/configuration.ts';
export { askLab, controlLab, type LabControl, type LabReply, type LabRequest } from './lab/control.ts';
export { BadDescription, Fields } from './lab/fields.ts';
export { LAB_USER } from './lab/bmc.ts';
export { type Configured, type DeviceWorld, type LabDevice, type LabKind, LabSecret } from './lab/device.ts';
export { LAB_KINDS } from './lab/kinds.ts';
export { type Rack, type RackDevice, type RackNode, readRack, SMALL_RACK } from './lab/rack.ts';
