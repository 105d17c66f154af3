/** The cipher suites of IPMI 2.0 (table 22-20) that can be spoken here: all but those with xRC4. */
import { type Authentication, RAKP_HMAC_MD5, RAKP_HMAC_SHA1, RAKP_HMAC_SHA256, RAKP_NONE } from './authentication.ts';
import { AES_CBC_128, CONFIDENTIALITY_NONE, type Confidentiality } from './confidentiality.ts';
import { HMAC_MD5_128, HMAC_SHA1_96, HMAC_SHA256_128, INTEGRITY_NONE, type Integrity, MD5_128 } from './integrity.ts';

export interface CipherSuite {
  readonly id: number;
  readonly authentication: Authentication;
  readonly integrity: Integrity;
  readonly confidentiality: Confidentiality;
}

const suite = (id: number, authentication: Authentication, integrity: Integrity, confidentiality: Confidentiality): CipherSuite => ({
  id,
  authentication,
  integrity,
  confidentiality,
});

export const CIPHER_SUITES: readonly CipherSuite[] = [
  suite(0, RAKP_NONE, INTEGRITY_NONE, CONFIDENTIALITY_NONE),
  suite(1, RAKP_HMAC_SHA1, INTEGRITY_NONE, CONFIDENTIALITY_NONE),
  suite(2, RAKP_HMAC_SHA1, HMAC_SHA1_96, CONFIDENTIALITY_NONE),
  suite(3, RAKP_HMAC_SHA1, HMAC_SHA1_96, AES_CBC_128),
  suite(6, RAKP_HMAC_MD5, INTEGRITY_NONE, CONFIDENTIALITY_NONE),
  suite(7, RAKP_HMAC_MD5, HMAC_MD5_128, CONFIDENTIALITY_NONE),
  suite(8, RAKP_HMAC_MD5, HMAC_MD5_128, AES_CBC_128),
  suite(11, RAKP_HMAC_MD5, MD5_128, CONFIDENTIALITY_NONE),
  suite(12, RAKP_HMAC_MD5, MD5_128, AES_CBC_128),
  suite(15, RAKP_HMAC_SHA256, INTEGRITY_NONE, CONFIDENTIALITY_NONE),
  suite(16, RAKP_HMAC_SHA256, HMAC_SHA256_128, CONFIDENTIALITY_NONE),
  suite(17, RAKP_HMAC_SHA256, HMAC_SHA256_128, AES_CBC_128),
];

export const cipherSuite = (id: number): CipherSuite | undefined => CIPHER_SUITES.find((candidate) => candidate.id === id);

/** The suite with exactly these three algorithm numbers. */
export function suiteOfAlgorithms(authentication: number, integrity: number, confidentiality: number): CipherSuite | undefined {
  return CIPHER_SUITES.find(
    (candidate) =>
      candidate.authentication.id === authentication &&
      candidate.integrity.id === integrity &&
      candidate.confidentiality.id === confidentiality,
  );
}

/** Without a password check, without integrity or without encryption: only with an explicit permission. */
export const isInsecure = (candidate: CipherSuite): boolean =>
  candidate.authentication.codeLength === 0 || candidate.integrity.codeLength === 0 || candidate.confidentiality.id === 0;
