/** The settings of an SSH device, and what follows from them. */
import { type Evidence, Secret, type SettingsSchema } from '../kit/contract.ts';
import { authorityFault } from './codec/signature.ts';
import { type Dialect, maySudo } from './dialect.ts';
import { DIALECTS, dialectNamed } from './dialects/index.ts';
import { exactWords } from './exact-words.ts';
import { PIN } from './key-names.ts';
import type { CredentialSources } from './login.ts';
import type { TrustSettings } from './trust.ts';

/** A line of a `.pub` file: type, base64, comment. */
const PUBLIC_KEY = /^[a-z0-9@.-]{1,64} [A-Za-z0-9+/]{16,}={0,2}(?: [^\r\n]*)?$/;

export const SETTINGS: SettingsSchema = {
  host: {
    kind: 'string',
    says: 'name or IP address of the device',
    required: true,
    pattern: /^[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*$/,
    maxBytes: 255,
  },
  port: { kind: 'integer', says: 'TCP port of its SSH server', default: 22, min: 1, max: 65_535 },
  username: { kind: 'string', says: 'user to log in as', required: true, pattern: /^[^\0\r\n]+$/, maxBytes: 255 },
  dialect: { kind: 'string', says: 'what is at the other end', required: true, oneOf: [...DIALECTS.map((each) => each.name), 'generic'] },
  hostKey: {
    kind: 'list',
    says: 'fingerprints of its host keys, as bailiff discover or ssh-keygen -l shows them; this, knownHosts or hostCa is needed',
    of: { kind: 'string', says: 'SHA256:… with or without the type of key before it', pattern: PIN },
    maxItems: 16,
  },
  knownHosts: {
    kind: 'string',
    isPath: true,
    says: 'path of a known_hosts file of OpenSSH, with @cert-authority and @revoked; this, hostKey or hostCa is needed',
    maxBytes: 4_096,
  },
  hostCa: {
    kind: 'list',
    says: 'public keys of certificate authorities whose host certificates are taken for this device',
    of: { kind: 'string', says: 'a line of a .pub file: ssh-ed25519 AAAA…', pattern: PUBLIC_KEY, maxBytes: 8_192 },
    maxItems: 16,
  },
  hostCertificate: {
    kind: 'string',
    isPath: true,
    says: 'path of its host certificates (…-cert.pub); absent: the device is asked for them, with ssh-keyscan of OpenSSH',
    maxBytes: 4_096,
  },
  key: { kind: 'secret', says: 'private key (OpenSSH or PEM)' },
  passphrase: { kind: 'secret', says: 'passphrase of an encrypted private key' },
  password: { kind: 'secret', says: 'password, also given to one hidden prompt of keyboard-interactive' },
  agent: { kind: 'string', isPath: true, says: 'path of the socket of an ssh-agent', maxBytes: 255 },
  agentKey: { kind: 'string', says: 'fingerprint of the one key of the agent to offer (SHA256:…)', pattern: /^SHA256:[A-Za-z0-9+/]{43}$/ },
  legacyAlgorithms: { kind: 'boolean', says: 'also accept SHA-1 key exchanges, CBC ciphers and ssh-dss, for old firmware', default: false },
  idle: { kind: 'duration', says: 'how long an unused connection is kept', default: 30_000, min: 0, max: 600_000 },
  keepalive: { kind: 'duration', says: 'time between keepalives; 0s for none', default: 2_000, min: 0, max: 60_000 },
  loginPause: { kind: 'duration', says: 'how long refused credentials are not tried again', default: 60_000, min: 1_000, max: 3_600_000 },
  sudo: { kind: 'boolean', says: "run a host's commands with sudo -n (libvirt, proxmox, obmcutil)", default: false },
  evidence: {
    kind: 'string',
    says: 'dialect generic: device, or target where the commands run on the node itself',
    oneOf: ['device', 'target'],
  },
  prompt: { kind: 'string', says: 'dialect generic: the prompt of an interactive session; absent: one channel per command', maxBytes: 200 },
  outlets: { kind: 'boolean', says: 'dialect generic: outlets have names, put in place of {plug}', default: false },
  commands: {
    kind: 'object',
    says: 'dialect generic: what to send',
    fields: {
      off: { kind: 'string', says: 'switches off', required: true, maxBytes: 500, pattern: /^[^\0-\x1f]+$/ },
      on: { kind: 'string', says: 'switches on', maxBytes: 500, pattern: /^[^\0-\x1f]+$/ },
      read: { kind: 'string', says: 'shows the power', required: true, maxBytes: 500, pattern: /^[^\0-\x1f]+$/ },
    },
  },
  says: {
    kind: 'object',
    says: 'dialect generic: expressions for a whole line of the answer; (?<plug>…) is compared with the outlet',
    fields: {
      on: { kind: 'string', says: 'the line that means on', required: true, maxBytes: 200 },
      off: { kind: 'string', says: 'the line that means off', required: true, maxBytes: 200 },
    },
  },
};

/** A generic outlet's name: letters, digits and a few signs that mean nothing to shells and parsers. */
const GENERIC_PLUG = /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$/;

type Raw = Readonly<Record<string, unknown>>;
const text = (settings: Raw, name: string): string | undefined => (typeof settings[name] === 'string' ? settings[name] : undefined);
const secret = (settings: Raw, name: string): Secret | undefined => (settings[name] instanceof Secret ? settings[name] : undefined);
const number = (settings: Raw, name: string, otherwise: number): number =>
  typeof settings[name] === 'number' ? settings[name] : otherwise;
const texts = (settings: Raw, name: string): readonly string[] =>
  Array.isArray(settings[name]) ? settings[name].filter((each): each is string => typeof each === 'string') : [];
const authoritiesOf = (settings: Raw): readonly Uint8Array[] =>
  texts(settings, 'hostCa').map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64'));
const map = (settings: Raw, name: string): Raw =>
  typeof settings[name] === 'object' && settings[name] !== null ? (settings[name] as Raw) : {};

/** Everything the driver needs, taken out of checked settings. */
export interface Resolved extends TrustSettings {
  readonly dialect: Dialect;
  readonly credentials: CredentialSources;
  readonly agentKey: string | undefined;
  readonly legacy: boolean;
  readonly idleMs: number;
  readonly keepaliveMs: number;
  readonly loginPauseMs: number;
  readonly sudo: boolean;
}

/** The resolved settings, or what is wrong with their combination (one sentence). */
export function resolve(settings: Raw): Resolved | string {
  const dialect = dialectOf(settings);
  if (typeof dialect === 'string') return dialect;
  const problem = combinationFault(settings, dialect);
  if (problem !== undefined) return problem;
  const credentials: CredentialSources = {
    username: text(settings, 'username') ?? '',
    ...given('key', secret(settings, 'key')),
    ...given('passphrase', secret(settings, 'passphrase')),
    ...given('password', secret(settings, 'password')),
    ...given('agent', text(settings, 'agent')),
  };
  return {
    host: text(settings, 'host') ?? '',
    port: number(settings, 'port', 22),
    dialect,
    ...trustOf(settings),
    credentials,
    agentKey: text(settings, 'agentKey'),
    legacy: settings['legacyAlgorithms'] === true,
    idleMs: number(settings, 'idle', 30_000),
    keepaliveMs: dialect.keepalive === false ? 0 : number(settings, 'keepalive', 2_000),
    loginPauseMs: number(settings, 'loginPause', 60_000),
    sudo: settings['sudo'] === true,
  };
}

/** What settings say of the host key. */
export const trustOf = (settings: Raw): Omit<TrustSettings, 'host' | 'port'> => ({
  hostKey: settings['hostKey'] === undefined ? undefined : texts(settings, 'hostKey'),
  knownHosts: text(settings, 'knownHosts'),
  authorities: authoritiesOf(settings),
  certificateFile: text(settings, 'hostCertificate'),
});

const given = <Name extends string, Value>(name: Name, value: Value | undefined): { readonly [key in Name]?: Value } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: Value };

function combinationFault(settings: Raw, dialect: Dialect): string | undefined {
  const has = (name: string): boolean => settings[name] !== undefined;
  const pins = texts(settings, 'hostKey').length;
  const authorities = authoritiesOf(settings);
  if (pins === 0 && authorities.length === 0 && !has('knownHosts'))
    return 'hostKey, knownHosts or hostCa is needed: a host key is never accepted unseen; bailiff discover shows it';
  if (pins > 0 && has('knownHosts')) return 'hostKey and knownHosts exclude each other: one of them is the truth';
  for (const [index, blob] of authorities.entries()) {
    const fault = authorityFault(blob);
    if (fault !== undefined) return `hostCa[${index}]: ${fault}`;
  }
  if (has('hostCertificate') && authorities.length === 0 && !has('knownHosts'))
    return 'hostCertificate is worth what its CA is, and there is none: set hostCa, or knownHosts with @cert-authority';
  if (!has('key') && !has('password') && !has('agent')) return 'key, agent or password is needed to log in';
  if (has('passphrase') && !has('key')) return 'passphrase is for an encrypted key, and there is no key';
  if (has('agentKey') && !has('agent')) return 'agentKey chooses a key of the agent, and there is no agent';
  if (settings['sudo'] === true && !maySudo(dialect)) return `sudo means nothing to the dialect ${dialect.name}`;
  return undefined;
}

/** The dialect that settings name, the generic one built from them; or what is wrong, in a sentence. */
export function dialectOf(settings: Raw): Dialect | string {
  const name = text(settings, 'dialect') ?? '';
  if (name === 'generic') return genericDialect(settings);
  const only = ['commands', 'says', 'prompt', 'evidence'].find((each) => settings[each] !== undefined);
  if (only !== undefined) return `${only} belongs to the dialect generic; ${name} has its own words`;
  return dialectNamed(name) ?? `there is no dialect ${name.slice(0, 40)}`;
}

function genericDialect(settings: Raw): Dialect | string {
  const [commands, says] = [map(settings, 'commands'), map(settings, 'says')];
  const [off, read] = [text(commands, 'off'), text(commands, 'read')];
  const on = text(commands, 'on');
  if (off === undefined || read === undefined) return 'the dialect generic needs commands.off and commands.read';
  const evidence = text(settings, 'evidence');
  if (evidence !== 'device' && evidence !== 'target')
    return 'the dialect generic needs evidence: device, or target where the commands run on the node itself';
  const words = { on: exactWords(text(says, 'on') ?? ''), off: exactWords(text(says, 'off') ?? '') };
  if (typeof words.on === 'string') return `says.on ${words.on}`;
  if (typeof words.off === 'string') return `says.off ${words.off}`;
  const promptText = text(settings, 'prompt');
  const prompt = promptText === undefined ? undefined : exactWords(promptText);
  if (typeof prompt === 'string') return `prompt ${prompt}`;
  const named = settings['outlets'] === true;
  const sent = [off, read, ...(on === undefined ? [] : [on])];
  if (!sent.every((each) => each.includes('{plug}') === named)) {
    const names = words.off.source.includes('(?<plug>');
    if (!named || !names)
      return named
        ? 'with outlets: true every command needs {plug}, or says.on and says.off a (?<plug>…)'
        : 'commands contain {plug}: set outlets: true';
  }
  return {
    name: 'generic',
    says: 'commands and words from the configuration',
    evidence,
    plug: named ? { kind: 'named', pattern: GENERIC_PLUG, says: 'letters, digits and _ . : @ -' } : { kind: 'none' },
    access:
      prompt === undefined
        ? { kind: 'exec', quoting: 'shell', exit: 'needed', atOnce: 1 }
        : { kind: 'terminal', prompt, leave: 'exit', newline: '\r' },
    orders: { off: { send: off }, ...(on === undefined ? {} : { on: { send: on } }) },
    read: {
      send: read,
      // A target's answer can say that it runs, never that it does not.
      rows: [{ line: words.on, power: 'on' }, ...(evidence === 'device' ? [{ line: words.off, power: 'off' } as const] : [])],
      extent: 'lines',
    },
    refusals: [],
    source: 'the configuration',
    testedOn: 'nothing: try it with bailiff conform',
  };
}

/** What readings of these settings prove; for the configuration's lint. Settings that do not resolve prove nothing: target. */
export function evidenceOf(settings: Raw): Evidence {
  const dialect = dialectOf(settings);
  return typeof dialect === 'string' ? 'target' : dialect.evidence;
}

/** Whether outlets of these settings have names. */
export function plugsOf(settings: Raw): 'none' | 'required' {
  const dialect = dialectOf(settings);
  return typeof dialect === 'string' || dialect.plug.kind === 'none' ? 'none' : 'required';
}
