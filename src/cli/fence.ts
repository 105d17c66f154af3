/** `bailiff fence` and `bailiff unfence`: a named operator's command, carried out and proven. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../drivers/settings.ts';
import type { Configuration } from '../config/index.ts';
import { EMPTY, type Operation } from '../core/index.ts';
import type { Action, Override, Problem } from '../vocabulary/index.ts';
import { tellCarried } from './carried.ts';
import { giveUp, type Io } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { loadToAct } from './open.ts';
import { askingNow, idOf, type RepeatOptions, repeatable } from './repeat.ts';
import { report } from './result.ts';
import { whoIs } from './who.ts';
import { withEngine } from './with-engine.ts';

interface FenceOptions extends CommonOptions, RepeatOptions {
  readonly reason: string;
  readonly by?: string;
  readonly timeout?: number;
  readonly reboot?: boolean;
  readonly program?: boolean;
  readonly override?: readonly Override[];
}

const OVERRIDES: readonly Override[] = ['storm-limit', 'quorum-floor', 'survivor'];

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1000 || ms > 3_600_000)
    throw new InvalidArgumentError('Give a duration with its unit, from 1s to 1h, such as 60s.');
  return ms;
}

/** As long as the reason of a verdict may be. */
const LONGEST_REASON = 1000;
const LONGEST_NAME = 100;

/** S1 wants a reason in words. */
export function spoken(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why, in a few words.');
  if (text.length > LONGEST_REASON) throw new InvalidArgumentError(`Say why in at most ${LONGEST_REASON} characters.`);
  return text;
}

/** Who says so: goes into the journal and into every story. */
export function byName(text: string): string {
  if (text.length > LONGEST_NAME) throw new InvalidArgumentError(`A name has at most ${LONGEST_NAME} characters.`);
  return text;
}

function reasoned(command: Command): Command {
  return repeatable(
    common(command)
      .requiredOption('-r, --reason <text>', 'why; it is recorded', spoken)
      .option('--by <name>', 'who orders this (default: the login name)', byName)
      .option('--timeout <duration>', 'one deadline for the whole operation, such as 60s', duration),
  );
}

export const fence: CommandModule = {
  define(command, io) {
    askingNow(reasoned(command.argument('<node>', 'the node to fence')))
      .option('--reboot', 'power it on again after it was proven off')
      .addOption(
        new Option('--program', 'a program asks, not a person: approval and delay of the policy hold, and no limit is lifted').conflicts(
          'override',
        ),
      )
      .addOption(new Option('--override <limit...>', 'a limit that you lift for this one command').choices(OVERRIDES))
      .addHelpText(
        'after',
        `
Examples:
  bailiff fence db1 --reason "disk controller hangs"
  bailiff fence db1 --reason "kernel update" --reboot --by anna --timeout 90s
  bailiff fence db1 --reason "fire in rack 2" --override storm-limit --json
  bailiff fence db1 --reason "drbd fence-peer" --program     from a hook
  bailiff fence db1 --reason hook --program --id wd-4711     asked twice, cuts once

Exit codes: 0 proven off, 1 failed, 2 usage or configuration, 3 refused, 4 withheld (nothing was switched), 5 unconfirmed (treat the node as running; also while a person is awaited after something was ordered), 6 with --current: it was off, and has been ordered on since.`,
      )
      .action(async (node: string, options: FenceOptions) => carry(io, node, options, options.reboot === true ? 'reboot' : 'off'));
  },
};

export const unfence: CommandModule = {
  define(command, io) {
    reasoned(command.argument('<node>', 'the node to power on'))
      .addHelpText('after', '\nExample:\n  bailiff unfence db1 --reason "controller replaced"')
      .action(async (node: string, options: FenceOptions) => carry(io, node, options, 'on'));
  },
};

async function carry(io: Io, node: string, options: FenceOptions, action: Action): Promise<void> {
  const loaded = await loadToAct(io, options);
  if (loaded === undefined) return;
  if (!admissible(io, loaded.configuration, node, options.json === true)) return;
  // What the core will ask for a command: its own blindness and nothing else.
  const ahead = { claim: 'misbehaving', target: node, survivors: [] } as const;
  const how = { json: options.json === true, ahead, own: (operation: Operation) => operation.target === node, within: options.timeout };
  await withEngine(io, loaded.configuration, how, async (engine, found) => {
    const carried = await engine.command({
      id: idOf(options, 'cmd'),
      action,
      target: node,
      by: whoIs(options.by),
      origin: options.program === true ? 'program' : 'person',
      reason: options.reason,
      override: options.override ?? [],
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
    return () => tellCarried(io, carried, { state: engine.state, json: how.json, found, current: options.current === true });
  });
}

/** An order for a node that does not exist is refused, by name, before anything is opened. */
export function admissible(io: Io, configuration: Configuration, node: string, json: boolean): boolean {
  if (configuration.nodes.has(node)) return true;
  report(io, { outcome: 'refused', problem: unknownTarget(configuration, node), operations: [] }, { state: EMPTY, json });
  return false;
}

/** A question about a node that does not exist is a usage error. */
export function known(io: Io, configuration: Configuration, node: string, json: boolean): boolean {
  if (configuration.nodes.has(node)) return true;
  giveUp(io, unknownTarget(configuration, node), json);
  return false;
}

export const unknownTarget = (configuration: Configuration, node: string): Problem => ({
  code: 'unknown-target',
  says: `${node} is not a node of cluster ${configuration.cluster}.`,
  next: `Nodes are: ${[...configuration.nodes.keys()].join(', ')}.`,
});
