/** IPMI 2.0 over LAN: bytes to values and back, for the console and for the BMC. No state, no sockets, no randomness of its own. */
export * from './algorithms/authentication.ts';
export * from './algorithms/confidentiality.ts';
export * from './algorithms/integrity.ts';
export * from './algorithms/suites.ts';
export * from './bytes.ts';
export * from './commands.ts';
export * from './handshake.ts';
export * from './keys.ts';
export * from './lan15.ts';
export * from './message.ts';
export * from './rmcp.ts';
export * from './rmcpplus.ts';
export * from './sequence.ts';
export * from './statuses.ts';
export * from './suite-records.ts';
