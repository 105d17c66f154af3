/** A driver of somebody else with faults of the test's own. */
import type { TestRack } from './rack.ts';

export interface Misdeeds {
  readonly load?: string;
  /** Further members of the module. */
  readonly module?: string;
  readonly second?: boolean;
  readonly order?: string;
  readonly read?: string;
  readonly close?: string;
}

/** A driver that does so; the second level of db1 is its BMC. */
export async function stranger(
  rack: TestRack,
  { load = '', module = '', order = '', read = '', close = '', second = true }: Misdeeds,
): Promise<void> {
  await rack.file(
    'stranger.mjs',
    `${load}
const why = { code: 'x', says: 'x', next: 'x' };
const opened = {
  evidence: 'device',
  async order() { ${order}; return { result: 'accepted' }; },
  async read() { ${read}; return { power: 'unknown', source: 'x', why }; },
  async check() { return { ok: true, found: [] }; },
  async close() { ${close} },
};
export const driver = { name: 'stranger', summary: 'a stranger', evidence: 'device', plugs: 'none', settings: {}, open: () => opened, ${module} };
`,
  );
  const own = Object.fromEntries([...rack.lab.devices].map(([name, { configuration }]) => [name, configuration]));
  await rack.configure({
    devices: { ...own, stranger: { driver: './stranger.mjs' } },
    nodes: {
      db1: { fence: [[{ device: 'stranger' }], ...(second ? [[{ device: 'db1-bmc' }]] : [])] },
      db2: { fence: [[{ device: 'db2-bmc' }]] },
    },
    verify: { referenceIps: ['127.0.0.1'], need: 1, within: '1s', listenAgain: '0s' },
    policy: { tieBreaker: 'reference-ips', timeout: '8s', answerWithin: '1s', storm: { targets: 9, within: '10m' } },
  });
}

export const FENCE = ['fence', 'db1', '--reason', 'tested', '--override', 'quorum-floor'];
