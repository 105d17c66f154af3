export { type BmcCount, MockBmc } from './bmc.ts';
export type { SessionCount } from './sessions.ts';
export type { BmcOptions, BmcUser, ErrorShape, PrivilegeName } from './settings.ts';
