export type { PduVersion } from './agent.ts';
export type { PduUser } from './engine.ts';
export { FAMILIES, familyNamed } from './families/index.ts';
export type { Action, Family } from './family.ts';
export type { Metering, Outlet, Switched } from './outlets.ts';
export { MockPdu, type PduCount, type PduOptions } from './pdu.ts';
export type { Cipher, Digest } from './usm.ts';
