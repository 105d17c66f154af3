/** Power as read from a device. Three values: unknown is never off, and silence is unknown. */
export type PowerState = 'on' | 'off' | 'unknown';

/** What an order may ask for. There is no reset: a reset has no moment without power that a reading could prove. */
export type WantedPower = 'on' | 'off';

/**
 * Where a driver's readings come from. `device`: something outside the node that carries or cuts its power. `target`: software that
 * runs on the node itself; it can never confirm that the node is off (promise S10).
 */
export type Evidence = 'device' | 'target';
