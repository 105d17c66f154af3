/** Oddities that only an SSH server can have, next to the fault plan. A test changes them while the mock runs. */

export interface SshManners {
  /** Takes TCP connections and says nothing. */
  halfOpen?: boolean;
  /** Milliseconds until the server's first line. */
  bannerDelayMs?: number;
  /** Writes this instead of speaking SSH. */
  notSsh?: Uint8Array;
  /** What is written on a terminal goes out in pieces of so many bytes. */
  pieceBytes?: number;
  /** Colours and cursor moves around the prompt and in the answers. */
  ansi?: boolean;
  /** Prints its prompt twice. */
  promptTwice?: boolean;
  /** Waits for a key after so many lines. */
  pageLines?: number;
  /** Commands by exec answer and never end. */
  neverExits?: boolean;
  /** Commands by exec end without an exit status. */
  noExitStatus?: boolean;
  /** Every command by exec ends with 0 and does nothing. */
  doesNothing?: boolean;
  /** Ends the connection right after the login. */
  dropsAfterLogin?: boolean;
  /** Written before the true answer of each reading, with its own end of line: what a stranger slips in. */
  slipIn?: string;
  /** Closes the connection together with each channel. */
  hangsUpAfterCommand?: boolean;
  /** Called when a channel is asked for, right before it is granted. */
  beforeGrant?: () => void;
}

/** How a user may prove who he is. */
export type PasswordBy = 'password' | 'keyboard-interactive' | 'both';
