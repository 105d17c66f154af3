/**
 * Answers to Get Chassis Status that claim a power of off and are not protected by anything. A driver that looks at the message before it
 * has checked who sent it would believe one of them. Layouts: IPMI 2.0 sections 13.6 (sessions), 13.8 (messages), 28.2 (the command).
 */
const RMCP = [0x06, 0x00, 0xff, 0x07];
const CONSOLE_ADDRESS = 0x81;
const BMC_ADDRESS = 0x20;
const CHASSIS_RESPONSE = 0x01 << 2;
/** Get Chassis Status. */
const COMMAND_NUMBER = 0x01;
const LARGEST_RQ_SEQ = 63;

const checksum = (bytes: readonly number[]): number => -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;

function message(rqSeq: number): readonly number[] {
  const head = [CONSOLE_ADDRESS, CHASSIS_RESPONSE];
  // Completion code 00h, then current power state with bit 0 clear: off.
  const body = [BMC_ADDRESS, rqSeq << 2, COMMAND_NUMBER, 0x00, 0x00, 0x00, 0x00];
  return [...head, checksum(head), ...body, checksum(body)];
}

/** One for each request number there can be: IPMI 1.5 outside of any session, or RMCP+ with the session's id and no protection. */
export function unauthenticatedOff(session: Uint8Array | undefined): readonly Uint8Array[] {
  return Array.from({ length: LARGEST_RQ_SEQ + 1 }, (_, rqSeq) => {
    const payload = message(rqSeq);
    if (session === undefined) return Uint8Array.from([...RMCP, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, payload.length, ...payload]);
    const sequence = [0xff, 0x7f, 0x00, 0x00];
    return Uint8Array.from([...RMCP, 0x06, 0x00, ...session, ...sequence, payload.length, 0x00, ...payload]);
  });
}
