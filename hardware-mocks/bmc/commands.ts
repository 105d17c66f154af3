/** What the BMC can be asked, as a table: network function and command, least privilege, and what answers. */
import { PRIVILEGE } from './settings.ts';

/** Completion codes (IPMI 2.0, table 5-2). */
export const COMPLETION = {
  ok: 0x00,
  busy: 0xc0,
  invalidCommand: 0xc1,
  wrongLength: 0xc7,
  outOfRange: 0xc9,
  invalidField: 0xcc,
  insufficientPrivilege: 0xd4,
  notInThisState: 0xd5,
} as const;

export interface CommandAnswer {
  readonly completion: number;
  readonly data?: readonly number[] | Uint8Array;
}

/** Done in a place that knows the machine (chassis.ts) or the session (application.ts). */
export interface Command<Context> {
  /** Least privilege inside a session. */
  readonly needs: number;
  /** Also answered without a session. */
  readonly sessionless?: true;
  /** Least bytes of request data; shorter requests are answered C7h. */
  readonly least?: number;
  readonly run: (context: Context, data: Uint8Array) => CommandAnswer;
}

export type CommandTable<Context> = ReadonlyMap<number, Command<Context>>;

export const NETFN = { chassis: 0x00, application: 0x06 } as const;
export const key = (netFn: number, cmd: number): number => (netFn << 8) | cmd;

export const ok = (...data: readonly number[]): CommandAnswer => ({ completion: COMPLETION.ok, data });
export const refused = (completion: number): CommandAnswer => ({ completion });

/** Looks the command up and applies the rules that hold for all of them. `privilege` 0: outside a session. */
export function runCommand<Context>(
  table: CommandTable<Context>,
  request: { readonly netFn: number; readonly cmd: number; readonly data: Uint8Array },
  privilege: number,
  context: Context,
): CommandAnswer {
  const command = table.get(key(request.netFn, request.cmd));
  if (privilege === 0 && command?.sessionless !== true) return refused(COMPLETION.insufficientPrivilege);
  if (command === undefined) return refused(COMPLETION.invalidCommand);
  if (privilege !== 0 && privilege < command.needs) return refused(COMPLETION.insufficientPrivilege);
  if (request.data.length < (command.least ?? 0)) return refused(COMPLETION.wrongLength);
  return command.run(context, request.data);
}

export const { callback: CALLBACK, user: USER, operator: OPERATOR, administrator: ADMINISTRATOR } = PRIVILEGE;
