export type { RedfishUser } from './accounts.ts';
export { type MockStrip, type MockSystem, uuidOf } from './boxes.ts';
export { type CertificateOptions, type MadeCertificate, makeCertificate } from './certificate.ts';
export type { RedfishManners } from './manners.ts';
export { MockRedfish, type MockRedfishOptions, type RedfishCount } from './server.ts';
