/** `bailiff verdict keygen | sign | submit`: what an arbiter does, and how its verdict is carried out without a daemon. */
import { rm, stat, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { OpenView } from '../service/views.ts';
import type { Problem } from '../vocabulary/index.ts';
import { tellCarried } from './carried.ts';
import { duration } from './words-given.ts';
import { jsonIn, readBytes, readText } from './given-file.ts';
import { giveUp, type Io, printJson } from './io.ts';
import { type CommandModule, type CommonOptions, common } from './module.ts';
import { loadToAct } from './open.ts';
import { askingNow, type RepeatOptions } from './repeat.ts';
import { refuseVerdict } from './result.ts';
import { withService } from './with-service.ts';

export const verdict: CommandModule = {
  define(command, io) {
    keygen(command, io);
    sign(command, io);
    submit(command, io);
    command
      .command('schema')
      .summary('print the JSON Schema of a verdict')
      .option('--json', 'as it is: a JSON Schema is JSON')
      .addHelpText('after', '\nExample:\n  bailiff verdict schema > verdict.schema.json')
      .action(async () => {
        const { verdictJsonSchema } = await import('../intake/verdict-schema.ts');
        printJson(io, verdictJsonSchema());
        io.ends(0);
      });
  },
};

function keygen(command: Command, io: Io): void {
  command
    .command('keygen')
    .summary('make a key pair for an arbiter')
    .argument('<name>', 'writes NAME.key (keep it on the arbiter) and NAME.pub (for the configuration)')
    .option('--json', 'print JSON for machines')
    .addHelpText('after', '\nExample:\n  bailiff verdict keygen arb-1')
    .action(async (name: string, options: { readonly json?: boolean }) => {
      const { newKeyPair } = await import('../intake/verdict-jws.ts');
      const pair = await newKeyPair();
      const files = { privateKey: `${name}.key`, publicKey: `${name}.pub` };
      const failed = await createBoth(files, pair);
      if (failed !== undefined) {
        giveUp(io, failed, options.json === true);
        return;
      }
      io.ends(0);
      if (options.json === true) printJson(io, files);
      else {
        io.out(`${files.privateKey}  the private key (mode 0600): only the arbiter may have it`);
        io.out(
          `${files.publicKey}  the public key: arbiters: [{ id: ${name.split('/').at(-1) ?? name}, publicKey: { file: ${files.publicKey} } }]`,
        );
      }
    });
}

interface Pair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Half a pair is of no use: without the public key, the private one that was made a moment ago goes again. */
async function createBoth(files: Pair, pair: Pair): Promise<Problem | undefined> {
  const failed = await create(files.privateKey, pair.privateKey, 0o600);
  if (failed !== undefined) return failed;
  const second = await create(files.publicKey, pair.publicKey, 0o644);
  if (second !== undefined) await rm(files.privateKey, { force: true });
  return second;
}

/** Never overwrites: an arbiter's key that is gone cannot be had back. */
async function create(path: string, content: string, mode: number): Promise<Problem | undefined> {
  try {
    await writeFile(path, content, { mode, flag: 'wx' });
    return undefined;
  } catch (error) {
    return {
      code: 'file-not-written',
      says: `${path}: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Choose another name, or move the old file away.',
    };
  }
}

function sign(command: Command, io: Io): void {
  command
    .command('sign')
    .summary('sign the JSON of a verdict; prints a compact JWS')
    .argument('[file]', 'the JSON; - or nothing reads standard input', '-')
    .requiredOption('--key <file>', "the arbiter's private key (PEM)")
    .option('--valid-for <duration>', 'set issuedAt to now and expiresAt to so much later, such as 2m', duration)
    .option('--json', 'print { jws } for machines')
    .addHelpText(
      'after',
      `
Examples:
  bailiff verdict sign v.json --key arb-1.key > v.jws
  bailiff verdict sign v.json --key arb-1.key --valid-for 2m | bailiff verdict submit`,
    )
    .action(async (file: string, options: SignOptions) => {
      const json = options.json === true;
      const signed = await signFile(file, options);
      if ('code' in signed) {
        giveUp(io, signed, json);
        return;
      }
      if (json) printJson(io, signed);
      else io.out(signed.jws);
      io.ends(0);
    });
}

interface SignOptions {
  readonly key: string;
  readonly validFor?: number;
  readonly json?: boolean;
}

async function signFile(file: string, { key: keyFile, validFor }: SignOptions): Promise<{ readonly jws: string } | Problem> {
  const key = await readText(keyFile);
  if (typeof key !== 'string') return key;
  // A public key may be read by everybody: what is wrong with it is told by whoever tries to sign with it.
  const open = key.includes('PUBLIC KEY') ? undefined : await guarded(keyFile);
  if (open !== undefined) return open;
  const given = await readBytes(file);
  if ('code' in given) return given;
  // Where it stops being JSON is told with its line; then comes what JSON.parse hides: a member that stands twice, bytes that are no UTF-8.
  const lines = jsonIn(file, given.bytes.toString('utf8').replace(/^\ufeff/, ''));
  if ('code' in lines) return lines;
  const { readVerdict } = await import('../intake/verdict-schema.ts');
  const read = readVerdict(given.bytes);
  if ('code' in read) return read;
  const { signVerdict } = await import('../intake/verdict-jws.ts');
  return await signVerdict(validFor === undefined ? read.value : dated(read.value, Date.now(), validFor), { path: keyFile, pem: key });
}

/** With both of its times set, whatever they were. What is no object is left to the schema. */
function dated(value: unknown, now: number, validFor: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return { ...value, issuedAt: new Date(now).toISOString(), expiresAt: new Date(now + validFor).toISOString() };
}

const OTHERS = 0o077;

/** A key that others can read signs for anybody. On Windows modes say nothing. */
async function guarded(keyFile: string): Promise<Problem | undefined> {
  const mode = ((await stat(keyFile).catch(() => undefined))?.mode ?? 0) & 0o777;
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return undefined;
  return {
    code: 'secret-permissions',
    says: `${keyFile} may be read or changed by others than its owner (mode ${mode.toString(8).padStart(3, '0')}).`,
    next: `If nobody has read it, run: chmod 600 ${keyFile}. Otherwise make a new pair: bailiff verdict keygen.`,
  };
}

function submit(command: Command, io: Io): void {
  askingNow(common(command.command('submit').summary('admit a signed verdict and carry it out')))
    .argument('[file]', 'the compact JWS; - or nothing reads standard input', '-')
    .addHelpText(
      'after',
      `
Examples:
  bailiff verdict submit v.jws
  bailiff verdict submit v.jws --current     again: the same answer, and whether it still holds

Exit codes: 0 confirmed, 1 failed, 2 usage, 3 refused, 4 withheld (nothing was switched), 5 unconfirmed, 6 with --current: it was confirmed, and a target has been ordered on since.`,
    )
    .action(async (file: string, options: CommonOptions & RepeatOptions) => {
      const loaded = await loadToAct(io, options);
      if (loaded === undefined) return;
      const json = options.json === true;
      const jws = await readText(file);
      if (typeof jws !== 'string') {
        giveUp(io, jws, json);
        return;
      }
      const { openVerdict } = await import('../intake/verdict-jws.ts');
      const opened = await openVerdict(jws.trim(), loaded.configuration.arbiters);
      if ('code' in opened) {
        refuseVerdict(io, opened, json);
        return;
      }
      const [target] = opened.targets;
      const ahead = target === undefined ? {} : { ahead: { claim: opened.claim, target, survivors: opened.survivors } };
      const how = { json, ...ahead, own: ({ target: node }: OpenView) => opened.targets.includes(node) };
      await withService(io, loaded.configuration, how, async ({ service }, found) => {
        const carried = await service.submit(jws.trim());
        return () => tellCarried(io, carried, { json, found, current: options.current === true });
      });
    });
}
