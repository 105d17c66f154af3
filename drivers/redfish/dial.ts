/**
 * Opens connections to a device and lets only the right one through: a certificate is judged before the first byte is sent, so that no
 * password ever reaches a stranger.
 */
import { readFile, stat } from 'node:fs/promises';
import { constants } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { Problem, Where } from '../kit/contract.ts';
import type { RunningDeadline } from '../kit/deadline.ts';
import { certificateChanged, certificateRefused, fileUnreadable, tlsFailed, unreachable } from './problems.ts';
import type { Trust } from './settings.ts';

export interface DialTo {
  readonly host: string;
  readonly port: number;
  readonly trust: Trust;
  readonly legacyTls: boolean;
}

/** What was seen of a certificate. */
export interface SeenCertificate {
  /** `AB:CD:…`, SHA-256 over the whole certificate. */
  readonly fingerprint: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly protocol: string;
}

export interface Dialled {
  readonly socket: Socket;
  readonly certificate: SeenCertificate | undefined;
}

const MAX_CA_BYTES = 1024 * 1024;
/** The host's name or address is not that of the certificate, or OpenSSL did not like the chain: nothing about the network. */
const CERTIFICATE_ERROR =
  /^(?:ERR_TLS_CERT_ALTNAME|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|INVALID_CA|HOSTNAME_MISMATCH|INVALID_PURPOSE|ERROR_IN_CERT|EE_KEY|CA_)/;
const TLS_ERROR = /^(?:ERR_SSL_|ERR_TLS_|EPROTO)/;

/** A connected socket that may be trusted, or why there is none. Nothing is left behind when the deadline is over first. */
export async function dial(to: DialTo, deadline: RunningDeadline): Promise<Dialled | Problem> {
  const { where } = deadline;
  deadline.step = 'connecting';
  const ca = to.trust.kind === 'ca' ? await readCa(to.trust.file, deadline) : '';
  if (typeof ca !== 'string') return ca;
  if (deadline.over !== undefined) return deadline.over;
  return await new Promise((resolve) => {
    const socket = to.trust.kind === 'plain' ? connectTcp({ host: to.host, port: to.port, noDelay: true }) : connectTls(tlsOptions(to, ca));
    const settle = (result: Dialled | Problem): void => {
      forget();
      socket.off('error', failed);
      socket.off('close', closed);
      if ('code' in result) {
        socket.on('error', () => undefined);
        socket.destroy();
      }
      resolve(result);
    };
    const failed = (error: NodeJS.ErrnoException): void => settle(dialProblem(where, error, socket));
    const closed = (): void => settle(unreachable(where, 'the connection was closed before it was ready'));
    const forget = deadline.onOver(() => settle(deadline.over ?? unreachable(where, 'it was cancelled')));
    socket.once('error', failed);
    socket.once('close', closed);
    socket.once(to.trust.kind === 'plain' ? 'connect' : 'secureConnect', () => settle(judged(where, to.trust, socket)));
  });
}

function tlsOptions(to: DialTo, ca: string): ConnectionOptions {
  const { trust } = to;
  const name = trust.kind === 'ca' ? (trust.serverName ?? to.host) : to.host;
  return {
    host: to.host,
    port: to.port,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // Judged by its fingerprint once the handshake is done and before anything is written.
    ...(trust.kind === 'ca'
      ? { ca, rejectUnauthorized: true, checkServerIdentity: (_asked: string, shown: PeerCertificate) => checkServerIdentity(name, shown) }
      : { rejectUnauthorized: false }),
    ...(to.legacyTls
      ? { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0', secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT }
      : { minVersion: 'TLSv1.2' }),
  };
}

const isTls = (socket: Socket): socket is TLSSocket => 'encrypted' in socket && socket.encrypted === true;

function judged(where: Where, trust: Trust, socket: Socket): Dialled | Problem {
  socket.setNoDelay(true);
  const certificate = isTls(socket) ? seen(socket) : undefined;
  if (trust.kind === 'plain' || trust.kind === 'anybody') return { socket, certificate };
  if (certificate === undefined) return tlsFailed(where, 'it shows no certificate');
  if (trust.kind === 'pins' && !trust.pins.includes(certificate.fingerprint))
    return certificateChanged(where, certificate.fingerprint, trust.pins);
  if (trust.kind === 'ca' && isTls(socket) && !socket.authorized)
    return certificateRefused(where, certificate.fingerprint, 'it was not verified');
  return { socket, certificate };
}

function seen(socket: TLSSocket): SeenCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return {
    fingerprint: certificate.fingerprint256,
    subject: certificate.subject.replaceAll('\n', ', ').slice(0, 200),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    protocol: socket.getProtocol() ?? 'TLS',
  };
}

function dialProblem(where: Where, error: NodeJS.ErrnoException, socket: Socket): Problem {
  const code = error.code ?? '';
  if (CERTIFICATE_ERROR.test(code)) {
    const shown = isTls(socket) ? seen(socket)?.fingerprint : undefined;
    return certificateRefused(where, shown ?? 'not seen', `${code} ${error.message}`.slice(0, 200));
  }
  if (TLS_ERROR.test(code)) return tlsFailed(where, `${code} ${error.message}`.replace(/[0-9A-F]{8,}:/g, '').slice(0, 200));
  return unreachable(where, code === '' ? error.message.slice(0, 200) : code);
}

async function readCa(file: string, deadline: RunningDeadline): Promise<string | Problem> {
  try {
    const found = await deadline.orOver(stat(file));
    if (found === undefined) return deadline.over ?? fileUnreadable(deadline.where, file, 'it was not read in time');
    if (found.size > MAX_CA_BYTES) return fileUnreadable(deadline.where, file, `it is larger than ${MAX_CA_BYTES} bytes`);
    const ca = await deadline.orOver(readFile(file, 'utf8'));
    if (ca === undefined) return deadline.over ?? fileUnreadable(deadline.where, file, 'it was not read in time');
    // An empty list of CAs would be taken for "those of the system".
    return ca.includes('-----BEGIN CERTIFICATE-----') ? ca : fileUnreadable(deadline.where, file, 'it holds no certificate in PEM form');
  } catch (error) {
    return fileUnreadable(deadline.where, file, error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason');
  }
}
