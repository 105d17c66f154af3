/** `bailiff fence` and `bailiff unfence`: a named operator's command, carried out and proven. */
import { type Command, Option } from 'commander';
import type { CommandRequest } from '../service/service.ts';
import type { OpenView } from '../service/views.ts';
import type { Override } from '../vocabulary/index.ts';
import { tellCarried } from './carried.ts';
import type { Io } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { admissible } from './named-node.ts';
import { loadToAct } from './open.ts';
import { askingNow, idOf, type RepeatOptions, repeatable } from './repeat.ts';
import { principal } from './who.ts';
import { withService } from './with-service.ts';
import { byName, duration, spoken } from './words-given.ts';

interface FenceOptions extends CommonOptions, RepeatOptions {
  readonly reason: string;
  readonly by?: string;
  readonly timeout?: number;
  readonly reboot?: boolean;
  readonly program?: boolean;
  readonly override?: readonly Override[];
}

const OVERRIDES: readonly Override[] = ['storm-limit', 'quorum-floor', 'survivor'];

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

async function carry(io: Io, node: string, options: FenceOptions, action: CommandRequest['action']): Promise<void> {
  const loaded = await loadToAct(io, options);
  if (loaded === undefined) return;
  if (!admissible(io, loaded.configuration, node, options.json === true)) return;
  // What the core will ask for a command: its own blindness and nothing else.
  const ahead = { claim: 'misbehaving', target: node, survivors: [] } as const;
  const how = { json: options.json === true, ahead, own: ({ target }: OpenView) => target === node, within: options.timeout };
  await withService(io, loaded.configuration, how, async ({ service }, found) => {
    const carried = await service.command(principal(options.by, options.program === true ? 'program' : 'person'), {
      id: idOf(options, 'cmd'),
      action,
      target: node,
      reason: options.reason,
      override: options.override ?? [],
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
    return () => tellCarried(io, carried, { json: how.json, found, current: options.current === true });
  });
}
