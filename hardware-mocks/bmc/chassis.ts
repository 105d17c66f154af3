/** The chassis commands (IPMI 2.0, section 28) over a machine and its faults. */
import type { MockClock } from '../clock.ts';
import type { Faulty } from '../faulty.ts';
import type { ChassisAction, Machine, RestorePolicy } from '../machine.ts';
import { ADMINISTRATOR, type Command, type CommandAnswer, COMPLETION, key, NETFN, OPERATOR, ok, refused, USER } from './commands.ts';

export interface ChassisContext {
  readonly machine: Machine;
  readonly faults: Faulty;
  readonly clock: MockClock;
  readonly refusesWhenAlready: boolean;
  readonly chassis: ChassisMemory;
}

/** What the BMC remembers about its chassis beyond the machine itself. */
export interface ChassisMemory {
  /** Orders that were answered 00h, by action: an order taken twice shows here. */
  readonly taken: Record<ChassisAction, number>;
  identifyUntil: number;
  poweredOnByCommand: boolean;
  restartCause: number;
}

export function chassisMemory(): ChassisMemory {
  return { taken: { off: 0, on: 0, cycle: 0, reset: 0, soft: 0 }, identifyUntil: 0, poweredOnByCommand: false, restartCause: 0 };
}

/** Chassis Control (table 28-4); 4 is the diagnostic interrupt, which this board does not have. */
const ACTIONS: readonly (ChassisAction | undefined)[] = ['off', 'on', 'cycle', 'reset', undefined, 'soft'];
const POLICIES: readonly RestorePolicy[] = ['always-off', 'previous', 'always-on'];

/** Bit 0 power, bits 6:5 restore policy; last power event; identify state and that it is supported. */
function chassisState({ machine, faults, clock, chassis }: ChassisContext): CommandAnswer {
  const said = faults.reading('', machine.lamp ? 'on' : 'off');
  if (said === 'transitional') return refused(COMPLETION.notInThisState);
  const identify = chassis.identifyUntil === Number.POSITIVE_INFINITY ? 2 : clock.now() < chassis.identifyUntil ? 1 : 0;
  const power = (POLICIES.indexOf(machine.restore) << 5) | (said === 'on' ? 1 : 0);
  return ok(power, chassis.poweredOnByCommand ? 0x10 : 0, 0x40 | (identify << 4));
}

function control(context: ChassisContext, data: Uint8Array): CommandAnswer {
  const { machine, faults, clock, chassis } = context;
  const action = ACTIONS[(data[0] ?? 0) & 0x0f];
  if (action === undefined) return refused(COMPLETION.invalidField);
  const needsRunning = action === 'cycle' || action === 'reset' || action === 'soft';
  if (needsRunning && !machine.lamp) return refused(COMPLETION.notInThisState);
  const already = action === 'on' ? machine.lamp : action === 'off' && !machine.lamp;
  if (context.refusesWhenAlready && already && machine.pending === undefined) return refused(COMPLETION.notInThisState);
  chassis.taken[action] += 1;
  chassis.poweredOnByCommand = action === 'on' || action === 'cycle' || chassis.poweredOnByCommand;
  chassis.restartCause = 1;
  const wanted = action === 'off' || action === 'soft' ? 'off' : 'on';
  const fate = faults.ordered('', wanted);
  if (fate.act && fate.plugOffset === 0) machine.order(action);
  if (fate.act && fate.undoAfterMs !== undefined) clock.after(fate.undoAfterMs, () => machine.press(wanted === 'off' ? 'on' : 'off'));
  return ok();
}

/** No interval: 15 s; interval 0: off; second byte's bit 0: until told otherwise. */
function identify({ clock, chassis }: ChassisContext, data: Uint8Array): CommandAnswer {
  const forced = ((data[1] ?? 0) & 1) === 1;
  chassis.identifyUntil = forced ? Number.POSITIVE_INFINITY : clock.now() + (data[0] ?? 15) * 1000;
  return ok();
}

/** Answers what is supported: all three. 3 asks only. */
function restorePolicy({ machine }: ChassisContext, data: Uint8Array): CommandAnswer {
  const wanted = (data[0] ?? 0) & 0x07;
  if (wanted > 3) return refused(COMPLETION.invalidField);
  machine.restore = POLICIES[wanted] ?? machine.restore;
  return ok(0x07);
}

export const CHASSIS_COMMANDS: readonly (readonly [number, Command<ChassisContext>])[] = [
  [key(NETFN.chassis, 0x00), { needs: USER, run: () => ok(0x00, 0x20, 0x20, 0x20, 0x20) }],
  [key(NETFN.chassis, 0x01), { needs: USER, run: chassisState }],
  [key(NETFN.chassis, 0x02), { needs: OPERATOR, least: 1, run: control }],
  [key(NETFN.chassis, 0x04), { needs: OPERATOR, run: identify }],
  [key(NETFN.chassis, 0x06), { needs: OPERATOR, least: 1, run: restorePolicy }],
  [key(NETFN.chassis, 0x07), { needs: USER, run: ({ chassis }) => ok(chassis.restartCause, 0x0e) }],
  [key(NETFN.chassis, 0x0b), { needs: ADMINISTRATOR, least: 1, run: () => ok() }],
  [key(NETFN.chassis, 0x0f), { needs: USER, run: () => ok(60, 0, 0, 0, 0) }],
];
