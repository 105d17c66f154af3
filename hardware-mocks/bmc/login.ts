/**
 * The BMC's side of the RMCP+ login: Open Session and RAKP 1 to 4 (IPMI 2.0, sections 13.17 to 13.24 and 13.31). Packets and key derivation
 * are written here on their own, from the specification, not taken from the driver's codec: a mistake on one side shows on the other.
 */
import { timingSafeEqual } from 'node:crypto';
import { rakpHmac } from '../../drivers/ipmi/codec/algorithms/authentication.ts';
import type { CipherSuite } from '../../drivers/ipmi/codec/algorithms/suites.ts';
import type { Faulty } from '../faulty.ts';
import type { Session, SessionTable } from './sessions.ts';
import type { BmcSettings, KnownUser } from './settings.ts';

/** Codes of Open Session and RAKP (IPMI 2.0, table 13-15). */
const CODE = {
  ok: 0x00,
  noResources: 0x01,
  invalidSession: 0x02,
  invalidAuthentication: 0x04,
  invalidIntegrity: 0x05,
  unauthorizedRole: 0x0a,
  invalidNameLength: 0x0c,
  unauthorizedName: 0x0d,
  invalidCheckValue: 0x0f,
  invalidConfidentiality: 0x10,
  noSuiteMatch: 0x11,
  illegalParameter: 0x12,
} as const;

const NO_ID = new Uint8Array(4);
const HIGHEST_PRIVILEGE = 4;
/** 4 bytes of head, an id, 16 random bytes, role, two reserved, name length. */
const RAKP1_HEAD = 28;

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;
const idAt = (bytes: Uint8Array, index: number): number => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(index);

export class Login {
  readonly #settings: BmcSettings;
  readonly #sessions: SessionTable;
  readonly #faults: Faulty;

  constructor(settings: BmcSettings, sessions: SessionTable, faults: Faulty) {
    this.#settings = settings;
    this.#sessions = sessions;
    this.#faults = faults;
  }

  /** Open Session Request to Open Session Response; undefined: not worth an answer. */
  open(request: Uint8Array): Uint8Array | undefined {
    if (request.length < 8) return undefined;
    const tag = at(request, 0);
    const consoleId = request.slice(4, 8);
    if (request.length !== 32) return this.#refuse(tag, CODE.illegalParameter, consoleId);
    const suite = this.#suiteAsked(request);
    if (typeof suite === 'number') return this.#refuse(tag, suite, consoleId);
    const asked = at(request, 1) & 0x0f;
    if (asked > 5 || idAt(request, 4) === 0) return this.#refuse(tag, CODE.illegalParameter, consoleId);
    const ceiling = asked === 0 || asked > HIGHEST_PRIVILEGE ? HIGHEST_PRIVILEGE : asked;
    const session = this.#faults.login() === 'exhausted' ? undefined : this.#sessions.open(consoleId, suite, ceiling);
    if (session === undefined) return this.#refuse(tag, CODE.noResources, consoleId);
    return join(Uint8Array.of(tag, CODE.ok, ceiling, 0), consoleId, session.idBytes, request.subarray(8, 32));
  }

  /** RAKP 1 to RAKP 2: the BMC shows that it knows the password. A repeated RAKP 1 gets the same own random. */
  rakp1(message: Uint8Array): Uint8Array | undefined {
    if (message.length < RAKP1_HEAD) return undefined;
    const tag = at(message, 0);
    const session = this.#sessions.find(idAt(message, 4));
    if (session === undefined || session.stage === 'active') return this.#refuse(tag, CODE.invalidSession, NO_ID);
    if (session.stage === 'challenged' && this.#settings.habits.answersOnce === true) return undefined;
    const nameLength = at(message, 27);
    if (nameLength > 16 || message.length < RAKP1_HEAD + nameLength) return this.#giveUp(session, tag, CODE.invalidNameLength);
    if (this.#faults.login() === 'locked-out') return this.#giveUp(session, tag, CODE.unauthorizedName);
    const name = message.slice(RAKP1_HEAD, RAKP1_HEAD + nameLength);
    const role = at(message, 24);
    const user = this.#userNamed(name, role);
    if (user === undefined) {
      if (this.#settings.unknownUser === 'silent') return undefined;
      return this.#giveUp(session, tag, CODE.unauthorizedName);
    }
    const asked = role & 0x0f;
    if (asked > Math.min(user.privilege, session.ceiling)) return this.#giveUp(session, tag, CODE.unauthorizedRole);
    session.user = user;
    session.role = role;
    session.limit = asked === 0 ? Math.min(user.privilege, session.ceiling) : asked;
    session.consoleRandom = message.slice(8, 24);
    if (this.#settings.habits.drawsAgain === true) session.ownRandom.value = undefined;
    session.ownRandom.value ??= this.#settings.bytes(16);
    session.stage = 'challenged';
    this.#sessions.touch(session);
    const code = rakpHmac(
      session.suite.authentication,
      user.password,
      join(
        session.consoleId,
        session.idBytes,
        session.consoleRandom,
        session.ownRandom.value,
        this.#settings.guid,
        roleAndName(session, user),
      ),
    );
    return join(Uint8Array.of(tag, CODE.ok, 0, 0), session.consoleId, session.ownRandom.value, this.#settings.guid, code);
  }

  /** RAKP 3 to RAKP 4: the console shows that it knows the password, the BMC that it has the session key. */
  rakp3(message: Uint8Array): Uint8Array | undefined {
    if (message.length < 8) return undefined;
    const tag = at(message, 0);
    const session = this.#sessions.find(idAt(message, 4));
    const { user } = session ?? {};
    const own = session?.ownRandom.value;
    if (session === undefined || session.stage === 'opened' || user === undefined || own === undefined) {
      return this.#refuse(tag, CODE.invalidSession, NO_ID);
    }
    if (at(message, 1) !== CODE.ok) {
      // Of the reasons that a console may give only this one speaks of the password; others give half a login back.
      if (at(message, 1) === CODE.invalidCheckValue) this.#faults.badPassword();
      if (session.stage !== 'active') this.#sessions.close(session);
      return undefined;
    }
    const { authentication } = session.suite;
    const wanted = rakpHmac(authentication, user.password, join(own, session.consoleId, roleAndName(session, user)));
    const shown = message.subarray(8);
    if (shown.length !== wanted.length || !timingSafeEqual(shown, wanted)) {
      this.#faults.badPassword();
      if (session.stage === 'active') return undefined;
      return this.#giveUp(session, tag, CODE.invalidCheckValue);
    }
    if (session.stage === 'active' && this.#settings.habits.answersOnce === true) return undefined;
    if (session.stage !== 'active') this.#activate(session, user, own);
    this.#sessions.touch(session);
    return join(Uint8Array.of(tag, CODE.ok, 0, 0), session.consoleId, session.checkValue);
  }

  #activate(session: Session, user: KnownUser, own: Uint8Array): void {
    const { authentication, integrity } = session.suite;
    const sessionKeyMadeWith = this.#settings.kg === undefined ? user.password : this.#settings.kg;
    const sik = rakpHmac(authentication, sessionKeyMadeWith, join(session.consoleRandom, own, roleAndName(session, user)));
    const constant = (value: number): Uint8Array => rakpHmac(authentication, sik, new Uint8Array(20).fill(value));
    const check = rakpHmac(authentication, sik, join(session.consoleRandom, session.idBytes, this.#settings.guid));
    const password20 = join(user.password, new Uint8Array(20 - user.password.length));
    session.checkValue = check.subarray(0, authentication.checkLength);
    session.keys = {
      suite: session.suite,
      integrityKey: integrity.keyedBy === 'password' ? password20 : constant(1),
      aesKey: constant(2).subarray(0, 16),
    };
    // Sessions begin as user, or as callback where the login asked for no more.
    session.privilege = Math.min(session.privilege, session.limit);
    session.stage = 'active';
    this.#sessions.count.activated += 1;
  }

  /** The offered suite with these algorithms, or the code that says which of them is not on offer. */
  #suiteAsked(request: Uint8Array): CipherSuite | number {
    for (let payload = 0; payload < 3; payload += 1) {
      const head = 8 + payload * 8;
      if (at(request, head) !== payload || at(request, head + 3) !== 8) return CODE.illegalParameter;
    }
    const [authentication, integrity, confidentiality] = [at(request, 12) & 0x3f, at(request, 20) & 0x3f, at(request, 28) & 0x3f];
    const { suites } = this.#settings;
    if (!suites.some((suite) => suite.authentication.id === authentication)) return CODE.invalidAuthentication;
    if (!suites.some((suite) => suite.integrity.id === integrity)) return CODE.invalidIntegrity;
    if (!suites.some((suite) => suite.confidentiality.id === confidentiality)) return CODE.invalidConfidentiality;
    const exact = suites.find(
      (suite) =>
        suite.authentication.id === authentication && suite.integrity.id === integrity && suite.confidentiality.id === confidentiality,
    );
    return exact ?? CODE.noSuiteMatch;
  }

  /** Role bit 4 clear: name and privilege must both match (IPMI 2.0, table 13-11); set: the name alone. */
  #userNamed(name: Uint8Array, role: number): KnownUser | undefined {
    const exactPrivilege = (role & 0x10) === 0 ? role & 0x0f : 0;
    return this.#settings.users.find(
      (user) => user.enabled && Buffer.compare(user.name, name) === 0 && (exactPrivilege === 0 || user.privilege === exactPrivilege),
    );
  }

  #giveUp(session: Session, tag: number, code: number): Uint8Array {
    this.#sessions.close(session);
    return this.#refuse(tag, code, session.consoleId);
  }

  #refuse(tag: number, code: number, consoleId: Uint8Array): Uint8Array {
    if (this.#settings.errorShape === 'two-bytes') return Uint8Array.of(tag, code);
    if (this.#settings.errorShape === 'untagged') return join(Uint8Array.of(0, code, 0, 0), NO_ID);
    return join(Uint8Array.of(tag, code, 0, 0), consoleId);
  }
}

function roleAndName(session: Session, user: KnownUser): Uint8Array {
  return join(Uint8Array.of(session.role, user.name.length), user.name);
}
