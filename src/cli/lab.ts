/** `bailiff lab up | power | fault | truth | down`: a simulated rack on loopback, for practice, tests and other people's tools. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  askLab,
  controlLab,
  LAB_HEADING,
  type Lab,
  type LabReply,
  labConfigurationIn,
  SMALL_RACK,
  startLab,
  writeLabConfiguration,
} from '../../hardware-mocks/index.ts';
import { jsonIn, readText } from './given-file.ts';
import { giveUp, type Io, printJson } from './io.ts';
import type { Problem } from '../vocabulary/index.ts';
import type { CommandModule } from './module.ts';
import { table } from './table.ts';

interface FolderOptions {
  readonly folder: string;
  readonly json?: boolean;
}

/** Inside of the rack's own folder nobody has to name it. */
const HERE = existsSync('lab.sock') ? '.' : 'rack';

const socketOf = (folder: string): string => join(resolve(folder), 'lab.sock');

export const lab: CommandModule = {
  define(command, io) {
    up(command, io);
    byHand(command, io);
    inFolder(
      command.command('fault <device> <words...>').summary('make a device misbehave: lie says=off, mute, loss in=0.3 out=0.3, none ...'),
    )
      .addHelpText(
        'after',
        '\nExamples:\n  bailiff lab fault db1-bmc mute\n  bailiff lab fault db1-bmc loss in=0.3 out=0.3\n  bailiff lab fault db1-bmc none',
      )
      .action(async (device: string, words: readonly string[], options: FolderOptions) =>
        told(
          io,
          await askLab(socketOf(options.folder), { do: 'fault', device, words }),
          options,
          words[0] === 'none' ? `${device} is healed` : `${device} now suffers: ${words.join(' ')}`,
        ),
      );
    inFolder(command.command('truth').summary('what is really on, whatever any device says'))
      .addHelpText('after', '\nExamples:\n  bailiff lab truth\n  bailiff lab truth --folder rack --json')
      .action(async (options: FolderOptions) => told(io, await askLab(socketOf(options.folder), { do: 'truth' }), options, ''));
    inFolder(command.command('down').summary('stop the lab'))
      .addHelpText('after', '\nExample:\n  bailiff lab down --folder rack')
      .action(async (options: FolderOptions) =>
        told(io, await askLab(socketOf(options.folder), { do: 'down' }), options, 'the lab goes down'),
      );
  },
};

const inFolder = (command: Command): Command =>
  command.option('--folder <folder>', "the rack's folder", HERE).option('--json', 'print JSON for machines');

function byHand(command: Command, io: Io): void {
  inFolder(command.command('power <what> <on|off>').summary("a hand on a node's button, or on an outlet (pdu-a/4)"))
    .addHelpText('after', '\nExamples:\n  bailiff lab power db1 off\n  bailiff lab power pdu-a/4 on')
    .action(async (what: string, wanted: string, options: FolderOptions) => {
      if (wanted !== 'on' && wanted !== 'off')
        giveUp(io, { code: 'usage', says: `${wanted} is neither on nor off.`, next: 'bailiff lab power db1 off' }, options.json === true);
      else
        told(io, await askLab(socketOf(options.folder), { do: 'power', what, wanted }), options, `${what} is switched ${wanted} by hand`);
    });
}

function told(io: Io, reply: LabReply, options: FolderOptions, done: string): void {
  if (!reply.ok) {
    giveUp(io, reply.problem, options.json === true);
    return;
  }
  io.ends(0);
  if (options.json === true) printJson(io, reply);
  else if (reply.truth === undefined) io.out(done);
  else printTruth(io, reply.truth as Lab['truth']);
}

function printTruth(io: Io, truth: Lab['truth']): void {
  const rows = truth.nodes.map((node) => [
    node.node,
    node.lamp ? io.paint('good', 'on') : io.paint('strong', 'off'),
    `${node.watts} W`,
    node.feeds.map((feed) => `${feed.outlet} ${feed.closed ? 'closed' : 'open'}`).join(', '),
  ]);
  for (const line of table(['node', 'lamp', 'draws', 'feeds'], rows)) io.out(line);
}

function up(command: Command, io: Io): void {
  inFolder(command.command('up').summary('start a rack and write its configuration; runs until Ctrl-C'))
    .option('--rack <file>', 'a description of the rack (JSON); without it two nodes with a BMC each')
    .addHelpText('after', '\nExample:\n  bailiff lab up --folder rack &\n  bailiff status --config rack/bailiff.yaml')
    .action(async (options: FolderOptions & { readonly rack?: string }) => {
      const description = options.rack === undefined ? { value: SMALL_RACK } : await readRack(options.rack);
      if ('code' in description) {
        giveUp(io, description, options.json === true);
        return;
      }
      const taken = await takenBy(options.folder);
      if (taken !== undefined) {
        giveUp(io, taken, options.json === true);
        return;
      }
      const started = await startLab(description.value);
      if ('problem' in started) {
        giveUp(io, started.problem, options.json === true);
        return;
      }
      await run(io, started.value, options);
    });
}

/** Looked at before anything is written: a lab that runs there keeps its files, and a cluster that is real keeps its own. */
async function takenBy(given: string): Promise<Problem | undefined> {
  const folder = resolve(given);
  // A socket left by a lab that was killed does not answer.
  if ((await askLab(socketOf(folder), { do: 'truth' }, 500)).ok)
    return { code: 'lab-is-up', says: `A lab already runs in ${folder}.`, next: `bailiff lab down --folder ${given}` };
  const file = labConfigurationIn(folder);
  const text = existsSync(file) ? await readText(file) : LAB_HEADING;
  if (typeof text !== 'string') return text;
  if (text.startsWith(LAB_HEADING)) return undefined;
  return {
    code: 'not-a-lab',
    says: `${file} was not written by a lab, and would be overwritten.`,
    next: 'Nothing was changed. Name a folder of its own for the rack: bailiff lab up --folder rack.',
  };
}

async function readRack(file: string): Promise<{ readonly value: unknown } | Problem> {
  const content = await readText(file);
  return typeof content === 'string' ? jsonIn(file, content) : content;
}

async function run(io: Io, started: Lab, options: FolderOptions): Promise<void> {
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await writeLabConfiguration(started, { folder });
  await rm(socketOf(folder), { force: true });
  const control = await controlLab(started, socketOf(folder));
  if (options.json === true) printJson(io, { configuration: file, endpoints: started.endpoints });
  else {
    for (const line of table(
      ['device', 'kind', 'protocol', 'address'],
      started.endpoints.map((one) => [one.device, one.kind, one.protocol, `${one.address}:${one.port}`]),
    ))
      io.out(line);
    io.out(`configuration: ${file}`);
    io.out(`try: bailiff status --config ${file}`);
    io.out('The rack runs until Ctrl-C, or bailiff lab down.');
  }
  await Promise.race([control.downAsked, asked('SIGINT'), asked('SIGTERM')]);
  await control.close();
  await started.stop();
  io.ends(0);
}

const asked = async (signal: 'SIGINT' | 'SIGTERM'): Promise<void> =>
  await new Promise((done) => {
    process.once(signal, () => done());
  });
