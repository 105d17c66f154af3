export { shownHostKeys, type ShownHostKey } from './discover.ts';
export { driver, evidenceOf, plugsOf } from './driver.ts';
