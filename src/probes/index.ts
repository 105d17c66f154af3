export { createPanel, type PanelSettings } from './panel.ts';
export type { Link, LinkKind, ReferenceIp } from './plan.ts';
