export { discoverService, type FoundService } from './discover.ts';
export { driver } from './driver.ts';
export { driver as pduDriver } from './pdu.ts';
