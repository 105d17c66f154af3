/** Where an operation goes next within one step. `stay`: it waits for the next event, or it has ended. */
export type Next = 'stay' | 'verify' | 'recheck' | 'hold' | 'shoot' | 'read' | 'not-switched' | 'unproven' | 'proven';
