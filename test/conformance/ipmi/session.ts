/** What the header of RMCP+ tells without a key: authentication type at 4, payload type at 5, session id at 6 to 9 (IPMI 2.0 section 13.6). */
const AUTHENTICATION_TYPE = 4;
const RMCP_PLUS = 0x06;
const PAYLOAD_TYPE = 5;
const SESSION_ID = 6;
/** Bits 0 to 5 of the payload type. */
const IPMI_MESSAGE = 0x00;
const OPEN_SESSION_REQUEST = 0x10;

export const sessionId = (datagram: Uint8Array): Uint8Array => datagram.subarray(SESSION_ID, SESSION_ID + 4);

/** An IPMI message within a session: what follows the login, and so everything that tells or switches power. */
export function withinSession(datagram: Uint8Array): boolean {
  return (
    datagram[AUTHENTICATION_TYPE] === RMCP_PLUS &&
    ((datagram[PAYLOAD_TYPE] ?? 0) & 0x3f) === IPMI_MESSAGE &&
    sessionId(datagram).some((byte) => byte !== 0)
  );
}

/** How many logins were begun in a transcript. */
export function loginsIn(transcript: readonly string[]): number {
  const asked = transcript.filter((line) => line.startsWith('> ')).map((line) => Buffer.from(line.slice(2), 'hex'));
  return asked.filter((datagram) => datagram[PAYLOAD_TYPE] === OPEN_SESSION_REQUEST).length;
}
