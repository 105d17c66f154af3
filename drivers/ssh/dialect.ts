/**
 * A dialect: how one kind of device is spoken to over SSH, as data. Adding a device is adding one file under dialects/: what to send, what
 * to expect, and which exact words mean on and off. Whatever matches no row is unknown.
 */
import type { Evidence, WantedPower } from '../kit/contract.ts';

/** Plugs: none (one unnamed outlet), or a name that must match `pattern` before it comes near a command line. */
type PlugRule =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'named';
      readonly pattern: RegExp;
      /** For error texts: `an outlet number from 1 to 48`. */
      readonly says: string;
    };

/** One channel per command, as `ssh HOST COMMAND`. */
export interface ExecAccess {
  readonly kind: 'exec';
  /** `shell`: a POSIX shell reads the command, so the plug is quoted; `word`: the device's own parser, the plug goes in as it is. */
  readonly quoting: 'shell' | 'word';
  /**
   * `needed`: without an exit status the answer is unknown. `optional`: firmware that never sends one; the channel must then have been
   * closed by the device, and the answer must be whole lines.
   */
  readonly exit: 'needed' | 'optional';
  /** Commands at a time on one connection. */
  readonly atOnce: number;
}

/** An interactive session on a terminal; one command at a time. */
export interface TerminalAccess {
  readonly kind: 'terminal';
  /** Matched against the last, unfinished line, without trailing blanks. */
  readonly prompt: RegExp;
  /** A pager that wants a key before it goes on. */
  readonly more?: { readonly ask: RegExp; readonly answer: string };
  /** Sent before the channel is closed, so that a device with few sessions gets this one back. */
  readonly leave: string;
  readonly newline: '\r' | '\n' | '\r\n';
}

/** A question that the device asks before it acts. Group `plug`, where it is there, must name our plug; otherwise the answer is `no`. */
export interface Confirmation {
  readonly ask: RegExp;
  readonly yes: string;
  readonly no: string;
}

/** What a line of a refusal means. `already`: it is said to be so; only a reading shows whether it is. */
type RefusalMeaning = 'no-such-plug' | 'not-permitted' | 'already' | 'refused';

export interface Refusal {
  readonly line: RegExp;
  readonly means: RefusalMeaning;
}

export interface OrderSpeech {
  /** `{plug}` is replaced by the plug, `{sudo}` by `sudo -n ` where the settings ask for it. */
  readonly send: string;
  readonly confirm?: Confirmation;
  /** A line that must be there for the order to count as taken; absent: the exit status 0 or the prompt is enough. */
  readonly taken?: RegExp;
}

/**
 * One row of the table that turns text into power. Rows are matched against whole lines: every expression is anchored at both ends. Group
 * `plug` must then name our plug; rows without one are for answers that speak of one thing only.
 */
interface Row {
  readonly line: RegExp;
  readonly power: 'on' | 'off' | 'unknown';
}

export interface ReadSpeech {
  readonly send: string;
  readonly rows: readonly Row[];
  /** A line that says of which plug the lines below it speak (group `plug`). */
  readonly heading?: RegExp;
  /** `lines`: rows are looked for in every line. `whole`: the answer is one line and nothing else. */
  readonly extent: 'lines' | 'whole';
}

export interface Dialect {
  readonly name: string;
  /** One line for people. */
  readonly says: string;
  readonly evidence: Evidence;
  readonly plug: PlugRule;
  readonly access: ExecAccess | TerminalAccess;
  /** An order that this dialect cannot give is absent. */
  readonly orders: { readonly [wanted in WantedPower]?: OrderSpeech };
  readonly read: ReadSpeech;
  readonly refusals: readonly Refusal[];
  /** Lists all plugs where the device can; the rows must then name them. */
  readonly list?: ReadSpeech;
  /** False: the device drops the connection when it is sent a keepalive. */
  readonly keepalive?: false;
  /** Where the words come from. */
  readonly source: string;
  /** What it has been run against; `its mock only` where no hardware was at hand. */
  readonly testedOn: string;
}

/**
 * A command with its plug. The plug has passed the dialect's pattern; in a shell it is quoted on top of that. `{sudo}` is where a host's
 * command may need another user's rights.
 */
export function fill(template: string, plug: string, access: ExecAccess | TerminalAccess, sudo = false): string {
  const word = access.kind === 'exec' && access.quoting === 'shell' ? shellQuoted(plug) : plug;
  return template.replaceAll('{sudo}', sudo ? 'sudo -n ' : '').replaceAll('{plug}', () => word);
}

export const maySudo = (dialect: Dialect): boolean => dialect.read.send.includes('{sudo}');

/** One POSIX shell word, whatever is in it. */
export function shellQuoted(word: string): string {
  return /^[A-Za-z0-9_.:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
