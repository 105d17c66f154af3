/** Codes and keys of the login, and whole sessions built from fixed randomness. */
import { describe, expect, test } from 'vitest';
import {
  additionalKey,
  decodeRakp1,
  decodeRakp2,
  decodeRakp3,
  decodeRakp4,
  decodeSetup,
  type Exchange,
  openPlus,
  rakp2Code,
  rakp3Code,
  rakp4Code,
  sealPlus,
  sessionIntegrityKey,
  sessionKeys,
  suiteOfAlgorithms,
  toHex,
} from '../../drivers/ipmi/codec/index.ts';
import { fixed, hex, idOf, suiteById, text, vectors } from './ipmi-vectors.ts';

interface Listed {
  readonly consoleSessionId: string;
  readonly bmcSessionId: string;
  readonly Rm: string;
  readonly Rc: string;
  readonly guid: string;
  readonly roleByte: number;
  readonly username: string;
}

const exchangeOf = (listed: Listed): Exchange => ({
  consoleSessionId: idOf(listed.consoleSessionId),
  bmcSessionId: idOf(listed.bmcSessionId),
  consoleRandom: hex(listed.Rm),
  bmcRandom: hex(listed.Rc),
  guid: hex(listed.guid),
  role: listed.roleByte,
  user: text(listed.username),
});

const suiteWith = (authentication: number) => [0, 3, 8, 17].map(suiteById).find((suite) => suite.authentication.id === authentication);

describe('codes of fixed logins', () => {
  test.each(fixed.rakp.map((each, index) => [`${index}: algorithm ${each.authAlg}, user '${each.username}'`, each] as const))(
    '%s',
    (_, each) => {
      const authentication = suiteWith(each.authAlg)?.authentication;
      if (authentication === undefined) throw new Error('unknown algorithm');
      const exchange = exchangeOf(each);
      const password = text(each.password);
      expect(toHex(rakp2Code(authentication, exchange, password))).toBe(each.rakp2Code);
      expect(toHex(rakp3Code(authentication, exchange, password))).toBe(each.rakp3Code);
      const sik = sessionIntegrityKey(authentication, exchange, password, each.kg === null ? undefined : text(each.kg));
      expect(toHex(sik)).toBe(each.SIK);
      expect(toHex(additionalKey(authentication, sik, 1))).toBe(each.K1);
      expect(toHex(additionalKey(authentication, sik, 2))).toBe(each.K2);
      expect(toHex(rakp4Code(authentication, exchange, sik))).toBe(each.rakp4Icv);
    },
  );
});

describe('keys of captured sessions follow from password, ids and randoms', () => {
  const complete = vectors.flatMap((each) =>
    each.derived === null || each.derived === undefined ? [] : [{ ...each, derived: each.derived }],
  );
  test.each(complete.map((each) => [each.name, each] as const))('%s', (name, { parameters, derived, packets }) => {
    const suite = suiteOfAlgorithms(parameters.authAlg ?? -1, parameters.integrityAlg ?? -1, parameters.confAlg ?? -1);
    if (suite === undefined) throw new Error('unknown suite');
    const exchange = exchangeOf(derived);
    const password = text(parameters.password ?? '');
    const kg = parameters.kg ?? null;
    const sik = sessionIntegrityKey(suite.authentication, exchange, password, kg === null ? undefined : text(kg));
    expect(toHex(sik)).toBe(derived.SIK);
    const keys = sessionKeys(suite, sik, password);
    if (derived.K1 !== null && suite.integrity.keyedBy === 'k1') expect(toHex(keys.integrityKey)).toBe(derived.K1);
    if (derived.aesKey !== null) expect(toHex(keys.aesKey)).toBe(derived.aesKey);
    const payloads = (type: string) =>
      packets.flatMap((packet) => {
        const setup = packet.type === type ? decodeSetup(hex(packet.hex)) : undefined;
        return setup?.ok === true ? [setup.value.payload] : [];
      });
    const rakp4 = payloads('RMCP+ RAKP4').map(decodeRakp4).at(-1);
    if (rakp4?.ok === true && rakp4.value.kind === 'accepted') {
      expect(toHex(rakp4.value.code)).toBe(toHex(rakp4Code(suite.authentication, exchange, sik)));
    }
    const last = { rakp1: payloads('RMCP+ RAKP1').map(decodeRakp1).at(-1), rakp2: payloads('RMCP+ RAKP2').map(decodeRakp2).at(-1) };
    if (last.rakp1?.ok !== true || last.rakp2?.ok !== true || last.rakp2.value.kind !== 'accepted')
      throw new Error(`${name} has no RAKP 1 or 2`);
    expect(last.rakp1.value.user).toEqual(exchange.user);
    expect(toHex(last.rakp2.value.code)).toBe(toHex(rakp2Code(suite.authentication, exchange, password)));
    const rakp3 = payloads('RMCP+ RAKP3').map(decodeRakp3).at(-1);
    if (rakp3?.ok === true) expect(toHex(rakp3.value.code)).toBe(toHex(rakp3Code(suite.authentication, exchange, password)));
  });
});

describe('whole sessions from fixed randomness have exactly the listed bytes', () => {
  test.each(fixed.fixedSessions.map((each) => [each.cipherSuite, each] as const))('suite %i', (id, session) => {
    const suite = suiteById(id);
    const exchange = exchangeOf(session);
    const password = text(session.password);
    const keys = sessionKeys(suite, sessionIntegrityKey(suite.authentication, exchange, password), password);
    let compared = 0;
    for (const packet of session.packets) {
      if (packet.plain === undefined) continue;
      const sessionId = packet.dir === 'console->bmc' ? exchange.bmcSessionId : exchange.consoleSessionId;
      const plain = { payloadType: 0, sessionId, sequence: packet.seq ?? 0, payload: hex(packet.plain) };
      expect(toHex(sealPlus(plain, keys, hex(packet.iv ?? '')))).toBe(packet.hex);
      expect(openPlus(hex(packet.hex), keys)).toEqual({ ok: true, value: plain });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(10);
  });
});
