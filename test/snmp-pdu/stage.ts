/** A mock PDU and our driver against it, put away after each test. */
import { randomBytes } from 'node:crypto';
import { afterEach } from 'vitest';
import { checkSettings, type DriverTools, Secret } from '../../drivers/kit/contract.ts';
import { driver, type PduDriver } from '../../drivers/snmp-pdu/driver.ts';
import { MockPdu, type PduOptions } from '../../hardware-mocks/pdu/index.ts';

const endings: Array<() => Promise<void>> = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export const tools: DriverTools = {
  now: () => performance.timeOrigin + performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  bytes: (length) => randomBytes(length),
  debug: () => {},
};

export const WITHIN = { ms: 4000 };

/** Deadlines hold, repetitions never come: where datagrams are counted, a machine that is slow for a moment must not add one. */
export const unhurried: DriverTools = { ...tools, after: (ms, run) => (ms > 2500 ? tools.after(ms, run) : () => {}) };

/** What must be ended when the test is over. */
export function atEnd(end: () => Promise<void>): void {
  endings.push(end);
}

export async function startPdu(family: string, options: Partial<PduOptions> = {}): Promise<MockPdu> {
  const pdu = await MockPdu.start({ families: [family], ...options });
  atEnd(() => pdu.stop());
  return pdu;
}

/** `raw` as a configuration has it; it must pass the driver's own schema. */
export function openDriver(raw: Readonly<Record<string, unknown>>, with_: DriverTools = tools): PduDriver {
  const { settings, problems } = checkSettings(driver.settings, raw);
  if (problems.length > 0) throw new Error(problems.map(({ path, says }) => `${path} ${says}`).join('; '));
  const opened = driver.open('pdu-a', settings, with_);
  atEnd(() => opened.close());
  return opened;
}

/** Our driver on a mock of the profile with the same name, v2c with the writing community unless told otherwise. */
export async function onMock(
  profile: string,
  options: Partial<PduOptions> = {},
  settings: Readonly<Record<string, unknown>> = {},
  with_: DriverTools = tools,
): Promise<{ readonly pdu: MockPdu; readonly pduDriver: PduDriver }> {
  const pdu = await startPdu(profile, options);
  const login = settings['version'] === '3' ? {} : { version: '2c', community: Secret.fixed('private') };
  return { pdu, pduDriver: openDriver({ host: '127.0.0.1', port: pdu.port, profile, ...login, ...settings }, with_) };
}

/** A plug of outlet `n` in each profile's own form: the long one where parts have no default. */
export const plugOfOutlet = (profile: string, n: number): string => (profile === 'avocent-pm' ? `1.1.${n}` : String(n));
