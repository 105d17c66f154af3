/** What a device tells of itself when it is looked at and not switched. */
export type { Health, Identity, ListedOutlet } from '../../drivers/kit/contract.ts';
