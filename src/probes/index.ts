export { isThisMachine } from './address.ts';
export { isOnPath } from './child.ts';
export { type Everything, probeEverything } from './everything.ts';
export { createPanel, type PanelSettings } from './panel.ts';
export type { Link, LinkKind, ReferenceIp } from './ports.ts';
