/** Oddities that only a Redfish service can have, next to the fault plan. A test changes them while the mock runs. */

export interface RedfishManners {
  /** How a taken order is answered: 204 without a body (default), 200 with one, 202 with a task. */
  orderAnswer?: 200 | 204 | 202;
  /** How long a task runs; default 300. `never`: it never ends. */
  taskMs?: number | 'never';
  /** How a task ends; default Completed. Anything else has not carried the order out. */
  taskEnds?: 'Completed' | 'Exception' | 'Killed';
  /** What is refused when it already is so, with this HTTP status. */
  refusesWhenAlready?: 400 | 409;
  /** Where the reset types are told: in the action (default), by ActionInfo, or nowhere. */
  tellsResetTypes?: 'inline' | 'action-info' | 'nowhere';
  resetTypes?: readonly string[];
  /** Systems and outlets have no Actions. */
  noActions?: boolean;
  /** PowerState as it is written, whatever is true: null, a word of tomorrow; `absent` leaves the member out. */
  powerState?: string | null;
  /** Answers 412 to so many orders; `with-etag`: to every order that does not bring the right If-Match. */
  precondition?: number | 'with-etag';
  /** What accounts tell of rights: role and privileges (default), the role alone, privileges of the maker's own as well, or there are no accounts. */
  tellsRights?: 'role-only' | 'with-oem' | 'nothing';
  /** Every request that needs a login is answered with this status. */
  answersAll?: 403 | 404 | 500 | 503;
  /** Seconds in Retry-After of every 503. */
  retryAfter?: number;
  /** Orders alone are answered with this status. */
  orderStatus?: 400 | 403 | 404 | 405 | 409 | 500 | 503;
  /** The id of the message of an error; default by status. */
  messageId?: string;
  /** From path to Location. */
  redirects?: Readonly<Record<string, string>>;
  redirectStatus?: 301 | 302 | 303 | 307 | 308;
  /** Takes TCP connections and says nothing. */
  halfOpen?: boolean;
  /** Milliseconds before the TLS handshake begins. */
  slowHandshakeMs?: number;
  /** Ends the connection when the headers have been sent. */
  closesAfterHeaders?: boolean;
  /** Sends only so many bytes of the body, and ends the connection. */
  truncatesBody?: number;
  chunked?: boolean;
  /** Answers `Connection: close` always. */
  refusesKeepAlive?: boolean;
  /** Ends kept connections right when the next request comes. */
  dropsKeptConnections?: boolean;
  /** Every body is this, with this many bytes of white space before it. */
  body?: string;
  padding?: number;
  /** Says so without being asked for it. */
  contentEncoding?: string;
  /** Sends each answer twice. */
  answersTwice?: boolean;
  /** Carries orders out and never answers them. */
  losesOrderAnswers?: boolean;
}
