/** An engine in this process, as `serve` keeps one: what a fence costs when nothing has to be started. */
import { driver as ipmi } from '../drivers/ipmi/driver.ts';
import { driver as redfish } from '../drivers/redfish/driver.ts';
import { driver as snmpPdu } from '../drivers/snmp-pdu/driver.ts';
import { driver as ssh } from '../drivers/ssh/driver.ts';
import { driversFrom, loadConfiguration } from '../src/config/index.ts';
import { Engine } from '../src/main/engine.ts';

export interface WarmEngine {
  /** True when the node was proven off. */
  fence(node: string): Promise<boolean>;
  close(): Promise<void>;
}

export async function warmEngine(file: string): Promise<WarmEngine> {
  const loaded = await loadConfiguration(file, { drivers: driversFrom([ipmi, redfish, snmpPdu, ssh]) });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const engine = await Engine.open(loaded.configuration);
  if (!(engine instanceof Engine)) throw new Error(engine.says);
  let count = 0;
  return {
    fence: async (target) => {
      count += 1;
      const carried = await engine.command({
        id: `bench-${count}`,
        action: 'off',
        target,
        by: 'anna',
        origin: 'person',
        reason: 'bench',
        // Many at once are what some benches are about.
        override: ['storm-limit', 'quorum-floor'],
      });
      const confirmed = 'answer' in carried && carried.answer.outcome === 'confirmed';
      if (!confirmed) console.log(`${target}: ${JSON.stringify(carried)}`);
      return confirmed;
    },
    close: async () => await engine.close(),
  };
}
