/** The settings of a fence agent, and what follows from them. */
import { type Evidence, type Place, Secret, type SettingsSchema } from '../kit/contract.ts';
import { type Doubt, doubtOf } from './doubts.ts';
import { isSecretName, OWN_NAMES, PARAMETER_NAME, sameName, valueFault } from './input.ts';
import { AGENT, agentName } from './program.ts';

const MOST_VALUES = 64;

const agentSettings: SettingsSchema = {
  agent: {
    kind: 'string',
    says: 'name of an installed fence agent such as fence_apc, or the absolute path of one',
    required: true,
    pattern: AGENT,
    maxBytes: 1024,
  },
  parameters: {
    kind: 'map',
    says: 'what the agent is told, by the names of its metadata: ip, username, …',
    of: { kind: 'scalar', says: 'a text, a number, or true or false', maxBytes: 4096 },
    names: PARAMETER_NAME,
    maxItems: MOST_VALUES,
  },
  secrets: {
    kind: 'map',
    says: 'parameters whose values are secrets: password, snmp_priv_passwd, …',
    of: { kind: 'secret', says: 'the value' },
    names: PARAMETER_NAME,
    maxItems: MOST_VALUES,
  },
  plugParameter: {
    kind: 'string',
    says: 'the parameter by which the agent is given the name of an outlet; some know only port',
    default: 'plug',
    pattern: PARAMETER_NAME,
  },
  silentOff: {
    kind: 'boolean',
    says: 'believe an off that is told by exit code 2 alone; for agents that never print a line "Status: OFF"',
    default: false,
  },
};

export const SETTINGS: SettingsSchema = {
  ...agentSettings,
  outlets: { kind: 'boolean', says: 'outlets have names (a PDU); false for a device with one outlet (a BMC)', default: false },
  secondReading: {
    kind: 'object',
    says: 'another agent that must read off as well before an off is believed; for agents whose off is no proof',
    fields: {
      ...agentSettings,
      outlets: { kind: 'boolean', says: 'it is given the name of the outlet too', default: false },
    },
  },
};

type Raw = Readonly<Record<string, unknown>>;

export interface AgentUse {
  readonly agent: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly plugParameter: string;
  readonly outlets: boolean;
  readonly silentOff: boolean;
  readonly doubt?: Doubt;
}

export interface Resolved extends AgentUse {
  readonly second?: AgentUse;
}

const isMap = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

function useOf(settings: Raw): AgentUse | string {
  const agent = typeof settings['agent'] === 'string' ? settings['agent'] : '';
  const parameters = Object.fromEntries(
    Object.entries(isMap(settings['parameters']) ? settings['parameters'] : {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
  const secrets = Object.fromEntries(
    Object.entries(isMap(settings['secrets']) ? settings['secrets'] : {}).flatMap(([name, value]) =>
      value instanceof Secret ? [[name, value]] : [],
    ),
  );
  const plugParameter = typeof settings['plugParameter'] === 'string' ? settings['plugParameter'] : 'plug';
  const outlets = settings['outlets'] === true;
  const names = [...Object.keys(parameters), ...Object.keys(secrets)];
  const own = names.find((name) => OWN_NAMES.some((each) => sameName(each, name)) && !(isPlug(name) && !outlets));
  if (own !== undefined) return `parameter ${own} is given by the driver itself`;
  if (outlets && names.some((name) => sameName(name, plugParameter)))
    return `parameter ${plugParameter} is the outlet's, given by the driver itself`;
  const told = Object.keys(parameters).find(isSecretName);
  if (told !== undefined) return `parameter ${told} is a secret: give it under secrets, as a reference`;
  const twice = names.find((name, index) => names.some((other, at) => at < index && sameName(other, name)));
  if (twice !== undefined) return `parameter ${twice} is given twice`;
  for (const [name, value] of Object.entries(parameters)) {
    const fault = valueFault(value);
    if (fault !== undefined) return `the value of ${name} ${fault}`;
  }
  const doubt = doubtOf(agentName(agent), parameters);
  const silentOff = settings['silentOff'] === true;
  return { agent, parameters, secrets, plugParameter, outlets, silentOff, ...(doubt === undefined ? {} : { doubt }) };
}

/** A device with one outlet may have it named in its parameters: that is part of what the device is. */
const isPlug = (name: string): boolean => sameName(name, 'plug') || sameName(name, 'port');

/** What a device's settings come to, or what is wrong with them in a sentence. */
export function resolve(settings: Raw): Resolved | string {
  const first = useOf(settings);
  if (typeof first === 'string' || !isMap(settings['secondReading'])) return first;
  const second = useOf(settings['secondReading']);
  if (typeof second === 'string') return `secondReading: ${second}`;
  if (second.doubt !== undefined) return `secondReading: the off of ${agentName(second.agent)} is no proof either: ${second.doubt.says}`;
  if (agentName(second.agent) === agentName(first.agent)) return 'secondReading: the same agent again is no second reading';
  if (second.outlets && !first.outlets) return 'secondReading: outlets: true, and the device itself has no named outlets';
  return { ...first, second };
}

/** Settings whose off is no proof by itself, or that make no sense, can never confirm. */
export function kindOf(settings: Raw): { readonly evidence: Evidence; readonly plugs: 'none' | 'required' } {
  const resolved = resolve(settings);
  const plugs = settings['outlets'] === true ? 'required' : 'none';
  const proves = typeof resolved !== 'string' && (resolved.doubt === undefined || resolved.second !== undefined);
  return { evidence: proves ? 'device' : 'target', plugs };
}

/** Parameters that say who asks, how, and how long it may take, and nothing of what is switched. */
const MANNERS =
  /^(?:user|login|passw|identity|secure|ssl|tls|ssh|telnet|lanplus|auth|cipher|privlvl|privilege|method|snmp_|community|verbose|debug|quiet|log|disable_|inet|cmd_|command_prompt|power_(?:timeout|wait)|.*_(?:timeout|path)$|delay|retry|stonith_status)/;

/** Agents take the address as `ip` or `ipaddr` and the port as `ipport`; every parameter that may choose among several devices counts. */
export function placeOf(settings: Raw): Place | undefined {
  const parameters = isMap(settings['parameters']) ? settings['parameters'] : {};
  const told = (names: readonly string[]): unknown => names.flatMap((name) => parameters[name] ?? []).at(0);
  const host = told(['ip', 'ipaddr']);
  if (typeof host !== 'string') return undefined;
  const choosing = Object.entries(parameters)
    .filter(([name]) => !['ip', 'ipaddr', 'ipport'].includes(name) && !MANNERS.test(name.replaceAll('-', '_')))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const agent = typeof settings['agent'] === 'string' ? agentName(settings['agent']) : '';
  const port = Number(told(['ipport']) ?? 0);
  return { host, port: Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0, inside: [agent, ...choosing.flat()].join(' ') };
}
